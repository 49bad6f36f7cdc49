"""Processes that read the pages of one document side by side; one that dies or hangs costs only its page."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from services.ocr.places import Places
from shared.confinement import end_with_parent
from shared.errors import BinderyError, OutOfMemory

#: A process is replaced after so many pages, or once it holds so much: what libraries keep goes with it.
_MOST_PAGES, _MOST_HELD_BYTES = 50, 850 << 20
#: How often a document that has fewer processes than it could use looks for a free place.
_LOOK_EVERY_S = 1.0
#: A process that was told to end is killed after so long.
_ENDS_WITHIN_S = 5.0
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Lost:
    """A page that was not read, and why."""

    index: int
    reason: str


@dataclass
class _Reader:
    process: Any
    channel: Connection
    index: int | None = None
    started_s: float = 0.0
    pages: int = 0
    held_bytes: int = 0


class Readers:
    """Reads pages with `read`, a function of a page's index that is called in forked copies of this process.

    Args:
        most: processes at once; fewer while other documents need the places.
        page_limit_s: a page that takes longer is lost.
        memory_bytes: address space of each process; a page that needs more is lost.
    """

    def __init__(
        self, read: Callable[[int], Any], *, places: Places, most: int, page_limit_s: float, memory_bytes: int
    ) -> None:
        self._read, self._places, self._most = read, places, most
        self._page_limit_s, self._memory_bytes = page_limit_s, memory_bytes
        self._readers: list[_Reader] = []
        self._waiting: deque[int] = deque()
        #: Pages on which a process died that had read others before: perhaps it was not their fault.
        self._tried: set[int] = set()

    def outcomes(self, indexes: Sequence[int]) -> Generator[Any]:
        """What `read` returns for each page, or Lost, in the order in which they end.

        Raises the BinderyError that `read` raises, with which no page can be read, and OutOfMemory without any process.
        """
        self._waiting.extend(indexes)
        try:
            while self._waiting or any(reader.index is not None for reader in self._readers):
                self._hand_out()
                yield from self._ended()
        finally:
            for reader in self._readers:
                reader.process.kill()
            for reader in list(self._readers):
                self._part_with(reader)

    def give_up(self, reason: str) -> list[Lost]:
        """Take back the pages that nobody has begun with."""
        lost = [Lost(index, reason) for index in self._waiting]
        self._waiting.clear()
        return lost

    def _hand_out(self) -> None:
        for reader in [one for one in self._readers if one.index is None]:
            crowded = len(self._readers) > 1 and self._places.taken() > self._most
            worn = reader.pages >= _MOST_PAGES or reader.held_bytes > _MOST_HELD_BYTES
            if crowded or worn or not self._waiting:
                self._part_with(reader)
            else:
                self._give(reader)
        while self._waiting and (not self._readers or self._has_place()):
            self._give(self._started())

    def _has_place(self) -> bool:
        # Those of this document that have only just started may not have taken their places yet.
        return len(self._readers) < self._most and self._places.taken() < self._most

    def _started(self) -> _Reader:
        ours, theirs = _FORK.Pipe()
        process = _FORK.Process(target=self._serve, args=(theirs, ours), daemon=True)
        process.start()
        theirs.close()
        self._readers.append(_Reader(process, ours))
        try:
            # It says so when it has taken its place.
            ours.recv()
        except (EOFError, ConnectionError):
            raise OutOfMemory("There is no memory for a process that reads pages.") from None
        return self._readers[-1]

    def _give(self, reader: _Reader) -> None:
        reader.index, reader.started_s = self._waiting.popleft(), time.monotonic()
        reader.channel.send(reader.index)

    def _part_with(self, reader: _Reader) -> None:
        """Let it end, and see to it that it does."""
        self._readers.remove(reader)
        with suppress(OSError):
            reader.channel.send(None)
        reader.channel.close()
        reader.process.join(_ENDS_WITHIN_S)
        if reader.process.exitcode is None:
            reader.process.kill()
            reader.process.join()
        reader.process.close()

    def _ended(self) -> Iterator[Any]:
        busy = [reader for reader in self._readers if reader.index is not None]
        now_s = time.monotonic()
        left_s = max(0.0, min((reader.started_s + self._page_limit_s - now_s for reader in busy), default=0.0))
        if self._waiting and len(self._readers) < self._most:
            left_s = min(left_s, _LOOK_EVERY_S)
        ready = wait([reader.channel for reader in busy], left_s)
        for reader in busy:
            if reader.channel in ready:
                yield from self._answer(reader)
            elif time.monotonic() - reader.started_s >= self._page_limit_s:
                reader.process.kill()
                yield self._lose(reader, f"it took longer than the {self._page_limit_s:.0f} s that a page may take")

    def _answer(self, reader: _Reader) -> Iterator[Any]:
        try:
            outcome, reader.held_bytes = reader.channel.recv()
        except (EOFError, ConnectionError):
            reader.process.join()
            yield from self._died(reader)
            return
        reader.index, reader.pages = None, reader.pages + 1
        if isinstance(outcome, BinderyError):
            raise outcome
        yield outcome

    def _died(self, reader: _Reader) -> Iterator[Lost]:
        index = reader.index
        assert index is not None
        if reader.pages and index not in self._tried:
            self._tried.add(index)
            self._waiting.appendleft(index)
            self._part_with(reader)
            return
        yield self._lose(reader, f"the process that read it {_how(reader.process.exitcode)}")

    def _lose(self, reader: _Reader, reason: str) -> Lost:
        assert reader.index is not None
        lost = Lost(reader.index, reason)
        self._part_with(reader)
        return lost

    def _serve(self, channel: Connection, parents: Connection) -> None:
        """In the forked process: read what is asked for until nobody is there to ask."""
        end_with_parent()
        # A copy of an end that is the parent's alone would keep it open when the parent has closed it.
        for copied in (parents, *(other.channel for other in self._readers)):
            copied.close()
        _limit_memory(self._memory_bytes)
        self._places.take()
        channel.send(None)
        while True:
            index = channel.recv()
            if index is None:
                return
            channel.send((self._outcome(index), _held_bytes()))

    def _outcome(self, index: int) -> Any:
        try:
            return self._read(index)
        except BinderyError as error:
            return error
        except MemoryError:
            return Lost(index, f"it needs more than the {self._memory_bytes >> 20} MB that a page may take")
        except Exception as error:  # noqa: BLE001 - whatever an engine raises on one page, the others are kept
            traceback.print_exc(file=sys.stderr)
            return Lost(index, f"the engine failed on it ({type(error).__name__})")


def _limit_memory(memory_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _held_bytes() -> int:
    """Resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"was ended by {signal.Signals(-exit_code).name}"
    return f"ended with exit code {exit_code}"

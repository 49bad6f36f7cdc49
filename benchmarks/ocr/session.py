"""Runs a program over the pages of one kind in a fork, and tells what it cost and how much it read rightly."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.ocr.pages import TestPage
from benchmarks.ocr.programs import Program, document_of
from benchmarks.ocr.score import Score, scored

#: How often the memory of a fork is looked at.
_LOOK_S = 0.1


@dataclass
class Record:
    """One program over the pages of one kind and language in one condition."""

    condition: str
    kind: str
    program: str
    score: Score
    #: User and system, of the fork and all that it started.
    cpu_s: float
    #: Of the largest process at its peak; `private` is what a further process that reads would add.
    peak_mb: int
    private_mb: int
    bytes_in: int
    bytes_out: int
    failed: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For the file of results."""
        return asdict(self)


def measured(program: Program, condition: str, pages: Sequence[TestPage]) -> Record:
    """Run it. A program that fails has read nothing; `failed` says why."""
    with tempfile.TemporaryDirectory(prefix="bench-ocr-") as name:
        folder = Path(name)
        source = document_of(pages, folder)
        cpu_s, peak_mb, private_mb, failed = _forked(program, pages, folder)
        found = program.read(pages, folder) if failed is None else [[] for _ in pages]
        written = folder / "out.pdf"
        total = Score()
        for page, words in zip(pages, found, strict=True):
            total += scored(page.truth, words, page.places, was_moved=program.moves_page)
        return Record(
            condition, pages[0].source.kind, program.name, total, cpu_s, peak_mb, private_mb,
            source.stat().st_size, written.stat().st_size if program.writes_pdf and written.exists() else 0, failed,
        )  # fmt: skip


def _forked(program: Program, pages: Sequence[TestPage], folder: Path) -> tuple[float, int, int, str | None]:
    child = os.fork()
    if not child:
        code = 1
        try:
            program.run(pages, folder)
            code = 0
        except BaseException:  # noqa: BLE001 - told by the parent
            (folder / "error").write_text(traceback.format_exc())
        finally:
            os._exit(code)
    looked: list[int] = [0]
    done = threading.Event()
    looking = threading.Thread(target=_watch, args=(child, looked, done))
    looking.start()
    try:
        _, status, usage = os.wait4(child, 0)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        done.set()
        looking.join()
    error = folder / "error"
    code = os.waitstatus_to_exitcode(status)
    failed = None if not code else (error.read_text()[-300:] if error.exists() else f"exit code {code}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, looked[0], failed


def _watch(child: int, peak_mb: list[int], done: threading.Event) -> None:
    while not done.wait(_LOOK_S):
        for process in _descendants(child):
            with suppress(OSError):
                peak_mb[0] = max(peak_mb[0], private_mb(process))


def _descendants(process: int) -> list[int]:
    """A process and those below it: ours reads pages in forks of its own."""
    found = [process]
    for one in found:
        with suppress(OSError):
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return found


def private_mb(process: int) -> int:
    """Memory that no other process shares. Raises OSError when it is gone."""
    rows = (line.split() for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:])
    return sum(int(size) for name, size, *_ in rows if name.startswith("Private_")) // 1024

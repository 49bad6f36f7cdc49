"""Keeps a set of processes running: starts again what died, later each time, and stops all of them in order."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FrameType

from cli import child_process
from cli.errors import SetUpError

#: Wait before a program that died is started again: doubled each time, up to the longest.
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30
#: A program that ran for so long is well again: its next end counts as the first.
_WELL_AFTER_S = 60
_LOOK_EVERY_S = 0.1


@dataclass
class Part:
    """One process of the platform and how it is started."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    #: What asks it to end in order, and how long that may take.
    stop_signal: signal.Signals
    stop_s: float
    #: Parts of a lower stage start before and stop after those of a higher one; one stage stops together.
    stage: int
    process: subprocess.Popen[bytes] | None = None
    wait_s: float = _FIRST_WAIT_S
    started_at_s: float = 0.0
    start_again_at_s: float | None = None

    def run(self) -> None:
        """Start it now."""
        self.process = self.start()
        self.started_at_s = time.monotonic()
        self.start_again_at_s = None


class Supervisor:
    """Watches over parts until somebody asks this process to end. Use it in the main thread only.

    `tell` shows one line to whoever started it.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._parts: list[Part] = []
        #: Requests to end so far. Plain numbers: a signal handler must not take locks.
        self._asked = 0
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked += 1

    @property
    def stopping(self) -> bool:
        """Whether somebody asked to end."""
        return self._asked > 0

    def add(self, part: Part) -> None:
        """Watch over one more part and start it unless it runs."""
        self._parts.append(part)
        if part.process is None:
            part.run()
        part.started_at_s = time.monotonic()

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Look after the parts until `until` says so or somebody asks to end."""
        while not self.stopping and not until():
            for part in self._parts:
                self._look_after(part)
            time.sleep(_LOOK_EVERY_S)

    def _look_after(self, part: Part) -> None:
        now_s = time.monotonic()
        if part.start_again_at_s is not None:
            if now_s >= part.start_again_at_s:
                self._start_again(part)
            return
        assert part.process
        if part.process.poll() is None:
            return
        # What it left running must not stand in the way of its successor.
        child_process.kill(part.process)
        if now_s - part.started_at_s >= _WELL_AFTER_S:
            part.wait_s = _FIRST_WAIT_S
        self._tell(f"warning: {part.name} {how_it_ended(part.process)}; it starts again in {part.wait_s:g} s")
        self._start_later(part)

    def _start_again(self, part: Part) -> None:
        try:
            part.run()
        except (SetUpError, OSError) as error:
            self._tell(f"warning: {part.name} does not start: {error}")
            self._start_later(part)

    def _start_later(self, part: Part) -> None:
        part.start_again_at_s = time.monotonic() + part.wait_s
        part.wait_s = min(2 * part.wait_s, _LONGEST_WAIT_S)

    def stop(self) -> None:
        """End every part, the last stage first; a second request to end kills what is left at once."""
        asked_before = self._asked
        for stage in sorted({part.stage for part in self._parts}, reverse=True):
            running = [part for part in self._parts if part.stage == stage and part.process]
            self._stop_together(running, lambda: self._asked > max(asked_before, 1))

    @staticmethod
    def _stop_together(parts: Iterable[Part], hurry: Callable[[], bool]) -> None:
        now_s = time.monotonic()
        waiting = {part.name: (part.process, now_s + part.stop_s) for part in parts if part.process}
        for part in parts:
            if part.process and part.process.poll() is None:
                part.process.send_signal(part.stop_signal)
        while waiting:
            for name, (process, deadline_s) in list(waiting.items()):
                if process.poll() is not None or hurry() or time.monotonic() > deadline_s:
                    # Its group too: a part may leave programs of its own behind.
                    child_process.kill(process)
                    del waiting[name]
            time.sleep(_LOOK_EVERY_S / 2)


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """In words: exit code or signal."""
    code = process.returncode
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

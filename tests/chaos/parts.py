"""The processes of a stage, and a supervisor that starts again what died, at once and for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests import worker_processes

_ROOT = Path(__file__).parents[2]
#: A part that died is started again after this long.
_RESTART_S = 0.3
_STOP_S = 60


@dataclass(eq=False)
class Part:
    """One process: `python -m` its module. `once` is added to the environment of the next start only."""

    name: str
    module: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    #: Processes that it leaves behind when it is killed hold what its successor needs.
    ends_with_group: bool = False
    once: dict[str, str] = field(default_factory=dict)
    #: A command that runs the process elsewhere and becomes it.
    within: tuple[str, ...] = ()
    starts: int = 0
    #: How it ended each time.
    exit_codes: list[int] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None
    _died_at_s: float | None = None

    def start(self) -> None:
        """Start it; does not wait until it is ready."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*self.within, sys.executable, "-m", *self.module],
                cwd=_ROOT,
                env={**self.environment, **self.once},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.once = {}
        self.starts += 1
        self._died_at_s = None

    @property
    def pid(self) -> int:
        """Its number, also when it has died."""
        assert self.process
        return self.process.pid

    @property
    def runs(self) -> bool:
        """Whether it is there (it may be frozen)."""
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Signal the process itself, if it is there."""
        assert self.process
        self.process.send_signal(number)

    def children(self) -> list[psutil.Process]:
        """Processes that it started."""
        try:
            return psutil.Process(self.pid).children()
        except psutil.NoSuchProcess:
            return []

    def engines(self) -> list[psutil.Process]:
        """Every process under a worker's host."""
        return worker_processes.engines(self.pid)

    def hosts(self) -> list[psutil.Process]:
        """The sandbox host of a worker."""
        return worker_processes.hosts(self.pid)

    def look_after(self) -> None:
        """Start it again if it died a moment ago."""
        if self.process is None or self.process.poll() is None:
            return
        if self._died_at_s is None:
            self._died_at_s = time.monotonic()
            self.exit_codes.append(self.process.returncode)
            if self.ends_with_group:
                self.kill_group()
        elif time.monotonic() - self._died_at_s >= _RESTART_S:
            self.start()

    def kill_group(self) -> None:
        """End it and everything in its session."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for its end."""
        assert self.process
        self.process.wait(_STOP_S)

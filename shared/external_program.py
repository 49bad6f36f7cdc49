"""Find, describe and run a program that is not Python: a list of arguments, a time limit, no process left behind."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from shared.errors import BinderyError, FileProcessingError, TimeLimitExceeded

#: What is kept of a program's output and of its complaints, from their ends.
_KEPT_BYTES = 64 << 10
_TOLD_LINES = 8
_VERSION_LIMIT_S = 30
#: How long a killed process may need to go.
_GONE_WITHIN_S = 5
_PR_SET_CHILD_SUBREAPER = 36
#: What programs said of their versions, once a process.
_VERSIONS: dict[Path, str] = {}
_LIBC = ctypes.CDLL(None, use_errno=True)
#: Variables that a program needs to find libraries, fonts and its own parts. No other reaches it.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TZ", "XDG_DATA_DIRS")


class MissingProgram(BinderyError):
    """A program that this needs is not installed on the server."""

    code = "program_missing"
    status = 503
    title = "A program is missing"


class ProgramFailed(FileProcessingError):
    """A program that works on the document failed."""

    code = "program_failed"
    remedy = "Check that the document opens in the program that made it; report the job's id to the operator."

    def __init__(self, message: str | None = None, *, stderr_lines: Sequence[str] = ()) -> None:
        super().__init__(message, stderr_lines=list(stderr_lines))
        #: The last lines of what the program complained of. They may quote the document: for the operator's log only.
        self.stderr_lines = list(stderr_lines)


class ProgramTimeLimit(TimeLimitExceeded):
    """A program that works on the document took longer than it may."""


@dataclass(frozen=True)
class Finished:
    """How a run ended: the exit code and the last 64 KB of what was written."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def stderr_lines(self) -> list[str]:
        """The last lines of the complaints, without empty ones."""
        return [line for line in self.stderr.splitlines() if line.strip()][-_TOLD_LINES:]


@dataclass(frozen=True)
class Program:
    """A program by the names of its commands; `remedy` tells an operator exactly what to install."""

    label: str
    commands: tuple[str, ...]
    remedy: str
    version_arguments: tuple[str, ...] = ("--version",)

    def path(self) -> Path:
        """Where the first of the commands that exists stands. Raises MissingProgram."""
        for command in self.commands:
            if found := shutil.which(command):
                return Path(found)
        raise MissingProgram(f"{self.label} is not installed on this server.", remedy=self.remedy)

    def version(self, folder: Path) -> str:
        """The first line that it says of its version; `folder` may be written to. Raises MissingProgram."""
        path = self.path()
        if path not in _VERSIONS:
            finished = self.run(self.version_arguments, folder=folder, time_limit_s=_VERSION_LIMIT_S)
            lines = [line.strip() for line in (finished.stdout + finished.stderr).splitlines() if line.strip()]
            _VERSIONS[path] = lines[0] if lines else str(path)
        return _VERSIONS[path]

    def run(
        self,
        arguments: Sequence[str | Path],
        *,
        folder: Path,
        time_limit_s: float,
        environment: Mapping[str, str] | None = None,
    ) -> Finished:
        """Run it in `folder`, which is its working, home and temporary folder, and return how it ended.

        The environment is clean but for `environment`. Whatever the program started has ended when this returns.
        Complaints are passed on to our own stderr, which in a sandbox is the engine's log.

        Raises:
            MissingProgram: none of its commands exists.
            ProgramTimeLimit: it was killed after `time_limit_s` seconds, with all that it had started.
        """
        command = [str(self.path()), *map(str, arguments)]
        clean = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        clean |= {"LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder), **(environment or {})}
        with tempfile.TemporaryFile(dir=folder) as out, tempfile.TemporaryFile(dir=folder) as err:
            exit_code = self._wait(command, folder, clean, out, err, time_limit_s)
            finished = Finished(exit_code, _end_of(out), _end_of(err))
        if finished.stderr_lines:
            sys.stderr.write("\n".join((f"{self.label}:", *finished.stderr_lines, "")))
        return finished

    def run_or_fail(self, arguments: Sequence[str | Path], **how: Any) -> Finished:
        """As `run`. Raises also ProgramFailed when it ends with another exit code than 0."""
        finished = self.run(arguments, **how)
        if finished.exit_code:
            raise ProgramFailed(
                f"{self.label} failed with exit code {finished.exit_code}.", stderr_lines=finished.stderr_lines
            )
        return finished

    def _wait(
        self,
        command: list[str],
        folder: Path,
        environment: dict[str, str],
        out: IO[bytes],
        err: IO[bytes],
        time_limit_s: float,
    ) -> int:
        # It stays in our process group: whoever kills that (the sandbox's host) reaches it, however deep it forked.
        # Orphans come to us instead of init, so that our own time limit reaches them too.
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        before = set(_descendants(os.getpid()))
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, close_fds=True
        )
        try:
            return process.wait(time_limit_s)
        except subprocess.TimeoutExpired:
            raise ProgramTimeLimit(f"{self.label} took longer than {time_limit_s:g} seconds.") from None
        finally:
            _end_all(process, before)


def _end_all(process: subprocess.Popen[bytes], spared: set[int]) -> None:
    """Kill what the program has left running. Processes of ours that were there before are spared."""
    deadline_s = time.monotonic() + _GONE_WITHIN_S
    while left := [pid for pid in _descendants(os.getpid()) if pid not in spared]:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                if pid != process.pid:
                    os.waitpid(pid, os.WNOHANG)
        process.poll()
        if time.monotonic() > deadline_s:
            return
        time.sleep(0.01)


def _descendants(ancestor: int) -> Iterator[int]:
    """Every process below `ancestor`, zombies too."""
    waiting = [ancestor]
    while waiting:
        # Any of them may end while it is looked at.
        with suppress(OSError):
            for children in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
                with suppress(OSError):
                    found = [int(pid) for pid in children.read_text().split()]
                    waiting += found
                    yield from found


def _end_of(file: IO[bytes]) -> str:
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - _KEPT_BYTES))
    return file.read().decode(errors="replace")

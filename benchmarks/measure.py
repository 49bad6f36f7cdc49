"""Runs one call or program at a time in a fork of a warm process and says what the kernel charged for it.

CPU seconds (user + system, descendants included) and the largest resident set of any one process come from wait4.
A forking server is a process of its own, because a child starts with its parent's memory on its account: forked from
a benchmark that holds numpy and OpenCV, even `true` would show 150 MB.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

#: CPU seconds after which a call is stopped and counts as failed.
LIMIT_CPU_S = 240
#: The same by the clock, for a call that sleeps; generous, because others may share the core.
LIMIT_WALL_S = 900


@dataclass(frozen=True)
class Run:
    """What one call cost and how it ended: `value` when it returned, `error` in words when it did not."""

    value: Any
    error: str | None
    exit_code: int
    cpu_s: float
    wall_s: float
    peak_bytes: int


class ForkServer:
    """A warm process that runs `module:function` in a new fork for each call, all pinned to the given cores."""

    def __init__(self, function: str, cores: set[int], limit_cpu_s: int = LIMIT_CPU_S) -> None:
        pinned = ",".join(map(str, sorted(cores)))
        self._command = [sys.executable, "-m", "benchmarks.measure", function, pinned, str(limit_cpu_s)]
        self._process: subprocess.Popen[str] | None = None

    def __call__(self, **arguments: Any) -> Run:
        """Call the function with these JSON values; starts the process when it is the first call.

        Raises RuntimeError when the process itself ended, e.g. because the function cannot be imported.
        """
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{' '.join(self._command)} ended with code {self._process.wait()}")
        return Run(**json.loads(answer))

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate(timeout=60)


def execute(command: list[str], errors: str) -> None:
    """Become the program `command`, its standard error going to the file `errors`. For use as a served function."""
    silent = os.open(os.devnull, os.O_RDWR)
    os.dup2(silent, 0)
    os.dup2(silent, 1)
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.execvp(command[0], command)


def _child(function: Callable[..., Any], arguments: dict[str, Any], answers: int, limit_cpu_s: int) -> None:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (limit_cpu_s, limit_cpu_s))
    signal.alarm(LIMIT_WALL_S)
    try:
        answer = {"value": function(**arguments), "error": None}
    except Exception as error:  # noqa: BLE001 - whatever it was, it is this file's failure, not the benchmark's
        answer = {"value": None, "error": f"{type(error).__name__}: {error}"[:400]}
    with os.fdopen(answers, "w") as pipe:
        json.dump(answer, pipe)


def _run_forked(function: Callable[..., Any], arguments: dict[str, Any], limit_cpu_s: int) -> Run:
    reading, writing = os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            _child(function, arguments, writing, limit_cpu_s)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status, usage = os.wait4(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(status)
    answer = json.loads(said) if said else {"value": None, "error": None}
    if code < 0:
        answer["error"] = f"killed by {signal.Signals(-code).name}"
    return Run(
        value=answer["value"],
        error=answer["error"],
        exit_code=code,
        cpu_s=usage.ru_utime + usage.ru_stime,
        wall_s=time.monotonic() - begun,
        peak_bytes=usage.ru_maxrss * 1024,
    )


def serve(function: str, cores: set[int], limit_cpu_s: int) -> None:
    """Answer one JSON line of arguments with one JSON line of a Run until standard input ends."""
    os.sched_setaffinity(0, cores)
    module, _, name = function.partition(":")
    called = getattr(importlib.import_module(module), name)
    # The answers keep the real standard output; whatever a library prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(asdict(_run_forked(called, json.loads(line), limit_cpu_s))) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.argv[1], {int(core) for core in sys.argv[2].split(",")}, int(sys.argv[3]))

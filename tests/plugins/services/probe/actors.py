"""The probe's engine: every good and bad thing that an engine can do, in one place."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from services.probe.operations import CHAINED_PROBE, PROBE, QUICK_PROBE, Behaviour, ChainedOptions, ProbeOptions

from shared.actors import performs
from shared.errors import ExternalServiceError, FileProcessingError
from shared.media_types import PDF, TEXT
from shared.operation import Result, Task

#: The one setting that engines are told.
_PUBLIC = "BINDERY_WORKER_SLOTS"


@performs(QUICK_PROBE)
@performs(PROBE)
def probe(task: Task, options: ProbeOptions) -> Result:
    """Behave as `options` says, then hand the document back."""
    result = _BEHAVIOURS[options.behave](task, options)
    shutil.copyfile(task.input.path, task.output(task.input.name, PDF))
    return result or {}


@performs(CHAINED_PROBE)
def chained_probe(task: Task, options: ChainedOptions) -> Result:
    """As `probe`, with a note beside the document if one is given."""
    result = probe(task, options)
    if options.note:
        task.output("note.txt", TEXT).write_text(options.note)
    return {**result, "note": options.note, "password": bool(task.password)}


def _sleep(task: Task, options: ProbeOptions) -> None:
    steps = max(1, int(options.seconds * 10))
    for step in range(steps):
        task.report(step, steps, "Sleeping")
        time.sleep(options.seconds / steps)


def _spin(_task: Task, options: ProbeOptions) -> None:
    # One call into C that holds the interpreter lock: neither Python code nor a handler runs until it returns.
    ctypes.PyDLL(None).usleep(int(options.seconds * 1_000_000))


def _external(_task: Task, options: ProbeOptions) -> None:
    subprocess.run(["sleep", str(options.seconds + 1000)], check=True)


def _fail(_task: Task, _options: ProbeOptions) -> None:
    raise FileProcessingError("The probe was told to fail.")


def _fail_retryable(_task: Task, _options: ProbeOptions) -> None:
    raise ExternalServiceError("The probe was told to fail for now.")


def _raise(task: Task, _options: ProbeOptions) -> None:
    raise ValueError(task.input.path.read_bytes()[:20])


def _segfault(_task: Task, _options: ProbeOptions) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _memory(_task: Task, _options: ProbeOptions) -> None:
    hoard = []
    while True:
        hoard.append(bytearray(64 * 1024**2))


def _look_around(task: Task, _options: ProbeOptions) -> Result:
    """Try what an engine that was taken over would try, and tell what worked."""
    attempts = {
        "write_outside": lambda: Path("/tmp/bindery-probe-was-here").write_text("x"),
        "write_storage": lambda: (task.input.path.parents[3] / "storage" / "x").write_text("x"),
        "read_secret": lambda: (task.input.path.parents[3] / "secret.key").read_text(),
        "connect": lambda: socket.create_connection(("127.0.0.1", int(os.environ.get("PROBE_PORT", "9"))), 1),
        "kill_parent": lambda: os.kill(os.getppid(), 0),
        "environment": lambda: next(name for name in os.environ if name.startswith("BINDERY") and name != _PUBLIC),
    }
    outcome = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            outcome[name] = "worked"
        except (OSError, StopIteration) as error:
            outcome[name] = type(error).__name__
    with tempfile.NamedTemporaryFile() as temporary:
        temporary.write(b"a library's own file")
    return {"tried": outcome, "folder": str(task.folder), "temporary": temporary.name}


def _forge(task: Task, _options: ProbeOptions) -> None:
    # An output that is a link to somebody else's file must never be delivered.
    task.output("stolen.pdf", PDF).symlink_to("/etc/passwd")


def _complain(_task: Task, _options: ProbeOptions) -> None:
    os.write(2, b"page 3 cannot be drawn\n")
    os._exit(7)


# Some library asks at import, in the host, where temporary files go; the answer is kept for good.
tempfile.gettempdir()

_BEHAVIOURS = {
    Behaviour.ECHO: lambda _task, _options: {"echo": True},
    Behaviour.SLEEP: _sleep,
    Behaviour.SPIN: _spin,
    Behaviour.EXTERNAL: _external,
    Behaviour.FAIL: _fail,
    Behaviour.FAIL_RETRYABLE: _fail_retryable,
    Behaviour.RAISE: _raise,
    Behaviour.SEGFAULT: _segfault,
    Behaviour.MEMORY: _memory,
    Behaviour.LOOK_AROUND: _look_around,
    Behaviour.FORGE: _forge,
    Behaviour.COMPLAIN: _complain,
}

"""The process that engines are forked from: imports a service's actors once, then one confined child per attempt.

Started by `sandbox.Sandbox` as `python -m shared.sandbox_host SERVICE DESCRIPTOR-OF-ITS-SOCKET` with a clean
environment: it has never seen the database, Redis or a secret. It stays single-threaded, so that fork is safe.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared import actors, catalogue
from shared.asking import Asker
from shared.confinement import (
    ENGINE,
    HOST,
    GivenUp,
    Limits,
    call_this,
    confine,
    confine_host,
    separate_processes,
)
from shared.errors import BinderyError, OutOfMemory, SecretErased
from shared.operation import InputFile, Operation, Options, Task

#: Longest message of a worker: a request with its options.
MAX_REQUEST_BYTES = 1024 * 1024
#: At most so often does a child send its progress.
_REPORT_EVERY_S = 0.2


@dataclass
class _Running:
    token: str
    report_fd: int
    started_s: float


def main() -> None:
    """Serve until the worker closes its end; then end every child."""
    apart = separate_processes()
    call_this(HOST)
    service = sys.argv[1]
    channel = socket.socket(fileno=int(sys.argv[2]))
    scratch = Path(sys.argv[3])
    children: dict[int, _Running] = {}
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # A terminal's Ctrl-C goes to the whole group; the worker decides what ends here.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        performers: dict[str, actors.Performer] = actors.load(service)
        catalogue.load()
        channel.send(json.dumps({"ready": True, "apart": apart}).encode())
    except Exception as error:  # noqa: BLE001 - whatever an actor's import raises is the self-test's text
        channel.send(json.dumps({"ready": False, "error": f"{type(error).__name__}: {error}"}).encode())
        return
    given_up = _give_up(service, scratch)
    # What was imported never changes again: keep the collector from touching, and so copying, its pages.
    gc.collect()
    gc.freeze()
    while True:
        ready, _, _ = select.select([channel.fileno(), wake_read], [], [])
        if wake_read in ready:
            os.read(wake_read, 4096)
        _collect(children)
        if channel.fileno() not in ready:
            continue
        message, descriptors, _, _ = socket.recv_fds(channel, MAX_REQUEST_BYTES, 2)
        if not message:
            break
        request = json.loads(message)
        if "signal" in request:
            _signal(children, request["token"], request["signal"])
        else:
            # A child must not reach the pipes of its siblings: it could forge their results.
            private = [wake_read, wake_write, channel.fileno(), *(other.report_fd for other in children.values())]
            report_fd, *ask_fds = descriptors
            pid = _fork(request, report_fd, ask_fds, performers, private, given_up)
            children[pid] = _Running(request["token"], report_fd, time.monotonic())
            # Only this child may ask: no later one inherits it.
            for descriptor in ask_fds:
                os.close(descriptor)
    for pid in children:
        _signal_group(pid, signal.SIGKILL)


def _signal(children: dict[int, _Running], token: str, number: int) -> None:
    for pid, child in children.items():
        if child.token == token:
            _signal_group(pid, number)


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
    # Before the child has made its own group there is no such group yet.
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _collect(children: dict[int, _Running]) -> None:
    """Tell the worker of every child that has ended, and of what it used; bury what they left to us."""
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        child = children.pop(pid, None)
        if child is None:
            continue
        # Programs that the child left running end with it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        ended = {
            "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
            "peak_memory_bytes": usage.ru_maxrss * 1024,
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
            "wall_s": round(time.monotonic() - child.started_s, 3),
        }
        with contextlib.suppress(BrokenPipeError):
            _send(child.report_fd, {"ended": ended})
        os.close(child.report_fd)


def _give_up(name: str, scratch: Path) -> GivenUp:
    return GivenUp() if catalogue.load().services[name].trusted else confine_host(scratch)


def _fork(
    request: dict[str, Any],
    report_fd: int,
    ask_fds: list[int],
    performers: dict[str, actors.Performer],
    private: list[int],
    given_up: GivenUp,
) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        for descriptor in private:
            os.close(descriptor)
        code = _child(request, report_fd, ask_fds, performers, given_up)
    finally:
        # Never back into the host's loop, whatever happened.
        os._exit(code)


def _child(
    request: dict[str, Any],
    report_fd: int,
    ask_fds: list[int],
    performers: dict[str, actors.Performer],
    given_up: GivenUp,
) -> int:
    folder = Path(request["folder"])
    call_this(ENGINE)
    os.chdir(folder)
    _redirect_streams(folder)
    os.environ["TMPDIR"] = os.environ["HOME"] = str(folder)
    # Python asks for it only once, and that may have been in the host.
    tempfile.tempdir = str(folder)
    confine(folder, Limits(**request["limits"]), given_up)
    _send(report_fd, {"started": os.getpid()})
    try:
        outcome = _perform(request, report_fd, ask_fds, performers)
    except BinderyError as error:
        outcome = {"error": {**error.as_record(), "status": error.status}}
    except MemoryError:
        # Free what there is before anything else needs memory.
        gc.collect()
        outcome = {"error": {**OutOfMemory().as_record(), "status": OutOfMemory.status}}
    except Exception as error:  # noqa: BLE001 - the boundary of the sandbox: every other fault is reported by its place
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        # The text of the exception may quote the document; where it happened does not.
        place = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
        outcome = {"unexpected": {"type": type(error).__name__, "place": place}}
    _send(report_fd, outcome)
    return 0


def _redirect_streams(folder: Path) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(folder / "engine.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(null)
    os.close(log)


def _perform(
    request: dict[str, Any], report_fd: int, ask_fds: list[int], performers: dict[str, actors.Performer]
) -> dict[str, Any]:
    operation = catalogue.load().operation(request["operation"])
    last_s = 0.0

    def report(current: int, total: int, message: str) -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= _REPORT_EVERY_S:
            last_s = time.monotonic()
            _send(report_fd, {"progress": [current, total, message]})

    outputs_folder = Path(request["folder"]) / "out"
    outputs_folder.mkdir()
    task = Task(
        inputs=tuple(InputFile(Path(i["path"]), i["name"], i["media_type"]) for i in request["inputs"]),
        folder=outputs_folder,
        password=request["password"],
        report=report,
        ask=Asker(socket.socket(fileno=ask_fds[0])) if ask_fds else None,
    )
    options = _options(operation, request["options"])
    started_s = time.monotonic()
    result = performers[operation.name](task, options)
    engine_s = round(time.monotonic() - started_s, 4)
    outputs = [{"path": str(o.path), "name": o.name, "media_type": o.media_type} for o in task.outputs]
    return {"done": {"result": result, "outputs": outputs, "engine_s": engine_s}}


def _options(operation: Operation, given: dict[str, Any]) -> Options:
    try:
        return operation.options.model_validate(given)
    except ValidationError:
        # They were good when the job was created: what is missing was erased when it ended the first time.
        if operation.secret_options:
            raise SecretErased from None
        raise


def _send(descriptor: int, message: dict[str, Any]) -> None:
    data = memoryview(json.dumps(message).encode() + b"\n")
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    main()

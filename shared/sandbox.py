"""Runs an engine in a child process with limits, reads what it reports, and ends it: the worker's side."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from shared import settings
from shared.confinement import Limits
from shared.errands import Errands
from shared.errors import BinderyError, EngineCrashed, OutOfMemory
from shared.operation import InputFile, Operation, OutputFile, Result, Service
from shared.sandbox_host import MAX_REQUEST_BYTES
from shared.upstream import Upstream

#: Engines are one process each and share the cores with their siblings: no library may start its own threads.
_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VIPS_CONCURRENCY"), "1")
#: Variables that engines need to find programs, libraries and time zones. No other reaches them.
_PASSED_ON = {"PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV"}
#: Largest file that a child may write.
_FILE_BYTES = 8 * 1024**3
#: Longest line that a child may send: its result.
_MAX_LINE_BYTES = 8 * 1024**2
_START_TIMEOUT_S = 60
#: An abort above this share of the memory limit is taken for a failed allocation (pdfium aborts on one).
_OUT_OF_MEMORY_SHARE = 0.6


@dataclass(frozen=True)
class Progress:
    """How far a child is."""

    current: int
    total: int
    message: str


class EngineFailed(BinderyError):
    """The engine met an error that it did not expect."""

    code = "engine_failed"
    title = "The engine failed"
    remedy = "Check that the document opens in a viewer; report the job's id to the operator."


class ReportedError(BinderyError):
    """An error that a child reported, with the code and remedy that it had there."""

    def __init__(self, record: dict[str, Any]) -> None:
        super().__init__(record["message"], remedy=record["remedy"])
        self.code = record["code"]
        self.retryable = record["retryable"]
        self.status = record["status"]


@dataclass
class Ended:
    """How a child ended: with outputs and a result, with an error, or dead (`crashed`)."""

    outputs: list[OutputFile] = field(default_factory=list)
    result: Result | None = None
    error: BinderyError | None = None
    crashed: bool = False
    #: exit_code, signal, peak_memory_bytes, cpu_s, wall_s, last lines of stderr: for the journal and the log.
    details: dict[str, Any] = field(default_factory=dict)


class SandboxUnavailable(Exception):
    """The host process does not start; the text says why."""


class Child:
    """One running attempt. Not safe for several threads at once."""

    def __init__(
        self, sandbox: Sandbox, token: str, report_fd: int, folder: Path, limits: Limits, errands: Errands | None
    ) -> None:
        self._sandbox = sandbox
        self._errands = errands
        self._token = token
        self._fd = report_fd
        self._buffer = bytearray()
        self._folder = folder
        self._limits = limits
        self._outcome: dict[str, Any] = {}
        #: Of the child, which leads a process group.
        self._pid: int | None = None

    def wait(self, timeout_s: float) -> Progress | Ended | None:
        """The next thing that the child tells, or None when it tells nothing for `timeout_s`."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            while (end := self._buffer.find(b"\n")) >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                if (told := self._understand(line)) is not None:
                    return told
            ready, _, _ = select.select([self._fd], [], [], max(0.0, deadline_s - time.monotonic()))
            if not ready:
                return None
            data = os.read(self._fd, 1 << 16)
            self._buffer += data
            if not data or len(self._buffer) > _MAX_LINE_BYTES:
                # The host is gone, or the child sends nonsense without end.
                self.stop(signal.SIGKILL)
                self._kill_group()
                return self._ended({"exit_code": None, "signal": None})

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to the child and all that it started."""
        self._sandbox.send({"token": self._token, "signal": number})

    def close(self) -> None:
        """Forget the child; it must have ended."""
        os.close(self._fd)
        if self._errands:
            self._errands.close()

    def _kill_group(self) -> None:
        """End what the child started, where the end of its host does not: see `separate_processes`."""
        if self._pid is not None and not self._sandbox.apart:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)

    def _understand(self, line: bytes) -> Progress | Ended | None:
        try:
            message = json.loads(line)
            if "progress" in message:
                current, total, text = message["progress"]
                return Progress(int(current), int(total), str(text))
            if "started" in message:
                # Said before the engine runs; what an engine may write under this name counts for nothing.
                self._pid = self._pid or int(message["started"])
                return None
            if "ended" in message:
                return self._ended(message["ended"])
        except (ValueError, TypeError, KeyError):
            # A child that was taken over may write anything; only a sound outcome counts.
            return None
        self._outcome = message
        return None

    def _ended(self, details: dict[str, Any]) -> Ended:
        try:
            if "done" in self._outcome:
                done = self._outcome["done"]
                outputs = [self._output(o) for o in done["outputs"]]
                return Ended(outputs, dict(done["result"]), details={**details, "engine_s": float(done["engine_s"])})
            if "error" in self._outcome:
                return Ended(error=ReportedError(self._outcome["error"]), details=details)
        except (ValueError, TypeError, KeyError):
            self._outcome = {}
        details["stderr"] = self._last_lines()
        if "unexpected" in self._outcome:
            return Ended(error=EngineFailed(), details={**details, **self._outcome["unexpected"]})
        memory = details.get("peak_memory_bytes") or 0
        if details.get("signal") == signal.SIGABRT and memory > _OUT_OF_MEMORY_SHARE * self._limits.memory_bytes:
            return Ended(error=OutOfMemory(), details=details)
        return Ended(error=_crash(details), crashed=True, details=details)

    def _output(self, output: dict[str, str]) -> OutputFile:
        path = Path(output["path"])
        # Only files that the child made in its own folder: neither links nor paths that lead elsewhere.
        if path.is_symlink() or not path.is_file() or path.resolve().parent != (self._folder / "out").resolve():
            raise ValueError("an output is not in the child's folder")
        return OutputFile(path, output["name"], output["media_type"])

    def _last_lines(self) -> str:
        try:
            with (self._folder / "engine.log").open("rb") as log:
                log.seek(max(0, os.fstat(log.fileno()).st_size - 500))
                return log.read().decode(errors="replace")
        except OSError:
            return ""


def _crash(details: dict[str, Any]) -> EngineCrashed:
    how = "disappeared"
    if number := details.get("signal"):
        how = f"was ended by {signal.Signals(number).name}"
    elif details.get("exit_code") is not None:
        how = f"ended with exit code {details['exit_code']}"
    peak_mb = (details.get("peak_memory_bytes") or 0) // 1024**2
    return EngineCrashed(f"The engine's process {how} after using up to {peak_mb} MB of memory.")


class Sandbox:
    """The warm host of one service, from which every attempt's child is forked. Safe for several threads."""

    def __init__(self, service: Service, scratch: Path | None = None) -> None:
        """`scratch`: the folder below which its attempts have theirs; by default that of the settings."""
        self._service = service
        self._scratch = scratch
        self._lock = threading.Lock()
        self._host: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        #: Whether the host's end ends everything below it; process ids told by children are not ours then.
        self.apart = False

    def open(self) -> None:
        """Start the host if it does not run. Raises SandboxUnavailable with the text of what failed."""
        with self._lock:
            self._open()

    def _open(self) -> None:
        if self._host and self._host.poll() is None:
            return
        scratch = self._scratch or settings.current().scratch_location
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_REQUEST_BYTES)
        passed_on = os.environ if self._service.trusted else _PASSED_ON & os.environ.keys()
        environment = {
            **_ENVIRONMENT,
            **{name: os.environ[name] for name in passed_on},
            **self._service.open_settings(),
            # An engine with processes of its own starts no more than the worker has slots.
            "BINDERY_WORKER_SLOTS": str(settings.current().worker_slots),
        }
        self._host = subprocess.Popen(
            [sys.executable, "-m", "shared.sandbox_host", self._service.name, str(theirs.fileno()), str(scratch)],
            cwd=Path(__file__).parents[1],
            env=environment,
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        ours.settimeout(_START_TIMEOUT_S)
        try:
            answer = json.loads(ours.recv(MAX_REQUEST_BYTES) or b'{"ready": false, "error": "the host died"}')
        except (TimeoutError, ConnectionError) as error:
            answer = {"ready": False, "error": f"no answer: {error}"}
        except BaseException:
            # Ctrl-C while it loads: nobody else would end it.
            _end(self._host, ours)
            raise
        if not answer["ready"]:
            _end(self._host, ours)
            raise SandboxUnavailable(answer["error"])
        ours.settimeout(None)
        self.apart = bool(answer.get("apart"))
        self._channel = ours

    def start(
        self,
        operation: Operation,
        options: dict[str, Any],
        inputs: Sequence[InputFile],
        folder: Path,
        password: str | None,
        *,
        may_ask: bool = True,
    ) -> Child:
        """Fork a child that performs `operation` in `folder`. Raises SandboxUnavailable.

        `may_ask`: whether it may ask the upstream of its service, if its options want that.
        """
        limits = Limits(
            memory_bytes=operation.service.memory_mb * 1024**2,
            # Wall time is what ends a child; this only stops one whose worker has stopped watching.
            cpu_s=operation.hard_time_limit_s * 2,
            file_bytes=_FILE_BYTES,
            trusted=operation.service.trusted,
        )
        token = uuid.uuid4().hex
        request = {
            "token": token,
            "operation": operation.name,
            "options": options,
            "inputs": [{"path": str(i.path), "name": i.name, "media_type": i.media_type} for i in inputs],
            "folder": str(folder),
            "password": password,
            "limits": asdict(limits),
        }
        upstream = _upstream(operation, options) if may_ask else None
        errands = Errands(upstream) if upstream else None
        read_fd, write_fd = os.pipe()
        handed_over = [write_fd, *((errands.theirs.fileno(),) if errands else ())]
        try:
            with self._lock:
                self._open()
                assert self._channel
                socket.send_fds(self._channel, [json.dumps(request).encode()], handed_over)
        except OSError as error:
            os.close(read_fd)
            if errands:
                errands.close()
            raise SandboxUnavailable(str(error)) from error
        finally:
            os.close(write_fd)
            if errands:
                errands.theirs.close()
        if errands:
            errands.start()
        return Child(self, token, read_fd, folder, limits, errands)

    def send(self, message: dict[str, Any]) -> None:
        """Pass a message to the host; a host that is gone has taken its children with it."""
        with self._lock:
            if self._channel:
                try:
                    self._channel.send(json.dumps(message).encode())
                except OSError:
                    return

    def close(self) -> None:
        """End the host and every child."""
        with self._lock:
            if self._channel:
                self._channel.close()
                self._channel = None
            if self._host:
                try:
                    self._host.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    self._host.kill()
                    self._host.wait()
                self._host = None


def _end(host: subprocess.Popen[bytes], channel: socket.socket) -> None:
    host.kill()
    host.wait()
    channel.close()


def _upstream(operation: Operation, options: dict[str, Any]) -> Upstream | None:
    """The server that this attempt may ask; None where there is none, or where its options want none."""
    service = operation.service
    if not (operation.network and service.upstream and operation.wants_network(options)):
        return None
    return service.upstream()

"""Asking a server for engines, which have no network: the worker's side of `asking.py`.

The operator names the server; what an engine says decides neither the address nor the credentials, only the body of a
POST to one of the paths that its service declares. So a hostile document that takes over its engine reaches no other
host, and never sees the key.
"""

from __future__ import annotations

import contextvars
import http.client
import json
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from shared.asking import Asker, receive
from shared.logs import get_logger
from shared.upstream import Upstream

log = get_logger()

#: Headers of an answer that engines see: when to come back, and what the body is.
_PASSED_ON = ("content-type", "retry-after", "retry-after-ms", "x-should-retry")
#: An engine must have said what it wants within this time.
_SAID_WITHIN_S = 60
#: Requests of one attempt at the same time, whatever the engine wants.
_MOST_AT_ONCE = 32


class Errands:
    """Goes on the errands of one attempt, each in a thread, until the engine is gone or `close`."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        #: What the engine gets: close it here once it has been handed over.
        self.theirs, self._channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._at_once = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._made = 0
        # As a part of the attempt: its log lines name the job.
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._listen,), name="errands", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening and break off what is under way: nobody waits for the answers."""
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        if self._thread.ident is None:
            self._channel.close()

    def _listen(self) -> None:
        with self._channel:
            while True:
                try:
                    told, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)
                except OSError:
                    break
                if not told:
                    break
                for descriptor in descriptors:
                    asked = socket.socket(fileno=descriptor)
                    context = contextvars.copy_context()
                    threading.Thread(target=context.run, args=(self._serve, asked), name="errand", daemon=True).start()
        with self._lock:
            under_way = list(self._open)
        for one in under_way:
            _break_off(one)

    def _serve(self, asked: socket.socket) -> None:
        with asked, self._at_once, suppress(OSError):
            answer, body = self._answer_to(asked)
            asked.settimeout(_SAID_WITHIN_S)
            asked.sendall(json.dumps({**answer, "bytes": len(body)}).encode() + b"\n" + body)

    def _answer_to(self, asked: socket.socket) -> tuple[dict[str, Any], bytes]:
        upstream = self._upstream
        try:
            deadline_s = time.monotonic() + _SAID_WITHIN_S
            head, body = receive(asked, deadline_s, most_bytes=upstream.most_request_bytes)
            limit_s = min(float(head["time_limit_s"]), upstream.time_limit_s)
            path = head["path"]
        except (OSError, ValueError, KeyError, TypeError):
            return _failed("refused", "the request is malformed or too large"), b""
        with self._lock:
            self._made += 1
            made = self._made
        if path not in upstream.paths or limit_s <= 0:
            return _failed("refused", "the worker does not ask that"), b""
        if made > upstream.most_requests:
            return _failed("refused", f"more than {upstream.most_requests} requests for one job"), b""
        started_s = time.monotonic()
        answer, content = self._ask(path, body, limit_s)
        log.info(
            "errand.done",
            status=answer.get("status"),
            failed=answer.get("failed"),
            sent_bytes=len(body),
            received_bytes=len(content),
            wall_s=round(time.monotonic() - started_s, 3),
        )
        return answer, content

    def _ask(self, path: str, body: bytes, limit_s: float) -> tuple[dict[str, Any], bytes]:
        upstream = self._upstream
        headers = {"Content-Type": "application/json", "Accept": "application/json", **upstream.headers}
        broken_off = threading.Event()
        try:
            with self._connection(limit_s, broken_off) as connection:
                connection.request("POST", urlsplit(upstream.url).path + path, body, headers)
                # A redirection is an answer like any other: the credentials go to no other address.
                response = connection.getresponse()
                content = response.read(upstream.most_answer_bytes + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if broken_off.is_set() or isinstance(error, TimeoutError):
                return _failed("time_limit", f"no answer within {limit_s:.0f} s"), b""
            return _failed("connection", _why(error)), b""
        if broken_off.is_set():
            return _failed("time_limit", f"no complete answer within {limit_s:.0f} s"), b""
        if len(content) > upstream.most_answer_bytes:
            return _failed("too_large", f"an answer of more than {upstream.most_answer_bytes} bytes"), b""
        if response.length:
            return _failed("connection", "the answer was cut off"), b""
        passed_on = {name: value[:200] for name in _PASSED_ON if (value := response.headers.get(name))}
        return {"status": response.status, "headers": passed_on}, content

    @contextmanager
    def _connection(self, limit_s: float, broken_off: threading.Event) -> Iterator[http.client.HTTPConnection]:
        """A connection that ends when its time is over, however slowly the server drips, or when nobody waits."""
        parts = urlsplit(self._upstream.url)
        assert parts.hostname
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=limit_s, context=context
            )
        else:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=limit_s)

        connection.connect()
        # http.client forgets it as soon as it has the headers of an answer that ends with the connection.
        line: socket.socket = connection.sock

        def end() -> None:
            broken_off.set()
            _break_off(line)

        timer = threading.Timer(limit_s, end)
        timer.daemon = True
        timer.start()
        with self._lock:
            self._open.add(line)
        try:
            yield connection
        finally:
            timer.cancel()
            with self._lock:
                self._open.discard(line)
            connection.close()


def asker_without_sandbox(upstream: Upstream) -> Asker:
    """Ask from a process that is no sandbox (tests, benchmarks), by the same way."""
    errands = Errands(upstream)
    errands.start()
    asker = Asker(errands.theirs)
    # Nobody tells such a process when it has asked enough.
    weakref.finalize(asker, errands.theirs.close)
    return asker


def _break_off(line: socket.socket) -> None:
    # Not closed: another thread reads from it, and sees its end now. Below TLS, whose own state that thread uses.
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _failed(kind: str, says: str) -> dict[str, Any]:
    return {"failed": kind, "says": says}


def _why(error: Exception) -> str:
    """What went wrong, without the address: what a server wrote is no part of it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate cannot be verified"
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the connection broke, or what came is not HTTP"

"""A receiver of webhooks: notes what comes, verifies it with the official library, answers as the test tells it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from standardwebhooks import Webhook

#: A delivery is on its way within a fraction of this.
DEADLINE_S = 30

#: Status and further headers of the answer to the request with this number, from 1.
Answering = Callable[[int], tuple[int, dict[str, str]]]


def until(found: Callable[[], Any]) -> Any:
    """What `found` returns once that is true; fails at the deadline."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not (value := found()):
        assert time.monotonic() < deadline_s, "it did not come in time"
        time.sleep(0.02)
    return value


@dataclass(frozen=True)
class Received:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The payload. Raises WebhookVerificationError when it was not signed with the secret."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """A web server on loopback; a context manager."""

    def __init__(self, answering: Answering = lambda _number: (204, {}), port: int = 0) -> None:
        self.answering = answering
        self.received: list[Received] = []
        #: No answer comes while this is clear.
        self.awake = threading.Event()
        self.awake.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._take(self)

            def do_GET(self) -> None:
                receiver._take(self)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            self.received.append(Received(headers, body))
            number = len(self.received)
        self.awake.wait(DEADLINE_S)
        status, further = self.answering(number)
        try:
            handler.send_response(status)
            for name, value in {"Content-Length": "0", **further}.items():
                handler.send_header(name, value)
            handler.end_headers()
        except OSError:
            # Whoever asked did not wait for the answer.
            handler.close_connection = True

    def wait_for(self, number: int) -> list[Received]:
        """The first requests, once so many have come."""
        until(lambda: len(self.received) >= number)
        return self.received[:number]

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.awake.set()
        self._server.shutdown()
        self._server.server_close()

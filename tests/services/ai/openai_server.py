"""A real HTTP server that speaks the OpenAI API as far as it is told to: slow, wrong, rude, or obedient to anybody.

`with ModelServer() as server:` listens on loopback; `server.script(...)` says how the next requests are answered, one
turn each, the last turn for all that follow. A turn is a function of a `Request` and a `Reply`.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any


@dataclass
class Request:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def system(self) -> str:
        """What the model is told by us."""
        return "\n".join(each["content"] for each in self.body["messages"] if each["role"] == "system")

    @property
    def user(self) -> str:
        """The text of all other messages."""
        texts = []
        for each in self.body["messages"]:
            if each["role"] != "system":
                parts = each["content"] if isinstance(each["content"], list) else [{"text": each["content"]}]
                texts += [part["text"] for part in parts if "text" in part]
        return "\n".join(texts)

    @property
    def pictures(self) -> list[str]:
        """Addresses of the pictures."""
        found = []
        for each in self.body["messages"]:
            if isinstance(each["content"], list):
                found += [part["image_url"]["url"] for part in each["content"] if part.get("type") == "image_url"]
        return found

    @property
    def form(self) -> str | None:
        """The kind of `response_format`."""
        return (self.body.get("response_format") or {}).get("type")


class Reply(BaseHTTPRequestHandler):
    """One answer in the making."""

    protocol_version = "HTTP/1.1"
    server: _Listener

    def do_POST(self) -> None:
        """Answer as the script says."""
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        owner = self.server.owner
        request = Request(self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(raw))
        owner.next_turn(request)(request, self)

    do_GET = do_POST  # noqa: N815 - the name that http.server looks for

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def send(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


Turn = Callable[[Request, Reply], None]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    owner: ModelServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no error here."""


@dataclass
class ModelServer:
    """The server; a context manager."""

    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._turns: list[Turn] = []
        self._lock = threading.Lock()
        self._listener = _Listener(("127.0.0.1", 0), Reply)
        self._listener.owner = self
        self.port = self._listener.server_address[1]
        #: For BINDERY_AI_BASE_URL.
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def script(self, *turns: Turn) -> None:
        """Answer so from now on."""
        with self._lock:
            self._turns = list(turns)
            self.requests.clear()

    def next_turn(self, request: Request) -> Turn:
        """The turn for a request; the last one is never used up."""
        with self._lock:
            self.requests.append(request)
            return self._turns.pop(0) if len(self._turns) > 1 else self._turns[0]

    def encrypt(self, certificate: Path, key: Path) -> None:
        """Speak HTTPS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._listener.socket = context.wrap_socket(self._listener.socket, server_side=True)

    def __enter__(self) -> ModelServer:
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()


# -- turns ---------------------------------------------------------------------------------------------------------


def completion(content: str | None, *, finish: str = "stop", usage: tuple[int, int] | None = (100, 20)) -> bytes:
    """The body of an answer."""
    answer: dict[str, Any] = {
        "id": "answer-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}],
    }
    if usage:
        sent, written = usage
        answer["usage"] = {"prompt_tokens": sent, "completion_tokens": written, "total_tokens": sent + written}
    return json.dumps(answer).encode()


def says(content: str | dict[str, Any], **how: Any) -> Turn:
    """Answer with a text, or with an object as JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    return lambda _request, reply: reply.send(200, completion(text, **how))


def thinks(answer: Callable[[Request], str | dict[str, Any]], **how: Any) -> Turn:
    """Answer with what a function makes of the request."""

    def turn(request: Request, reply: Reply) -> None:
        made = answer(request)
        reply.send(200, completion(made if isinstance(made, str) else json.dumps(made), **how))

    return turn


def fails(status: int, message: str = "no", code: str = "error", **headers: str) -> Turn:
    """Answer with an error of the API."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": code}}).encode()
    return lambda _request, reply: reply.send(status, body, **headers)


def without_forms(then: Turn, *known: str) -> Turn:
    """A server that knows only some kinds of `response_format`."""

    def turn(request: Request, reply: Reply) -> None:
        if request.form in (None, *known):
            then(request, reply)
        else:
            fails(400, f"response_format {request.form} is not supported", "invalid_request")(request, reply)

    return turn


def slow(seconds: float, then: Turn) -> Turn:
    """Wait first."""

    def turn(request: Request, reply: Reply) -> None:
        time.sleep(seconds)
        then(request, reply)

    return turn


def drips(_request: Request, reply: Reply) -> None:
    """Send the answer letter by letter, for ever."""
    reply.send_response(200)
    reply.send_header("Content-Type", "application/json")
    reply.send_header("Connection", "close")
    reply.end_headers()
    for _ in range(300):
        reply.wfile.write(b" ")
        reply.wfile.flush()
        time.sleep(0.1)


def hangs_up(_request: Request, reply: Reply) -> None:
    """Close the connection without a word."""
    reply.connection.shutdown(socket.SHUT_RDWR)
    reply.close_connection = True


def stops_short(_request: Request, reply: Reply) -> None:
    """Promise more than is sent."""
    reply.send_response(200)
    reply.send_header("Content-Type", "application/json")
    reply.send_header("Content-Length", "5000")
    reply.end_headers()
    reply.wfile.write(completion("{}")[:60])
    reply.wfile.flush()
    reply.connection.shutdown(socket.SHUT_RDWR)
    reply.close_connection = True


def streams(_request: Request, reply: Reply) -> None:
    """Stream events that nobody asked for."""
    body = b'data: {"choices": [{"delta": {"content": "{"}}]}\n\n' * 50 + b"data: [DONE]\n\n"
    reply.send(200, body, "text/event-stream")


def endless(_request: Request, reply: Reply) -> None:
    """An answer of 40 MB."""
    reply.send(200, completion("x" * 40_000_000))


def redirects(url: str) -> Turn:
    """Send the request on to another server."""
    return lambda _request, reply: reply.send(307, b"", Location=url)

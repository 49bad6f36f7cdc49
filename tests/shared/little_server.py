"""A real HTTP server of few lines, which answers as a test tells it and notes who came."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from types import TracebackType

#: Takes the request's head, and writes whatever the test wants to the connection.
Answering = Callable[[str, socket.socket], None]


def plain(body: bytes, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> Answering:
    """An answer with its length."""
    told = {"Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())

    def answer(_request: str, connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)

    return answer


def redirect(location: str) -> Answering:
    """An answer that leads on."""
    return plain(b"", "302 Found", {"Location": location})


class LittleServer:
    """Listens on an address of this machine; `answers` says by path what comes back."""

    def __init__(self, answers: dict[str, Answering], host: str = "127.0.0.1", tls: ssl.SSLContext | None = None):
        self.answers = answers
        self._tls = tls
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        #: The head of each request.
        self.requests: list[str] = []
        #: How many connections came, also those without a request.
        self.connections = 0

    def __enter__(self) -> LittleServer:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            # Whatever a test leaves open ends with it.
            connection.settimeout(30)
            with self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as line:
                request = b""
                while b"\r\n\r\n" not in request and (piece := line.recv(65536)):
                    request += piece
                if not request:
                    return
                head = request.decode("latin-1")
                self.requests.append(head)
                self.answers[head.split(" ")[1]](head, line)
        except OSError:
            return

"""A proxy before a server that loses one answer, or cuts the line right after it, as a crash at that moment does."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_PIECE_BYTES = 1 << 16


class SeveringProxy:
    """Passes everything on until an answer that holds `answer` comes to a question that holds `question`.

    That answer is lost, or delivered if `delivered`; then every connection is cut. With `stays_away` new ones are
    cut at once until `heal`. Happens once.
    """

    def __init__(
        self,
        server: Path,
        *,
        question: bytes = b"",
        answer: bytes = b"",
        delivered: bool = False,
        stays_away: bool = False,
    ) -> None:
        self._server = server
        self._question, self._answer = question, answer
        self._delivered, self._stays_away = delivered, stays_away
        self._away = False
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        #: Where it listens.
        self.port: int = self._listener.getsockname()[1]
        #: Whether it has happened.
        self.severed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def heal(self) -> None:
        """Let connections through again."""
        self._away = False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._away:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server))
            self._sockets |= {client, server}
            asked = bytearray()
            for pump in (self._questions, self._answers):
                threading.Thread(target=pump, args=(client, server, asked), daemon=True).start()

    def _questions(self, client: socket.socket, server: socket.socket, asked: bytearray) -> None:
        with suppress(OSError):
            while data := client.recv(_PIECE_BYTES):
                asked[:] = data
                server.sendall(data)
        self._cut({client, server})

    def _answers(self, client: socket.socket, server: socket.socket, asked: bytearray) -> None:
        with suppress(OSError):
            while data := server.recv(_PIECE_BYTES):
                meant = not self.severed.is_set() and self._question in asked and self._answer in data
                if not meant or self._delivered:
                    client.sendall(data)
                if meant:
                    self._away = self._stays_away
                    self.severed.set()
                    self._cut(set(self._sockets))
        self._cut({client, server})

    def _cut(self, ends: set[socket.socket]) -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._sockets -= ends

    def __enter__(self) -> SeveringProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self._cut(set(self._sockets))

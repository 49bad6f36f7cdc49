"""A proxy before PostgreSQL that loses the answer to one statement, as a server restart at the wrong moment does."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

import psycopg.conninfo


class LossyProxy:
    """Passes everything on, until a message that holds `word` was sent: then the connection dies without its answer.

    `reached` says whether the message still gets to the server. Happens once.
    """

    def __init__(self, url: str, word: bytes, *, reached: bool) -> None:
        known = psycopg.conninfo.conninfo_to_dict(url)
        self._server = f"{known['host']}/.s.PGSQL.{known.get('port') or 5432}"
        self._word, self._reached = word, reached
        self._armed = True
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        #: The address by which the server is reached through this proxy.
        self.url = f"postgresql://{known['user']}@127.0.0.1:{port}/{known['dbname']}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def lost(self) -> bool:
        """Whether it has happened."""
        return not self._armed

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._ends += [client, server]
            answers = threading.Thread(target=self._answers, args=(server, client), daemon=True)
            questions = threading.Thread(target=self._questions, args=(client, server, answers), daemon=True)
            for thread in (answers, questions):
                self._threads.append(thread)
                thread.start()

    def _questions(self, client: socket.socket, server: socket.socket, answers: threading.Thread) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self._armed and self._word in data:
                    self._armed = False
                    if self._reached:
                        # The server works and commits; what it answers meets a client that hears nothing.
                        client.shutdown(socket.SHUT_RDWR)
                        server.sendall(data)
                        server.shutdown(socket.SHUT_WR)
                        answers.join(5)
                    break
                server.sendall(data)
        _shut(client, server)

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                with suppress(OSError):
                    client.sendall(data)

    def __enter__(self) -> LossyProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Wakes the one that accepts; closing would leave it there, to accept one connection more.
        _shut(self._listener)
        self._accepting.join(5)
        self._listener.close()
        _shut(*self._ends)
        for thread in self._threads:
            thread.join(5)
        for end in self._ends:
            end.close()


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

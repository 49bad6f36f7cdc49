"""Asking a server from inside the sandbox: an engine has no network, its worker goes on the errand (the engine's side).

One request travels over a connection of its own: a line of JSON, then the body; the answer comes back in the same
form. The connection is a pair of sockets, one end of which is handed to the worker over the channel that the engine
got when it was started. See `errands.py` for the other side and docs/decisions for the reasons.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Longest first line of a request or an answer.
MAX_HEAD_BYTES = 16 * 1024
_PIECE_BYTES = 1 << 18


@dataclass(frozen=True)
class Answered:
    """What the server answered, whatever its status. Of the headers only those that an engine may need."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class NotAnswered(Exception):
    """No answer came; the text says why, and holds neither address nor credentials.

    `kind` is `time_limit`, `connection`, `too_large`, or `refused` for what the worker does not ask.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class Asker:
    """Asks through the worker. Safe for several threads."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def __call__(self, path: str, body: bytes, time_limit_s: float) -> Answered:
        """POST JSON to a path below the URL of the server. Raises NotAnswered."""
        deadline_s = time.monotonic() + time_limit_s
        ours, theirs = socket.socketpair()
        with ours:
            try:
                with theirs:
                    socket.send_fds(self._channel, [b"?"], [theirs.fileno()])
                head = {"path": path, "bytes": len(body), "time_limit_s": time_limit_s}
                ours.settimeout(time_limit_s)
                ours.sendall(json.dumps(head).encode() + b"\n" + body)
                answer, content = receive(ours, deadline_s)
            except TimeoutError:
                raise NotAnswered("time_limit", f"no answer within {time_limit_s:.0f} s") from None
            except (OSError, ValueError, KeyError, TypeError):
                raise NotAnswered("connection", "the worker does not answer") from None
        if "failed" in answer:
            raise NotAnswered(str(answer["failed"]), str(answer.get("says", "")))
        return Answered(int(answer["status"]), answer["headers"], content)


def receive(
    connection: socket.socket, deadline_s: float, *, most_bytes: int | None = None
) -> tuple[dict[str, Any], bytes]:
    """A line of JSON and the body whose length it tells. `deadline_s` is monotonic time.

    Raises:
        TimeoutError: not all of it came in time.
        ValueError, KeyError, TypeError: it is not of this form, or too large.
        ConnectionError: the other side left.
    """
    data = bytearray()
    while (end := data.find(b"\n")) < 0:
        if len(data) > MAX_HEAD_BYTES:
            raise ValueError("no line")
        data += _piece(connection, deadline_s)
    head = json.loads(data[:end])
    length = int(head["bytes"])
    if length < 0 or (most_bytes is not None and length > most_bytes):
        raise ValueError("too large")
    body = data[end + 1 :]
    while len(body) < length:
        body += _piece(connection, deadline_s)
    return head, bytes(body[:length])


def _piece(connection: socket.socket, deadline_s: float) -> bytes:
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    connection.settimeout(left_s)
    piece = connection.recv(_PIECE_BYTES)
    if not piece:
        raise ConnectionError("the other side left")
    return piece

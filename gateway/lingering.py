"""Reads on for a moment after an answer that came before the end of the request, so that the client gets to see it.

A server that closes a connection on which the client still sends makes the kernel answer with a reset, and the
client loses the answer (for example that its file is too large) together with the connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.process import Process

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

#: After so long, or so many bytes, a client that has not noticed the answer has lost it.
_AT_MOST_S = 10
_AT_MOST_BYTES = 512 * 1024**2


class Lingering:
    """An ASGI application around another."""

    def __init__(self, application: Application, process: Process) -> None:
        self._application = application
        self.process = process

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        ended = False

        async def watched() -> Message:
            nonlocal ended
            message = await receive()
            ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
            return message

        await self._application(scope, watched, send)
        end_s, count = time.monotonic() + _AT_MOST_S, 0
        while not ended and count < _AT_MOST_BYTES and (left_s := end_s - time.monotonic()) > 0:
            try:
                message = await asyncio.wait_for(watched(), left_s)
            except TimeoutError:
                return
            count += len(message.get("body", b""))

"""Leaves clients that hold a connection without using it: a request that never comes, a body that stalls, a reader
that does not read.

Gunicorn waits for the first request of a connection without end, and for the next piece of a body as long as a piece
comes now and then, however small.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol

from shared import settings
from shared.errors import UploadStalled

_Message = dict[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_Application = Callable[[dict[str, Any], _Receive, _Send], Awaitable[None]]

#: Fewer bytes than these do not count as a sign of life.
_LEAST_BYTES = 1024
_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Unstalled:
    """An ASGI application around another, which gets UploadStalled where a body does not go on."""

    def __init__(self, application: _Application) -> None:
        self._application = application
        self._silent_s = settings.current().client_silent_s

    async def __call__(self, scope: dict[str, Any], receive: _Receive, send: _Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        more, count, left_s = True, 0, self._silent_s
        now_s = asyncio.get_running_loop().time

        async def in_time() -> _Message:
            nonlocal more, count, left_s
            if not more:
                # The body is there; whoever waits for the client to go away waits as long as it takes.
                return await receive()
            # Only the time that we wait counts, not what storage takes.
            began_s = now_s()
            try:
                message = await asyncio.wait_for(receive(), max(left_s, 0))
            except TimeoutError:
                more = False
                raise UploadStalled from None
            left_s -= now_s() - began_s
            count += len(message.get("body", b""))
            if count >= _LEAST_BYTES:
                count, left_s = 0, self._silent_s
            more = message["type"] == "http.request" and message.get("more_body", False)
            return message

        await self._application(scope, in_time, send)


class PunctualProtocol(ASGIProtocol):
    """Gunicorn's HTTP connection with the two time limits that it has no setting for."""

    def __init__(self, worker: Any) -> None:
        super().__init__(worker)
        chosen = settings.current()
        self._head_s, self._silent_s = chosen.request_head_s, chosen.client_silent_s
        self._head_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """The first request must be here in time; gunicorn limits the wait for later ones."""
        super().connection_made(transport)
        self._head_timer = self.worker.loop.call_later(self._head_s, self._head_is_late)

    def _on_headers_complete(self) -> Any:
        self._cancel(self._head_timer)
        return super()._on_headers_complete()

    def _head_is_late(self) -> None:
        self._safe_write(_TOO_LATE)
        self._keepalive_timeout()

    def pause_writing(self) -> None:
        """The client does not read as fast as we write: it must go on in time."""
        super().pause_writing()
        self._cancel(self._reader_timer)
        self._reader_timer = self.worker.loop.call_later(self._silent_s, self._abort)

    def resume_writing(self) -> None:
        """It went on."""
        self._cancel(self._reader_timer)
        super().resume_writing()

    def _abort(self) -> None:
        # Not closed: that would wait until all has been read.
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._cancel(self._head_timer)
        self._cancel(self._reader_timer)
        super().connection_lost(exc)

    @staticmethod
    def _cancel(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()

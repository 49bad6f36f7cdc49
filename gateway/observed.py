"""Sees every request from outside the application: its line in the log, its count, its span."""

from __future__ import annotations

import time
from typing import Any

from falcon.asgi import Request, Response

from gateway.lingering import Application, Message, Receive, Send
from shared import counts, metrics, tracing
from shared.logs import get_logger
from shared.tracing import TRACING

log = get_logger()

#: Where the route is found in the scope of a request.
_ROUTE = "bindery.route"
_NO_ROUTE = "none"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
#: As nginx notes it: the client was gone before there was an answer.
_CLIENT_GONE = 499
#: Asked every few seconds by machines: nobody wants to read their lines.
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})


class RouteNote:
    """Middleware that notes the route of a request, by which it is counted: never its path, which names documents."""

    async def process_resource(self, req: Request, _resp: Response, _resource: object, _params: Any) -> None:
        """Falcon calls this when it has found the route."""
        req.scope[_ROUTE] = req.uri_template


class Observed:
    """An ASGI application around another."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        status, received_bytes, sent_bytes = _CLIENT_GONE, 0, 0
        started_s = time.monotonic()

        async def measured_receive() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            return message

        async def measured_send(message: Message) -> None:
            nonlocal status, sent_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
            sent_bytes += len(message.get("body", b""))
            await send(message)

        headers = dict(scope["headers"])
        parent = tracing.parse(headers.get(b"traceparent", b"").decode("latin-1"))
        method = scope["method"] if scope["method"] in _METHODS else "other"
        with TRACING.span("request", parent=parent, kind="server") as attributes:
            try:
                await self._application(scope, measured_receive, measured_send)
            finally:
                route, took_s = scope.get(_ROUTE) or _NO_ROUTE, time.monotonic() - started_s
                attributes.update(
                    {"http.request.method": method, "http.route": route, "http.response.status_code": status}
                )
                counts.add(metrics.REQUESTS, method, route, str(status))
                counts.observe(metrics.REQUEST_SECONDS, took_s, route)
                write = log.debug if route in _QUIET else log.info
                write(
                    "request.answered",
                    method=method,
                    route=route,
                    status=status,
                    duration_s=round(took_s, 4),
                    received_bytes=received_bytes,
                    sent_bytes=sent_bytes,
                )

"""`/openapi.json`."""

from __future__ import annotations

from falcon.asgi import Request, Response

from gateway.process import Process


class OpenApi:
    """The description of this interface."""

    def __init__(self, process: Process, addresses: dict[str, object]) -> None:
        self._process = process

    async def on_get(self, _req: Request, resp: Response) -> None:
        """Describe every route."""
        resp.media = {}

"""`/`: where to go from here."""

from __future__ import annotations

from importlib.metadata import version

from falcon.asgi import Request, Response

from gateway.described import describes


class Home:
    """The first address that somebody tries."""

    @describes({200: "Anything"})
    async def on_get(self, _req: Request, resp: Response) -> None:
        """Name the places worth knowing."""
        resp.media = {
            "name": "Bindery",
            "version": version("bindery"),
            "links": {
                "operations": "/v1/operations",
                "jobs": "/v1/jobs",
                "queues": "/v1/queues",
                "workers": "/v1/workers",
                "health": "/health/ready",
                "openapi": "/openapi.json",
            },
        }

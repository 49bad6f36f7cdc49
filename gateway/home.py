"""`/`: the page for people, and for programs where to go from here."""

from __future__ import annotations

from importlib.metadata import version

from falcon.asgi import Request, Response

from gateway import web_page
from gateway.described import describes


class Home:
    """The first address that somebody tries."""

    @describes({200: "Anything"}, scope=None)
    async def on_get(self, req: Request, resp: Response) -> None:
        """Name the places worth knowing; a browser (`Accept: text/html`) gets the page."""
        resp.set_header("Vary", "Accept")
        if "text/html" in (req.get_header("Accept") or ""):
            web_page.answer(req, resp)
            return
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
                "docs": "/docs",
            },
        }

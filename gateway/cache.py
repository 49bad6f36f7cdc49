"""`/v1/cache`: what the result cache holds, and a way to empty it."""

from __future__ import annotations

from falcon.asgi import Request, Response

from gateway import result_cache
from gateway.authentication import caller_of
from gateway.described import OF_DATABASE, describes
from gateway.process import Process
from shared import operators
from shared.callers import Scope


class Cache:
    """The results that can be found again."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Cache"}, problems=OF_DATABASE, scope=Scope.ADMIN)
    async def on_get(self, _req: Request, resp: Response) -> None:
        """Count the results that can be found again, their bytes, and the jobs that were answered from them."""
        resp.media = await self._process.query(result_cache.statistics)

    @describes({200: "Cleared"}, problems=OF_DATABASE, scope=Scope.ADMIN)
    async def on_delete(self, req: Request, resp: Response) -> None:
        """Forget every result: the next job of its kind runs again. Jobs keep what they have."""
        cleared = await self._process.query(result_cache.clear)
        await self._process.query(operators.note, caller_of(req).name, "cache.cleared", {"results": cleared})
        resp.media = {"cleared": cleared}

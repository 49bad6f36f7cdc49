"""`/v1/journal`: what operators did, the newest first."""

from __future__ import annotations

from falcon.asgi import Request, Response

from gateway import request_parts
from gateway.described import OF_DATABASE, Parameter, describes
from gateway.process import Process
from shared import operators
from shared.callers import Scope
from shared.errors import OptionsError

_LIMIT = Parameter("limit", {"type": "integer", "minimum": 1, "maximum": operators.MOST_PER_PAGE}, "Lines per page.")
_CURSOR = Parameter("cursor", {"type": "integer", "minimum": 1}, "The `next_cursor` of the page before.")
#: No journal is so long.
_FIRST_PAGE = 10**9 - 1


class OperatorJournal:
    """The journal of operators."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "OperatorJournal"}, _LIMIT, _CURSOR, problems=(OptionsError, *OF_DATABASE), scope=Scope.ADMIN)
    async def on_get(self, req: Request, resp: Response) -> None:
        """Read what operators did: queues paused, many jobs retried or cancelled, the cache cleared."""
        limit = request_parts.number(req, "limit", default=50, least=1, most=operators.MOST_PER_PAGE)
        before = request_parts.number(req, "cursor", default=_FIRST_PAGE, least=1, most=_FIRST_PAGE)
        page, after = await self._process.query(operators.listed, limit=limit, before=before)
        resp.media = {"journal": page, "next_cursor": after}

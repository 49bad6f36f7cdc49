"""`/v1/session`: a browser signs in with a key, and learns who it is."""

from __future__ import annotations

from falcon.asgi import Request, Response

from gateway import session_cookie
from gateway.authentication import OF_CALLERS, key_of
from gateway.described import OF_DATABASE, describes
from gateway.process import Process
from shared import settings
from shared.callers import ANYBODY, Caller
from shared.errors import AuthenticationError


class Session:
    """Who the caller is."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Session"}, problems=(*OF_CALLERS, *OF_DATABASE), scope=None)
    async def on_get(self, req: Request, resp: Response) -> None:
        """Tell who the caller is; `owner` is null where a key is needed and none was shown."""
        resp.media = _record(await self._caller(req))

    @describes({200: "Session"}, problems=(*OF_CALLERS, *OF_DATABASE), scope=None)
    async def on_post(self, req: Request, resp: Response) -> None:
        """Sign in: the key in `Authorization: Bearer` is exchanged for a cookie that no script can read.

        The session ends after `session_hours`, and at once when its key is revoked.
        """
        if not settings.current().keys_needed:
            resp.media = _record(ANYBODY)
            return
        if req.get_header("Authorization") is None:
            raise AuthenticationError
        key = await key_of(self._process, req)
        session_cookie.give(req, resp, key)
        resp.media = _record(key.caller)

    @describes({204: None}, scope=None)
    async def on_delete(self, req: Request, resp: Response) -> None:
        """Sign out."""
        session_cookie.take(req, resp)
        resp.status = 204

    async def _caller(self, req: Request) -> Caller | None:
        if not settings.current().keys_needed:
            return ANYBODY
        try:
            return (await key_of(self._process, req)).caller
        except AuthenticationError:
            return None


def _record(caller: Caller | None) -> dict[str, object]:
    return {
        "keys_needed": settings.current().keys_needed,
        "owner": caller.owner if caller else None,
        "name": caller.name if caller else None,
        "scopes": sorted(caller.scopes) if caller else [],
    }

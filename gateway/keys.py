"""`/v1/keys`: operators make API keys, see them and end them."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response
from pydantic import Field

from gateway import json_bodies
from gateway.authentication import caller_of
from gateway.described import OF_DATABASE, describes
from gateway.process import Process
from shared import api_keys, operators
from shared.api_keys import Limits
from shared.callers import Scope
from shared.errors import NotFound

#: Longest life of a key that ends, in days.
_MOST_DAYS = 36_500


class UnknownKey(NotFound):
    """There is no such API key."""

    code = "unknown_key"
    remedy = "GET /v1/keys lists the keys."


class KeyWish(json_bodies.Body):
    """A key to make."""

    owner: str = Field(pattern="^[a-z0-9][a-z0-9._-]{0,62}$", description="Whose jobs it makes and sees.")
    name: str = Field(pattern=r"^[^\x00-\x1f\x7f/]{1,100}$", description="For people: where it is used.")
    scopes: list[Scope] = Field(
        default=[Scope.SUBMIT, Scope.READ],
        min_length=1,
        description="submit: make jobs; read: see the owner's jobs; admin: everything, of every owner.",
    )
    jobs_per_minute: int | None = Field(
        None, ge=0, le=2**31 - 1, description="Most jobs in a minute; null: as the settings say, 0: no limit."
    )
    bytes_per_day: int | None = Field(
        None, ge=0, le=2**53 - 1, description="Most bytes that its owner uploads on a day (UTC); null, 0: as above."
    )
    running_jobs: int | None = Field(
        None, ge=0, le=2**31 - 1, description="Most jobs of its owner that run at once, whatever key they came with."
    )
    expires_in_days: float | None = Field(None, gt=0, le=_MOST_DAYS, description="null: never.")

    def as_arguments(self) -> dict[str, Any]:
        """What `api_keys.create` takes."""
        return {
            "owner": self.owner,
            "name": self.name,
            "scopes": self.scopes,
            "limits": Limits(self.jobs_per_minute, self.bytes_per_day),
            "running_jobs": self.running_jobs,
            "days": self.expires_in_days,
        }


class KeyList:
    """All keys."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "KeyList"}, problems=OF_DATABASE, scope=Scope.ADMIN)
    async def on_get(self, _req: Request, resp: Response) -> None:
        """List the keys, the newest first; what is secret of them is kept nowhere."""
        resp.media = {"keys": await self._process.query(api_keys.listed)}

    @describes({201: "NewKey"}, problems=(*json_bodies.PROBLEMS, *OF_DATABASE), body=KeyWish, scope=Scope.ADMIN)
    async def on_post(self, req: Request, resp: Response) -> None:
        """Make a key. The answer shows it, once: nobody can read it again."""
        wanted, actor = await json_bodies.read(req, KeyWish), caller_of(req).name
        shown, record = await self._process.in_thread(api_keys.create, **wanted.as_arguments(), actor=actor)
        details = {name: record[name] for name in ("id", "owner", "name", "scopes")}
        await self._process.query(operators.note, actor, "key.created", details)
        resp.media = {"key": shown, **record}
        resp.status, resp.location = 201, f"/v1/keys/{record['id']}"


class Key:
    """One key."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Key"}, problems=(UnknownKey, *OF_DATABASE), scope=Scope.ADMIN)
    async def on_delete(self, req: Request, resp: Response, key_id: str) -> None:
        """Revoke a key: within seconds it works nowhere any more. Its jobs stay."""
        revoked = await self._process.query(api_keys.revoke, key_id.replace("\0", ""))
        if revoked is None:
            raise UnknownKey
        self._process.keys.forget(key_id)
        details = {name: revoked[name] for name in ("id", "owner", "name")}
        await self._process.query(operators.note, caller_of(req).name, "key.revoked", details)
        resp.media = revoked

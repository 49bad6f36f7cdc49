"""Who is it, and may they? Every route declares the scope that it needs (`@describes`); here it is asked for.

Isolation stands here too, once for all routes: an address that names a job, a batch or a pipeline of another owner
is answered as if there were none. The parameter's name in the route says what it names.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from falcon.asgi import Request, Response

from gateway.described import Description
from gateway.process import Process
from gateway.session_cookie import COOKIE, key_id_of
from shared import owners, settings
from shared.api_keys import ApiKey, token_of
from shared.callers import ANYBODY, Caller
from shared.errors import AuthenticationError, AuthorizationError, RateLimited

#: How OpenAPI calls the ways to say who one is.
SECURITY_SCHEMES: dict[str, dict[str, str]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key: `Authorization: Bearer bnd_...`."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Made by POST /v1/session."},
}
#: Errors of every route that needs a scope.
OF_CALLERS = (AuthenticationError, AuthorizationError, RateLimited)
#: Parameter of a route -> the table whose row it names.
OWNED = {"job_id": "job", "batch_id": "batch", "pipeline_id": "pipeline"}


class Authentication:
    """Middleware: knows the caller of every request whose route needs one."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def process_resource(self, req: Request, _resp: Response, resource: Any, params: dict[str, Any]) -> None:
        """Find the caller, and whether the route is open to them.

        Raises:
            AuthenticationError, RateLimited: see `KeyRing`.
            AuthorizationError: the key lacks the scope of the route.
            UnknownJob, UnknownBatch, UnknownPipeline: what the address names is another owner's.
        """
        responder = getattr(resource, f"on_{req.method.lower()}", None)
        description: Description | None = getattr(responder, "described", None)
        if description is None or description.scope is None or description.is_open():
            # Nothing is done there that needs a caller: a method that the address does not take, or an open route.
            return
        req.context.key = key = await key_of(self._process, req) if settings.current().keys_needed else None
        req.context.caller = caller = key.caller if key else ANYBODY
        if not caller.may(description.scope):
            raise AuthorizationError(f"This needs a key with the scope {description.scope.value!r}.")
        if not caller.is_admin:
            await self._check_owner(caller, params)

    async def _check_owner(self, caller: Caller, params: dict[str, Any]) -> None:
        for name in params.keys() & OWNED.keys():
            try:
                row_id = UUID(params[name])
            except ValueError:
                # The route says so, in its own words.
                continue
            await self._process.query(owners.check, OWNED[name], row_id, caller.owner)


async def key_of(process: Process, req: Request) -> ApiKey:
    """The key that a request shows, or that its session stands for. Raises what `KeyRing` does."""
    header = req.get_header("Authorization")
    if header is None:
        return await process.keys.by_id(key_id_of(req))
    scheme, _, shown = header.partition(" ")
    if scheme.lower() != "bearer":
        raise AuthenticationError("The header Authorization holds no bearer key.")
    return await process.keys.by_token(token_of(shown.strip()), req.remote_addr)


def caller_of(req: Request) -> Caller:
    """The caller of a request whose route needs a scope."""
    caller: Caller = req.context.caller
    return caller


def key_used(req: Request) -> ApiKey | None:
    """The key of that caller; None where no keys are needed."""
    key: ApiKey | None = req.context.key
    return key

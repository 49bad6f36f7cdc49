"""Who is it, and may they? Every route declares the scope that it needs (`@describes`); here it is asked for."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from gateway.described import Description
from shared.callers import ANYBODY, Caller
from shared.errors import AuthenticationError, AuthorizationError

#: How OpenAPI calls the ways to say who one is.
SECURITY_SCHEMES: dict[str, dict[str, str]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key: `Authorization: Bearer bnd_...`."},
}
#: Errors of every route that needs a scope.
OF_CALLERS = (AuthenticationError, AuthorizationError)


class Authentication:
    """Middleware: knows the caller of every request whose route needs one."""

    async def process_resource(self, req: Request, _resp: Response, resource: Any, _params: dict[str, Any]) -> None:
        """Raises AuthorizationError when the caller lacks the scope of the route."""
        responder = getattr(resource, f"on_{req.method.lower()}", None)
        description: Description | None = getattr(responder, "described", None)
        if description is None or description.scope is None:
            # Nothing is done there that needs a caller: a method that the address does not take, or an open route.
            return
        req.context.caller = caller = ANYBODY
        if not caller.may(description.scope):
            raise AuthorizationError(f"This needs a key with the scope {description.scope.value!r}.")


def caller_of(req: Request) -> Caller:
    """The caller of a request whose route needs a scope."""
    caller: Caller = req.context.caller
    return caller

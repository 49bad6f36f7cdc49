"""Every error leaves as `application/problem+json` (RFC 9457) with a stable code and a remedy."""

from __future__ import annotations

import json
from typing import Any

import falcon
from falcon.asgi import App, Request, Response

from shared.errors import BinderyError, MethodNotAllowed, NotFound, RequestError
from shared.logs import get_logger

log = get_logger()

MEDIA_TYPE = "application/problem+json"


def as_problem(error: BinderyError) -> dict[str, Any]:
    """The problem document of an error."""
    return {
        "type": f"urn:bindery:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "remedy": error.remedy,
        **error.details,
    }


def install(app: App[Request, Response]) -> None:
    """Answer every error of `app` with a problem document."""
    app.add_error_handler(Exception, _unexpected)
    app.add_error_handler(falcon.HTTPError, _of_falcon)
    app.add_error_handler(BinderyError, _of_ours)


def _answer(resp: Response, error: BinderyError) -> None:
    resp.status = error.status
    resp.content_type = MEDIA_TYPE
    resp.data = json.dumps(as_problem(error)).encode()
    resp.set_header("Cache-Control", "no-store")


async def _of_ours(req: Request, resp: Response, error: BinderyError, _params: dict[str, Any]) -> None:
    if error.status >= 500:
        log.error(
            "request.failed", route=req.uri_template, method=req.method, code=error.code, cause=repr(error.__cause__)
        )
    _answer(resp, error)
    if error.status == 503:
        resp.set_header("Retry-After", "2")
    elif error.status == 429:
        resp.set_header("Retry-After", str(error.details["retry_after_s"]))
    elif error.status == 401:
        resp.set_header("WWW-Authenticate", 'Bearer realm="bindery"')


async def _of_falcon(req: Request, resp: Response, error: falcon.HTTPError, _params: dict[str, Any]) -> None:
    if isinstance(error, falcon.HTTPNotFound):
        _answer(resp, NotFound(f"There is nothing at {req.path[:200]!r}."))
    elif isinstance(error, falcon.HTTPMethodNotAllowed):
        allowed = dict(error.headers or {})["Allow"]
        _answer(resp, MethodNotAllowed(f"{req.method} is not possible here, only {allowed}."))
        resp.set_header("Allow", allowed)
    else:
        wrong = RequestError(error.description or error.title)
        wrong.status = error.status_code
        _answer(resp, wrong)


async def _unexpected(req: Request, resp: Response, error: Exception, _params: dict[str, Any]) -> None:
    # What went wrong may quote secrets or documents: the log gets it, the client does not.
    log.error("request.crashed", route=req.uri_template, method=req.method, exc_info=error)
    _answer(resp, BinderyError(f"{BinderyError.title}."))

"""The cookie of a browser that signed in: which key it stands for, sealed, so that the key itself is kept nowhere."""

from __future__ import annotations

import time

from falcon.asgi import Request, Response

from shared import secret_box, settings
from shared.api_keys import ApiKey
from shared.secret_box import SecretUnreadable

COOKIE = "bindery_session"
_HOUR_S = 3600


def give(req: Request, resp: Response, key: ApiKey) -> None:
    """Let the browser stand for a key for some hours, or until the key ends."""
    hours = settings.current().session_hours
    sealed = secret_box.seal({"key": key.id, "until": str(time.time() + hours * _HOUR_S)})
    resp.set_cookie(
        COOKIE,
        sealed.decode(),
        max_age=int(hours * _HOUR_S),
        path="/",
        secure=_is_https(req),
        http_only=True,
        same_site="Strict",
    )


def take(req: Request, resp: Response) -> None:
    """Let the browser forget."""
    resp.set_cookie(COOKIE, "", max_age=0, path="/", secure=_is_https(req), http_only=True, same_site="Strict")


def key_id_of(req: Request) -> str | None:
    """The id of the key that a request's session stands for; None: there is no session, or it is over."""
    shown = req.get_cookie_values(COOKIE)
    if not shown:
        return None
    try:
        session = secret_box.unseal(shown[0].encode())
        return session["key"] if float(session["until"]) > time.time() else None
    except (SecretUnreadable, KeyError, ValueError):
        return None


def _is_https(req: Request) -> bool:
    # As the browser sees it: in front of the gateway a proxy may speak TLS.
    return req.forwarded_scheme == "https"

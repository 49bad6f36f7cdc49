"""Reads the small parts of a request: ids, numbers, the preference to wait."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from falcon.asgi import Request

from shared import settings
from shared.errors import MalformedId, OptionsError

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


def an_id(text: str) -> UUID:
    """Raises MalformedId."""
    try:
        return UUID(text)
    except ValueError:
        raise MalformedId(f"{text[:80]!r} is not an id.") from None


def _wrong(name: str, message: str) -> OptionsError:
    problem = {"field": name, "code": "out_of_range", "message": message}
    return OptionsError(f"{name}: {message}", problems=[problem], remedy="Correct the parameter of the address.")


def number(req: Request, name: str, *, default: int, least: int, most: int) -> int:
    """An integer of the query. Raises OptionsError when it is none, or out of range."""
    given = text(req, name)
    if given is None:
        return default
    if not re.fullmatch(r"\d{1,9}", given) or not least <= int(given) <= most:
        raise _wrong(name, f"A whole number from {least} to {most} is wanted.")
    return int(given)


def text(req: Request, name: str) -> str | None:
    """A word of the query. Raises OptionsError when it was given more than once."""
    given = req.params.get(name)
    if isinstance(given, list):
        raise _wrong(name, "It was given more than once.")
    if given and "\0" in given:
        raise _wrong(name, "A character with the code 0 is not allowed.")
    return given


def choice(req: Request, name: str, allowed: list[str]) -> str | None:
    """A word of the query. Raises OptionsError when it is not one of `allowed`."""
    given = text(req, name)
    if given is not None and given not in allowed:
        raise _wrong(name, f"One of {', '.join(allowed)} is wanted.")
    return given


def moment(req: Request, name: str) -> datetime | None:
    """A time of the query, with its zone. Raises OptionsError when it is none."""
    given = text(req, name)
    if given is None:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise _wrong(name, "A time with its zone is wanted, such as 2026-01-31T12:00:00Z.")
    return found


def wait_s(req: Request) -> float | None:
    """How long the query asks to wait: `?wait=30`, never longer than the server allows. None: not at all."""
    if "wait" not in req.params:
        return None
    return min(number(req, "wait", default=0, least=0, most=10**9 - 1), settings.current().max_wait_s)


def preferred_wait_s(req: Request) -> float | None:
    """How long the header asks to wait (RFC 7240): `Prefer: wait=30`, never longer than the server allows."""
    found = _WAIT.search(req.get_header("Prefer") or "")
    return min(float(found[1]), settings.current().max_wait_s) if found else None

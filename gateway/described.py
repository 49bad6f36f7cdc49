"""What a responder says of itself for /openapi.json, beside its docstring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from shared import settings
from shared.callers import Scope
from shared.errors import BinderyError, DatabaseUnavailable

_Responder = TypeVar("_Responder", bound=Callable[..., Any])


@dataclass(frozen=True)
class Parameter:
    """One parameter of a query or a header."""

    name: str
    schema: dict[str, Any]
    description: str
    place: str = "query"


@dataclass(frozen=True)
class Description:
    """How a responder answers."""

    #: Status -> name of a schema, or a media type, or None for an answer without a body.
    answers: dict[int, str | None]
    parameters: tuple[Parameter, ...]
    problems: tuple[type[BinderyError], ...]
    #: What the caller's key must allow; None: no key is needed.
    scope: Scope | None
    #: What the body is, where it is JSON.
    body: type[BaseModel] | None = None
    #: The setting that opens the route to those without a key.
    opened_by: str | None = None

    def is_open(self) -> bool:
        """Whether a setting opens the route to those without a key."""
        return self.opened_by is not None and bool(getattr(settings.current(), self.opened_by))


#: An answer that is a document: of whatever kind it is.
ANY_DOCUMENT = "*/*"
WAIT = Parameter(
    "wait",
    {"type": "integer", "minimum": 0, "maximum": 10**9 - 1},
    "Answer when it has ended, or after so many seconds.",
)
RANGE = Parameter("Range", {"type": "string"}, "One range of bytes, for example bytes=0-1023.", "header")
IF_NONE_MATCH = Parameter("If-None-Match", {"type": "string"}, "An ETag: 304 when it is still the same.", "header")
LAST_EVENT_ID = Parameter("Last-Event-ID", {"type": "string"}, "Resume after this event.", "header")


def describes(
    answers: dict[int, str | None],
    *parameters: Parameter,
    problems: tuple[type[BinderyError], ...] = (),
    body: type[BaseModel] | None = None,
    scope: Scope | None = Scope.ADMIN,
    opened_by: str | None = None,
) -> Callable[[_Responder], _Responder]:
    """Note how the decorated responder answers. `problems` are the errors of its own; others come from outside.

    `scope` is what the caller's key must allow, None: no key is needed. What says nothing is for operators. `opened_by`
    names a setting that opens the route to everybody.
    """

    def note(responder: _Responder) -> _Responder:
        description = Description(answers, parameters, problems, scope, body, opened_by)
        responder.described = description  # type: ignore[attr-defined]
        return responder

    return note


#: Errors of everything that asks the database.
OF_DATABASE = (DatabaseUnavailable,)

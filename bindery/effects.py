"""What a flow asks for: a request, a stream, a pause. Flows are written once; two drivers carry them out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bindery.uploads import Form

#: Seconds: to connect; for an answer, beyond the time that a request asks to wait; for a stalled transfer; between
#: two signs of life of an event stream, which come every 15.
CONNECT_S, ANSWER_S, TRANSFER_S, SILENT_S = 5.0, 30.0, 120.0, 45.0


@dataclass(frozen=True)
class Call:
    """A request that is answered with JSON, or with nothing; it may be sent again. Gives what came."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Form | None = None
    #: Sent as JSON.
    body: Mapping[str, Any] | None = None
    answer_s: float = ANSWER_S


@dataclass(frozen=True)
class Once:
    """The same request, sent one time. Gives what came."""

    call: Call


@dataclass(frozen=True)
class Listen:
    """A stream of events, each handed to `heard` by name and data. Gives how many came before it ended or broke."""

    path: str
    heard: Callable[[str, Any], None]


@dataclass(frozen=True)
class Save:
    """A download into a file that is there only when it is complete. Gives its bytes."""

    path: str
    target: Path
    sha256: str | None = None


@dataclass(frozen=True)
class Sleep:
    """A pause. Gives nothing."""

    seconds: float


Effect = Call | Once | Listen | Save | Sleep
T = TypeVar("T")
#: Yields effects, is sent what they give, and returns a value.
Flow = Generator[Effect, Any, T]

"""What can be declared of the one server that the engines of a service may ask through their worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Upstream:
    """The server, what may be asked of it, and how much."""

    #: http or https, with a path or none, without a slash at its end.
    url: str
    #: Paths below `url` that take a POST; nothing else is asked.
    paths: frozenset[str]
    #: Added to each request: the credentials, which no engine sees.
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    time_limit_s: float = 300
    most_request_bytes: int = 64 * 1024**2
    most_answer_bytes: int = 16 * 1024**2
    #: Requests in all that one attempt at a job may make.
    most_requests: int = 1000

"""Reads what came from a gateway, for both drivers."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx

from bindery.errors import NotAGateway, Refused, TransferFailed, Unreachable


def content(answer: httpx.Response) -> Any:
    """The JSON of an answer, None of an empty one. Raises Refused, Unreachable."""
    if not answer.is_success and not answer.is_redirect:
        raise refusal(answer)
    if answer.status_code == 204:
        return None
    try:
        return answer.json()
    except ValueError as error:
        raise _not_a_gateway(answer) from error


def refusal(answer: httpx.Response) -> Refused | Unreachable:
    """What an answer that is no success means; its body has been read."""
    try:
        problem = answer.json()
        assert isinstance(problem, dict)
        problem["code"], problem["detail"]
    except (ValueError, AssertionError, KeyError):
        return _not_a_gateway(answer)
    return Refused(answer.status_code, problem, _seconds(answer.headers.get("Retry-After")))


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def _not_a_gateway(answer: httpx.Response) -> NotAGateway:
    return NotAGateway(f"{answer.url} answered {answer.status_code}, but not as a Bindery gateway does.")


@contextmanager
def reached(url: str) -> Iterator[None]:
    """Turns what httpx raises into Unreachable."""
    try:
        yield
    except (httpx.TransportError, httpx.StreamError, httpx.InvalidURL) as error:
        raise Unreachable(f"No gateway answers at {url}: {error or type(error).__name__}.") from error


class EventLines:
    """Puts the lines of a stream of server-sent events together."""

    def __init__(self) -> None:
        self._name = self._data = ""

    def add(self, line: str) -> tuple[str, Any] | None:
        """Take one line; return the event that it ends, if it does. Signs of life are no events."""
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data += value
        elif not line:
            name, data, self._name, self._data = self._name, self._data, "", ""
            return (name, json.loads(data)) if name and data else None
        return None


class Unfinished:
    """A download that gets its name only when it is complete."""

    def __init__(self, target: Path, sha256: str | None) -> None:
        self._target, self._sha256 = target, sha256
        self._path = target.with_name(f".{target.name}.unfinished-{os.getpid()}")
        self._digest = hashlib.sha256()
        self._bytes = 0

    def __enter__(self) -> Unfinished:
        self._file: IO[bytes] = self._path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Append."""
        self._digest.update(piece)
        self._bytes += len(piece)
        self._file.write(piece)

    def finish(self) -> int:
        """Give it its name and return its bytes. Raises TransferFailed when its hash is not the promised one."""
        if self._sha256 is not None and self._digest.hexdigest() != self._sha256:
            raise TransferFailed(f"The hash of {self._target.name} is not the one that its job tells.")
        self._file.close()
        self._path.replace(self._target)
        return self._bytes

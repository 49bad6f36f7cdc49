"""Talks to a gateway: records, event streams, downloads; what it refuses becomes an error with its remedy."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

import httpx

from cli.errors import GatewayUnreachable, NoSuchFile, NotAGateway, TransferFailed
from shared import settings
from shared.errors import BinderyError

Record = dict[str, Any]

_CONNECT_S = 5
#: Beyond the time that a request asks the gateway to wait.
_ANSWER_S = 30
#: An event stream sends a sign of life every 15 s.
_SILENT_S = 45
#: An upload or a download may stall for so long.
_TRANSFER_S = 120


@dataclass(frozen=True)
class Event:
    """One server-sent event; without a name it is a sign of life."""

    name: str
    data: Record


class Gateway:
    """The gateway that BINDERY_URL names. Every method raises GatewayUnreachable, or what the gateway answers."""

    def __init__(self) -> None:
        self.url = settings.current().url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S))

    def __enter__(self) -> Gateway:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, *, wait_s: int = 0, **query: Any) -> Record:
        """Read a record; with `wait_s`, when its job has ended or the seconds have passed."""
        chosen = {name: value for name, value in {"wait": wait_s or None, **query}.items() if value is not None}
        timeout = httpx.Timeout(_ANSWER_S + wait_s, connect=_CONNECT_S)
        with self._errors():
            return _record(self._client.get(path, params=chosen, timeout=timeout))

    def post(self, path: str) -> Record:
        """Ask for something that needs no more than its address."""
        with self._errors():
            return _record(self._client.post(path))

    def delete(self, path: str) -> None:
        """Erase a record."""
        with self._errors():
            answer = self._client.delete(path)
            if not answer.is_success:
                _refused(answer)

    def submit(self, operation: str, files: Sequence[Path], fields: dict[str, str], *, fresh: bool = False) -> Record:
        """Upload documents and return the job, or the batch of several; `fresh` asks for no cached result.

        Raises:
            NoSuchFile: a document cannot be read.
        """
        headers = {"Cache-Control": "no-cache"} if fresh else {}
        timeout = httpx.Timeout(_TRANSFER_S, connect=_CONNECT_S)
        with ExitStack() as opened, self._errors():
            try:
                documents = [("file", (path.name, opened.enter_context(path.open("rb")))) for path in files]
            except OSError as error:
                raise NoSuchFile(f"{error.filename}: {error.strerror}.") from error
            # As parts, so that a request without documents is a multipart form too.
            chosen = [(name, (None, value)) for name, value in fields.items()]
            return _record(
                self._client.post(f"/v1/{operation}", files=[*chosen, *documents], headers=headers, timeout=timeout)
            )

    def events(self, path: str) -> Iterator[Event]:
        """Yield a job's or a batch's events until it has ended."""
        timeout = httpx.Timeout(_SILENT_S, connect=_CONNECT_S)
        with self._errors(), self._client.stream("GET", f"{path}/events", timeout=timeout) as answer:
            if answer.status_code != 200:
                return
            name, data = "", ""
            for line in answer.iter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    data = value
                elif not line:
                    yield Event(name, json.loads(data) if data else {})
                    name, data = "", ""

    def download(self, path: str, target: Path, *, sha256: str | None = None) -> int:
        """Save a document under its final name only when it is complete; returns its bytes.

        Raises:
            TransferFailed: its SHA-256 is not `sha256`.
            NoSuchFile: the target cannot be written.
        """
        unfinished = target.with_name(f".{target.name}.unfinished-{os.getpid()}")
        digest, count = hashlib.sha256(), 0
        timeout = httpx.Timeout(_TRANSFER_S, connect=_CONNECT_S)
        try:
            with (
                self._errors(),
                self._client.stream("GET", path, timeout=timeout) as answer,
                unfinished.open("wb") as file,
            ):
                if answer.status_code != 200:
                    answer.read()
                    _refused(answer)
                for piece in answer.iter_bytes():
                    digest.update(piece)
                    count += len(piece)
                    file.write(piece)
            if sha256 is not None and digest.hexdigest() != sha256:
                raise TransferFailed(f"The hash of {target.name} is not the one that its job tells.")
            unfinished.replace(target)
        except OSError as error:
            raise NoSuchFile(
                f"{target} cannot be written: {error.strerror}.", remedy="Choose another place."
            ) from error
        finally:
            unfinished.unlink(missing_ok=True)
        return count

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except httpx.InvalidURL as error:
            raise GatewayUnreachable(f"BINDERY_URL is {self.url!r}: {error}.") from error
        except (httpx.TransportError, httpx.StreamError) as error:
            raise GatewayUnreachable(f"No gateway answers at {self.url}: {error or type(error).__name__}.") from error


def _record(answer: httpx.Response) -> Record:
    if not answer.is_success:
        _refused(answer)
    try:
        found = answer.json()
    except ValueError as error:
        raise NotAGateway(f"What answers at {answer.url} is not a Bindery gateway.") from error
    if not isinstance(found, dict):
        raise NotAGateway(f"What answers at {answer.url} is not a Bindery gateway.")
    return found


def _refused(answer: httpx.Response) -> NoReturn:
    try:
        problem = answer.json()
        error = BinderyError(problem["detail"], remedy=problem["remedy"])
        error.code, error.status = problem["code"], answer.status_code
    except (ValueError, TypeError, KeyError):
        raise NotAGateway(f"{answer.url} answered {answer.status_code}, but not as a Bindery gateway does.") from None
    raise error

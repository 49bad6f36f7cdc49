"""What a client does, step by step, whichever way its driver waits."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bindery import records
from bindery.effects import ANSWER_S, TRANSFER_S, Call, Flow, Listen, Once, Save, Sleep
from bindery.errors import NotCompleted, Refused, Unreachable
from bindery.records import Batch, Document, Job, Pipeline, Raw
from bindery.uploads import Form

Followed = Job | Batch | Pipeline
OnProgress = Callable[[Followed], None]

#: A gateway that restarts, or asks to wait, is tried again for so long.
PATIENCE_S = 60.0
#: Statuses that say nothing about the request itself: too many, overloaded, restarting.
_LATER = frozenset({429, 502, 503, 504})
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 10.0
#: One long poll.
_POLL_S = 20


def submit(path: str, form: Form, *, key: str | None, fresh: bool) -> Flow[Raw]:
    """Send a submission until it is known to be accepted or refused; it counts once, however often it is sent."""
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    if fresh:
        headers["Cache-Control"] = "no-cache"
    raw: Raw = yield Call("POST", path, headers=headers, form=form, answer_s=TRANSFER_S)
    return raw


def get(path: str, query: Mapping[str, Any] | None = None) -> Flow[Any]:
    """Read a record."""
    return (yield Call("GET", path, query=query or {}))


def act(method: str, path: str) -> Flow[Any]:
    """Ask for something that may be asked for twice: cancel, erase."""
    return (yield Call(method, path))


def ask(method: str, path: str, body: Mapping[str, Any] | None) -> Flow[Any]:
    """Ask once for something that has no flow of its own."""
    return (yield Once(Call(method, path, body=body)))


def find(wanted: str) -> Flow[Followed]:
    """The job, batch or pipeline of that id. Raises Refused when there is none."""
    refused: Refused | None = None
    for kind in ("jobs", "batches", "pipelines"):
        try:
            return records.record((yield from get(f"/v1/{kind}/{quote(wanted, safe='')}")))
        except Refused as error:
            if error.status != 404:
                raise
            refused = refused or error
    assert refused is not None
    raise refused


def wait(path: str, on_progress: OnProgress | None, time_limit_s: float | None) -> Flow[Followed]:
    """Follow to the end: by events where these come through, else by asking again and again.

    Raises TimeoutError when it has not ended in time; it goes on at the gateway.
    """
    deadline_s = None if time_limit_s is None else time.monotonic() + time_limit_s
    listens = on_progress is not None
    while True:
        left_s = _POLL_S if deadline_s is None else min(_POLL_S, deadline_s - time.monotonic())
        wait_s = 0 if listens else max(0, round(left_s))
        call = Call("GET", path, query={"wait": wait_s} if wait_s else {}, answer_s=ANSWER_S + wait_s)
        record = records.record((yield call))
        if on_progress:
            on_progress(record)
        if record.ended:
            return record
        if deadline_s is not None and time.monotonic() >= deadline_s:
            raise TimeoutError(f"{path} has not ended within {time_limit_s:g} s; it goes on.")
        if listens:
            # Where no event came (a proxy that buffers), none will come.
            listens = bool((yield Listen(f"{path}/events", _Heard(record, on_progress))))


class _Heard:
    """Hands the progress of events on, as a record.

    Events of status tell the past too, from the beginning: what is true now stands in the record.
    """

    def __init__(self, record: Followed, tell: OnProgress | None) -> None:
        self._raw, self._tell = record.raw, tell

    def __call__(self, name: str, data: Any) -> None:
        if name == "progress" and "jobs" in self._raw:
            self._change(data, {"status": "processing", "progress": data, "waiting": None})
        elif name == "status" and "jobs" in self._raw:
            self._change(data, {"status": data["status"], "error": data["error"]})
        elif name == "progress" and "operation" in self._raw:
            self._raw = {**self._raw, "status": "processing", "progress": data, "waiting": None}
        elif name in ("batch", "pipeline"):
            self._raw = {**self._raw, **{key: data[key] for key in ("status", "progress") if key in data}}
        else:
            return
        if self._tell:
            self._tell(records.record(self._raw))

    def _change(self, data: Any, change: Raw) -> None:
        """One job of a batch is in another state."""
        jobs = [{**job, **change} if job["id"] == data["job_id"] else job for job in self._raw["jobs"]]
        self._raw = {**self._raw, "jobs": jobs}


def result_of(record: Followed) -> tuple[Document, ...]:
    """The documents that something which ended has made. Raises NotCompleted."""
    if record.status != "completed":
        error = record.error if isinstance(record, Job) else None
        message = error.message if error else f"It is {record.status}."
        code, remedy = (error.code, error.remedy) if error else (None, "")
        raise NotCompleted(record, message, code=code, remedy=remedy)
    if isinstance(record, Job):
        return record.outputs
    last = record.jobs if isinstance(record, Batch) else record.steps[-1].jobs
    return tuple(document for job in last if job.status == "completed" for document in job.outputs)


def fetch(document: Document, target: Path) -> Flow[int]:
    """Save one document. Raises NotCompleted when it is gone."""
    if document.url is None:
        raise NotCompleted(document, f"{document.name} is not kept any more.")
    count: int = yield Save(document.url, target, document.sha256)
    return count


def download(record: Followed, target: Path) -> Flow[list[Path]]:
    """Save the result: into a folder each document by its name, else into one file (several: a zip)."""
    documents = [one for one in result_of(record) if one.url]
    if target.is_dir():
        saved = []
        for document, name in zip(documents, _names(documents), strict=True):
            yield from fetch(document, target / name)
            saved.append(target / name)
        return saved
    sha256 = documents[0].sha256 if len(documents) == 1 and isinstance(record, Job) else None
    yield Save(f"{record.path}/result", target, sha256)
    return [target]


def _names(documents: Sequence[Document]) -> Iterator[str]:
    """A file name for each: the gateway says how a file is called, not where it goes."""
    taken: set[str] = set()
    for document in documents:
        plain = Path(document.name.replace("\\", "/").replace("\0", "")).name.lstrip(".") or "output"
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{Path(plain).stem}-{number}{Path(plain).suffix}"
        taken.add(name)
        yield name


def patiently(call: Call, patience_s: float) -> Flow[Any]:
    """Try again for so long what a restart, a lost connection or a full queue stopped: how a Call is carried out."""
    give_up_at_s = time.monotonic() + patience_s
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return (yield Once(call))
        except (Unreachable, Refused) as error:
            if isinstance(error, Refused) and error.status not in _LATER:
                raise
            asked_s = error.retry_after_s if isinstance(error, Refused) else None
            # Spread, so that clients that were turned away together do not come back together.
            wait_s = asked_s if asked_s is not None else pause_s * random.uniform(0.5, 1)  # noqa: S311
            if time.monotonic() + wait_s > give_up_at_s:
                raise
            yield Sleep(wait_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

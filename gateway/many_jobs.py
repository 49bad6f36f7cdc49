"""`/v1/jobs/retry` and `/v1/jobs/cancel`: what operators do to all jobs that have something in common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, Literal
from uuid import uuid4

from falcon.asgi import Request, Response
from pydantic import AwareDatetime, Field

from gateway import json_bodies
from gateway.authentication import caller_of
from gateway.described import OF_DATABASE, describes
from gateway.jobs import cancel
from gateway.json_bodies import Body
from gateway.process import Process
from shared import jobs, operators, pipelines, selections
from shared.errors import OptionsError
from shared.models import Status
from shared.selections import Selection

#: Bells for the jobs of one queue that can start again: enough to wake its workers. They find the rest by themselves.
_MOST_BELLS = 16

_Word = Annotated[str, Field(min_length=1, max_length=100)]


class FilterMissing(OptionsError):
    """Without a filter this would concern every job."""

    code = "filter_missing"
    remedy = "Name at least one of: status, owner, operation, queue, error_code, created_after, created_before."


class _Filter(Body):
    owner: _Word | None = Field(None, description="Whose; every owner's unless told.")
    operation: _Word | None = None
    queue: _Word | None = Field(None, description="Where they, or the step that they are at, are done.")
    error_code: _Word | None = Field(None, description="Of the error that they failed with, or are tried again after.")
    created_after: AwareDatetime | None = None
    created_before: AwareDatetime | None = None
    dry_run: bool = Field(False, description="Only say which jobs it would be.")


class RetryFilter(_Filter):
    """Which jobs to try again."""

    status: Literal["failed", "cancelled"] = Field("failed", description="What somebody cancelled only when asked for.")


class CancelFilter(_Filter):
    """Which jobs to cancel."""

    status: Literal["pending", "processing"] | None = None


@dataclass(frozen=True)
class _Wish:
    """What a request asks for."""

    selection: Selection
    #: As they were given, for the journal.
    filters: dict[str, Any]
    dry_run: bool


async def _wish(req: Request, kind: type[_Filter], otherwise: tuple[Status, ...]) -> _Wish:
    """What a request asks for. Raises FilterMissing, or what a body raises."""
    given: Any = await json_bodies.read(req, kind)
    named = {name: value for name, value in given if name in given.model_fields_set and value is not None}
    named.pop("dry_run", None)
    if not named:
        raise FilterMissing
    filters = given.model_dump(mode="json", include=set(named))
    status = named.pop("status", None)
    return _Wish(Selection((Status(status),) if status else otherwise, **named), filters, given.dry_run)


def _told(found: list[dict[str, Any]], changed: int, *, dry_run: bool) -> dict[str, Any]:
    matching = found[0]["matching"] if found else 0
    return {
        "dry_run": dry_run,
        "matching": matching,
        "changed": changed,
        "jobs": [
            {"id": str(job["id"]), "operation": job["operation"], "queue": job["queue"], "status": job["status"]}
            for job in found
        ],
        "more": matching > len(found),
    }


class _ManyJobs:
    def __init__(self, process: Process) -> None:
        self._process = process

    async def _note(self, req: Request, action: str, wish: _Wish, told: dict[str, Any]) -> None:
        if not wish.dry_run:
            noted = {"filters": wish.filters, "jobs": told["changed"], "more": told["more"]}
            await self._process.query(operators.note, caller_of(req).name, action, noted)


_PROBLEMS = (FilterMissing, *json_bodies.PROBLEMS, *OF_DATABASE)


class JobsRetry(_ManyJobs):
    """The wish to try many jobs again."""

    @describes({200: "ManyJobs"}, problems=_PROBLEMS, body=RetryFilter)
    async def on_post(self, req: Request, resp: Response) -> None:
        """Try all jobs again that match every filter, the oldest first, up to 200 per request.

        `more` says that there are others: send the same request again until it is false.
        """
        wish = await _wish(req, RetryFilter, (Status.FAILED,))
        found = await self._process.query(selections.found, wish.selection)
        changed = 0
        if not wish.dry_run:
            changed = await self._process.query(self._retry, found, caller_of(req).name)
            await self._process.say_changed([job["id"] for job in found])
        resp.media = told = _told(found, changed, dry_run=wish.dry_run)
        await self._note(req, "jobs.retried", wish, told)

    def _retry(self, found: list[dict[str, Any]], actor: str) -> int:
        message_id = str(uuid4())
        simple = jobs.retry_all([job["id"] for job in found if not job["has_steps"]], actor, message_id)
        for pipeline_id in {job["pipeline_id"] for job in found if job["pipeline_id"]}:
            # What came after them ended with them, and waits for them again.
            pipelines.reopen(pipeline_id, actor)
        in_steps = [pipelines.retry_steps_of(job["id"], actor, message_id) for job in found if job["has_steps"]]
        for queue, count in Counter(change.queue for change in chain(simple, *in_steps)).items():
            for _ in range(min(count, _MOST_BELLS)):
                self._process.bell.ring(queue, message_id)
        return len(simple) + sum(1 for changes in in_steps if changes)


class JobsCancel(_ManyJobs):
    """The wish to end many jobs."""

    @describes({200: "ManyJobs"}, problems=_PROBLEMS, body=CancelFilter)
    async def on_post(self, req: Request, resp: Response) -> None:
        """Cancel all jobs that match every filter, the oldest first, up to 200 per request.

        Waiting ones end at once, running ones within seconds. `more` says that there are others: send the same request
        again until it is false.
        """
        wish = await _wish(req, CancelFilter, (Status.PENDING, Status.PROCESSING))
        found = await self._process.query(selections.found, wish.selection)
        if not wish.dry_run:
            await cancel(self._process, [job["id"] for job in found], caller_of(req).name)
        resp.media = told = _told(found, 0 if wish.dry_run else len(found), dry_run=wish.dry_run)
        await self._note(req, "jobs.cancelled", wish, told)

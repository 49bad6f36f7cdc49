"""`/v1/jobs`: the list, one job, its journal, and what can be done to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from falcon.asgi import Request, Response

from gateway import request_parts
from gateway.authentication import caller_of
from gateway.described import OF_DATABASE, WAIT, Parameter, describes
from gateway.process import Process
from gateway.waiting import until_ended
from shared import job_records, jobs, pipelines
from shared.callers import Scope
from shared.errors import AuthorizationError, ConflictError, MalformedId, OptionsError, UnknownJob
from shared.models import ENDED, Status

_FILTERS = (
    Parameter("status", {"enum": [status.value for status in Status]}, "Only jobs of this status."),
    Parameter("operation", {"type": "string"}, "Only jobs of this operation."),
    Parameter("queue", {"type": "string"}, "Only jobs of this queue."),
    Parameter("owner", {"type": "string"}, "Only jobs of this owner, `*`: of all; for admins. Else: one's own."),
    Parameter("error_code", {"type": "string"}, "Only jobs that failed with this code."),
    Parameter("created_after", {"type": "string", "format": "date-time"}, "Only jobs that were created later."),
    Parameter("created_before", {"type": "string", "format": "date-time"}, "Only jobs that were created earlier."),
    Parameter("batch_id", {"type": "string", "format": "uuid"}, "Only jobs of this batch."),
    Parameter("steps", {"type": "boolean"}, "`true`: also the steps that jobs are done in, as jobs of their own."),
    Parameter("without", {"type": "string"}, "Operations whose jobs are left out, joined by commas."),
    Parameter("limit", {"type": "integer", "minimum": 1, "maximum": job_records.MOST_PER_PAGE}, "Jobs per page."),
    Parameter("cursor", {"type": "string", "format": "uuid"}, "The `next_cursor` of the page before."),
)


def _wanted_owner(req: Request) -> str | None:
    """The owner whose jobs are asked for; None: all. Raises AuthorizationError."""
    caller, asked = caller_of(req), request_parts.text(req, "owner")
    if asked not in (None, caller.owner) and not caller.is_admin:
        raise AuthorizationError(f"Jobs of other owners need a key with the scope {Scope.ADMIN.value!r}.")
    return None if asked == "*" else asked or caller.owner


async def cancel(process: Process, job_ids: list[UUID], actor: str) -> None:
    """Ask to end jobs, with their steps, and tell those who watch."""
    changed = await process.query(jobs.cancel, job_ids, actor)
    # Those of which no step runs have ended with that.
    await process.query(pipelines.advance_steps_of, job_ids)
    await process.say_changed(list({*job_ids, *(change.job_id for change in changed)}))


class JobList:
    """The jobs of this server, the newest first."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "JobList"}, *_FILTERS, problems=(MalformedId, OptionsError, *OF_DATABASE), scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response) -> None:
        """List jobs."""
        batch_id = request_parts.text(req, "batch_id")
        filters = job_records.Filters(
            status=request_parts.choice(req, "status", [status.value for status in Status]),
            operation=request_parts.text(req, "operation"),
            queue=request_parts.text(req, "queue"),
            error_code=request_parts.text(req, "error_code"),
            created_after=request_parts.moment(req, "created_after"),
            created_before=request_parts.moment(req, "created_before"),
            batch_id=request_parts.an_id(batch_id) if batch_id is not None else None,
            without=tuple(filter(None, (request_parts.text(req, "without") or "").split(","))),
            steps=request_parts.choice(req, "steps", ["true", "false"]) == "true",
        )
        limit = request_parts.number(req, "limit", default=50, least=1, most=job_records.MOST_PER_PAGE)
        cursor = request_parts.text(req, "cursor")
        before = request_parts.an_id(cursor) if cursor is not None else None
        filters = replace(filters, owner=_wanted_owner(req))
        page, after = await self._process.query(job_records.listed, filters, limit=limit, before=before)
        resp.media = {"jobs": page, "next_cursor": str(after) if after else None}


class Job:
    """One job."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Job"}, WAIT, problems=(MalformedId, UnknownJob, OptionsError, *OF_DATABASE), scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response, job_id: str) -> None:
        """Look at a job; with `wait`, when it has ended or the seconds have passed."""
        wanted, wait_s = request_parts.an_id(job_id), request_parts.wait_s(req)
        if wait_s:
            await until_ended(self._process, [wanted], wait_s)
        resp.media = await self._process.query(job_records.job, wanted)

    @describes({204: None}, problems=(MalformedId, UnknownJob, ConflictError, *OF_DATABASE), scope=Scope.SUBMIT)
    async def on_delete(self, _req: Request, resp: Response, job_id: str) -> None:
        """Erase a job that is not running, with its documents."""
        wanted = request_parts.an_id(job_id)
        gone = await self._process.query(jobs.erase, wanted)
        if gone is None:
            found = await self._process.query(job_records.row, wanted)
            if found["pipeline_id"]:
                raise ConflictError("The job is a step.", remedy=f"Delete the whole: DELETE {_whole(found)}.")
            raise ConflictError("The job is running.", remedy="Cancel it first: POST /v1/jobs/{id}/cancel.")
        await self._process.erase_documents(gone)
        await self._process.say_changed(gone)
        resp.status = 204


def _whole(step: dict[str, Any]) -> str:
    return f"/v1/jobs/{step['step_of']}" if step["step_of"] else f"/v1/pipelines/{step['pipeline_id']}"


class JobJournal:
    """Every change of a job's state: when, by whom, why."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Journal"}, problems=(MalformedId, UnknownJob, *OF_DATABASE), scope=Scope.READ)
    async def on_get(self, _req: Request, resp: Response, job_id: str) -> None:
        """Read the journal of a job, the oldest line first."""
        resp.media = {"journal": await self._process.query(job_records.journal, request_parts.an_id(job_id))}


class JobCancel:
    """The wish to end a job."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes(
        {200: "Job", 202: "Job"}, problems=(MalformedId, UnknownJob, ConflictError, *OF_DATABASE), scope=Scope.SUBMIT
    )
    async def on_post(self, req: Request, resp: Response, job_id: str) -> None:
        """Cancel a job: a waiting one ends at once, a running one within seconds."""
        wanted = request_parts.an_id(job_id)
        await cancel(self._process, [wanted], caller_of(req).name)
        resp.media = await self._process.query(job_records.job, wanted)
        if resp.media["status"] in (Status.COMPLETED, Status.FAILED):
            raise ConflictError(f"The job has ended already: it is {resp.media['status']}.")
        resp.status = 200 if resp.media["status"] in ENDED else 202


class JobRetry:
    """The wish to try a job once more."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({202: "Job"}, problems=(MalformedId, UnknownJob, ConflictError, *OF_DATABASE), scope=Scope.SUBMIT)
    async def on_post(self, req: Request, resp: Response, job_id: str) -> None:
        """Try a failed or cancelled job again, with all its tries; one in steps goes on from the step that failed."""
        wanted, message_id, actor = request_parts.an_id(job_id), str(uuid4()), caller_of(req).name
        found = await self._process.query(job_records.row, wanted)
        if found["step_of"]:
            raise ConflictError("The job is a step.", remedy=f"Retry the whole: POST {_whole(found)}/retry.")
        retry = pipelines.retry_steps_of if found["steps"] else jobs.retry
        await self._process.query(retry, wanted, actor, message_id)
        resp.media = record = await self._process.query(job_records.job, wanted)
        # By our message, not by what the query answers: of two tries the first may have been heard and not answered.
        if record["message_id"] != message_id:
            raise ConflictError(f"Only a failed or cancelled job can be tried again; this one is {record['status']}.")
        if record["pipeline_id"]:
            # What came after it in the pipeline ended with it, and waits for it again.
            await self._process.query(pipelines.reopen, request_parts.an_id(record["pipeline_id"]), actor)
        for queue in {step["queue"] for step in found["steps"]} or {record["queue"]}:
            await self._process.in_thread(self._process.bell.ring, queue, message_id)
        await self._process.say_changed([wanted])
        resp.status = 202

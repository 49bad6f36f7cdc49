"""Jobs and journals as the public reads them. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from shared import database, names
from shared.errors import UnknownJob
from shared.explain import Queue, explain, explain_steps, places, queues, recent_queues
from shared.jobs import made_by
from shared.models import ENDED, Status
from shared.progress import as_one, at_work, progress

#: Jobs of one page of a list, at most.
MOST_PER_PAGE = 200

_FILES = """(
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'name', name, 'media_type', media_type, 'bytes', bytes, 'sha256', sha256, 'storage_key', storage_key,
        'erased', erased) ORDER BY role DESC, position), '[]')
    FROM job_file AS file WHERE {which})"""
#: Whether a row of `job` is a step that another job is done in.
_IS_STEP = "EXISTS (SELECT FROM pipeline WHERE pipeline.id = job.pipeline_id AND pipeline.job_id IS NOT NULL)"
#: What a row's status is to the public: a job that is done in steps is at it as soon as one of them has begun.
_STATUS = """CASE WHEN status = 'pending' AND waits_for_step AND pipeline_id IS NULL AND EXISTS (
    SELECT FROM pipeline JOIN job AS step ON step.pipeline_id = pipeline.id
    WHERE pipeline.job_id = job.id AND step.status <> 'pending') THEN 'processing' ELSE status END"""

_JOBS = f"""
    SELECT job.*,
        {_FILES.format(which="job_id = job.id AND role = 'input'")} AS inputs,
        {_FILES.format(which=made_by("job"))} AS outputs,
        (SELECT id FROM pipeline WHERE pipeline.job_id = job.id) AS chain_id,
        (SELECT pipeline.job_id FROM pipeline WHERE pipeline.id = job.pipeline_id) AS step_of,
        extract(epoch FROM run_at - now())::float8 AS starts_in_s,
        extract(epoch FROM lease_until - now())::float8 AS lease_left_s,
        extract(epoch FROM coalesce(started_at, completed_at, now()) - created_at)::float8 AS queue_seconds,
        extract(epoch FROM coalesce(completed_at, now()) - claimed_at)::float8 AS run_seconds
    FROM job"""


def timestamp(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _rows(which: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of jobs; each that is done in steps with them in `steps`, and with what it has in common with them."""
    found = database.rows(f"{_JOBS} {which}", parameters)
    chain_ids = [row["chain_id"] for row in found if row["chain_id"]]
    of_chains = f"{_JOBS} WHERE pipeline_id = ANY(%(ids)s) ORDER BY pipeline_step"
    steps = database.rows(of_chains, {"ids": chain_ids}) if chain_ids else []
    return [_joined(row, [step for step in steps if step["pipeline_id"] == row["chain_id"]]) for row in found]


def _joined(found: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    if not steps:
        return {**found, "steps": []}
    _, step = at_work(steps)
    ran = [each["run_seconds"] for each in steps if each["run_seconds"] is not None]
    return {
        **as_one(found, steps),
        "started_at": steps[0]["started_at"],
        "queue_seconds": steps[0]["queue_seconds"],
        "run_seconds": sum(ran) if ran else None,
        "worker_id": step["worker_id"],
        "last_error": step["last_error"],
        "steps": steps,
    }


def row(job_id: UUID) -> dict[str, Any]:
    """The row of a job with its files, `storage_key` included: not for the public. Raises UnknownJob."""
    found = _rows("WHERE id = %(job_id)s", {"job_id": job_id})
    if not found:
        raise UnknownJob
    return found[0]


def job(job_id: UUID) -> dict[str, Any]:
    """The public record of a job. Raises UnknownJob."""
    found = row(job_id)
    return record(found, queues_for([found]))


def created(job_id: UUID) -> dict[str, Any]:
    """The record of a job that was created a moment ago; who consumes its queue may be known from a second ago.

    Raises UnknownJob.
    """
    found = row(job_id)
    return record(found, recent_queues() if found["status"] == Status.PENDING else {})


def rows_of_pipeline(pipeline_id: UUID) -> list[dict[str, Any]]:
    """The rows of a pipeline's jobs with their files, step by step; none: there is no such pipeline."""
    return _rows("WHERE pipeline_id = %(id)s ORDER BY pipeline_step, pipeline_part", {"id": pipeline_id})


def rows_of_batch(batch_id: UUID) -> list[dict[str, Any]]:
    """The rows of a batch's jobs with their files, in the order of its files."""
    return _rows("WHERE batch_id = %(id)s ORDER BY batch_position", {"id": batch_id})


def queues_for(found: list[dict[str, Any]]) -> dict[str, Queue]:
    """What explains these rows; the places of those that wait in a full queue are added to them."""
    all_rows = (job for row in found for job in (row["steps"] or [row]))
    pending = [job for job in all_rows if job["status"] == Status.PENDING]
    if not pending:
        return {}
    known = queues()
    for name in {job["queue"] for job in pending} & known.keys():
        behind = {
            job["id"]: job for job in pending if job["queue"] == name and known[name].is_full_for(job["operation"])
        }
        places_of = places(name, list(behind)) if behind else {}
        for job_id, job in behind.items():
            job["ahead"] = places_of.get(job_id)
    return known


def record(found: dict[str, Any], known: dict[str, Queue]) -> dict[str, Any]:
    """What the public sees of a row."""
    ran = found["status"] in (Status.PROCESSING, Status.COMPLETED, Status.FAILED)
    return {
        "id": str(found["id"]),
        "operation": found["operation"],
        "queue": found["queue"],
        "owner": found["owner"],
        "status": found["status"],
        "progress": progress(found),
        "waiting": explain_steps(found, known) if found["steps"] else explain(found, _queue(found, known)),
        "attempt": found["attempt"],
        "failures": found["failures"],
        "crashes": found["crashes"],
        "interruptions": found["interruptions"],
        "priority": found["priority"],
        "created_at": timestamp(found["created_at"]),
        "started_at": timestamp(found["started_at"]),
        "completed_at": timestamp(found["completed_at"]),
        "expires_at": timestamp(found["expires_at"]),
        "run_at": timestamp(found["run_at"]),
        "queue_seconds": round(found["queue_seconds"], 3),
        # Of the latest attempt; the waits between attempts belong to neither.
        "run_seconds": round(found["run_seconds"], 3) if ran and found["run_seconds"] is not None else None,
        "inputs": [
            {**_file(stored), "url": None if stored["erased"] else f"/v1/jobs/{found['id']}/inputs/{position}"}
            for position, stored in enumerate(found["inputs"])
        ],
        "outputs": [
            {**_file(output), "url": None if output["erased"] else _output_url(found["id"], output["name"])}
            for output in outputs(found)
        ],
        "options": found["options"],
        "result": found["result"],
        "error": found["error"],
        "last_error": found["last_error"],
        "cached": found["cached"],
        "message_id": found["message_id"],
        "worker": str(found["worker_id"]) if found["worker_id"] else None,
        "batch_id": str(found["batch_id"]) if found["batch_id"] else None,
        "pipeline_id": str(found["pipeline_id"]) if found["pipeline_id"] and not found["step_of"] else None,
        "pipeline_step": found["pipeline_step"] + 1 if found["pipeline_id"] else None,
        "steps": [_step(step, known) for step in found["steps"]],
        "step_of": str(found["step_of"]) if found["step_of"] else None,
        "links": _links(found),
    }


def _queue(found: dict[str, Any], known: dict[str, Queue]) -> Queue:
    return known.get(found["queue"], Queue())


def _step(found: dict[str, Any], known: dict[str, Queue]) -> dict[str, Any]:
    return {
        "operation": found["operation"],
        "id": str(found["id"]),
        "status": found["status"],
        "progress": progress(found),
        "waiting": explain(found, _queue(found, known)),
        "attempt": found["attempt"],
        "run_seconds": round(found["run_seconds"], 3) if found["run_seconds"] is not None else None,
        "options": found["options"],
        "error": found["error"],
    }


def _file(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: stored[name] for name in ("name", "media_type", "bytes", "sha256")}


def outputs(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The outputs of a row, each under a name of its own that is safe in an address, a header and an archive."""
    stored = found["outputs"]
    kept = names.unique(names.safe(output["name"], otherwise="output") for output in stored)
    return [{**output, "name": name} for output, name in zip(stored, kept, strict=True)]


def _output_url(job_id: UUID, name: str) -> str:
    return f"/v1/jobs/{job_id}/outputs/{quote(name, safe='')}"


def _links(found: dict[str, Any]) -> dict[str, str]:
    here = f"/v1/jobs/{found['id']}"
    links = {"self": here, "events": f"{here}/events", "journal": f"{here}/journal"}
    if found["batch_id"]:
        links["batch"] = f"/v1/batches/{found['batch_id']}"
    if found["step_of"]:
        links["step_of"] = f"/v1/jobs/{found['step_of']}"
    elif found["pipeline_id"]:
        links["pipeline"] = f"/v1/pipelines/{found['pipeline_id']}"
    if found["webhook_id"]:
        links["webhook"] = f"/v1/webhooks/{found['webhook_id']}"
    if found["status"] not in ENDED:
        links["cancel"] = f"{here}/cancel"
    if found["status"] in (Status.FAILED, Status.CANCELLED) and not found["step_of"]:
        links["retry"] = f"{here}/retry"
    if found["status"] == Status.COMPLETED and not any(output["erased"] for output in found["outputs"]):
        links["result"] = f"{here}/result"
    return links


@dataclass(frozen=True)
class Filters:
    """Which jobs a list shows; None: all."""

    status: str | None = None
    operation: str | None = None
    queue: str | None = None
    batch_id: UUID | None = None
    owner: str | None = None
    #: Of the error that they failed with.
    error_code: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    #: Whether steps that other jobs are done in are shown as the jobs that they are.
    steps: bool = False
    #: Operations whose jobs are left out.
    without: tuple[str, ...] = ()


#: How a filter is meant whose name is not that of a column that is equal to it.
_MEANT = {
    "status": f"{_STATUS} = %(status)s",
    "error_code": "error ->> 'code' = %(error_code)s",
    "created_after": "created_at > %(created_after)s",
    "created_before": "created_at < %(created_before)s",
}


def listed(filters: Filters, *, limit: int, before: UUID | None) -> tuple[list[dict[str, Any]], UUID | None]:
    """The newest jobs before the one with the id `before`, and where the next page begins (None: this is the last)."""
    given = {name: value for name, value in vars(filters).items() if value is not None}
    wanted = {name: value for name, value in given.items() if name not in ("steps", "without")}
    conditions = [_MEANT.get(name, f"{name} = %({name})s") for name in wanted]
    if not filters.steps:
        conditions.append(f"NOT {_IS_STEP}")
    if filters.without:
        conditions.append("operation <> ALL(%(without)s)")
    if before:
        conditions.append("id < %(before)s")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    # Ids are UUIDv7: their order is the order of creation. One row more than the page tells whether it is the last.
    found = _rows(
        f"{where} ORDER BY id DESC LIMIT %(limit)s",
        {**wanted, "without": list(filters.without), "before": before, "limit": limit + 1},
    )
    page = found[:limit]
    known = queues_for(page)
    return [record(job, known) for job in page], page[-1]["id"] if len(found) > limit else None


def journal(job_id: UUID, after: int = 0) -> list[dict[str, Any]]:
    """The changes of state of a job and of its steps after the one with the number `after`, oldest first.

    `step` names the operation of a step; it is None in lines on the job itself. Raises UnknownJob.
    """
    found = database.rows(
        """SELECT event.id, event.at, event.event, event.status, event.attempt, event.actor, event.details,
                  nullif(subject.step, '') AS step
           FROM (
               SELECT id, '' AS step FROM job WHERE id = %(job_id)s UNION ALL
               SELECT step.id, step.operation FROM pipeline JOIN job AS step ON step.pipeline_id = pipeline.id
               WHERE pipeline.job_id = %(job_id)s
           ) AS subject LEFT JOIN job_event AS event ON event.job_id = subject.id AND event.id > %(after)s
           ORDER BY event.id""",
        {"job_id": job_id, "after": after},
    )
    if not found:
        raise UnknownJob
    return [{**event, "at": timestamp(event["at"])} for event in found if event["id"] is not None]


_WATCHED = """
    SELECT id, operation, status, attempt, progress_current, progress_total, progress_message,
           error ->> 'message' AS error, batch_position, pipeline_id,
           (SELECT id FROM pipeline WHERE pipeline.job_id = job.id) AS chain_id
    FROM job"""


def watched(job_ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Status and progress of jobs, cheaply: what a watcher asks again and again; `step_ids` are those of its steps."""
    found = database.rows(f"{_WATCHED} WHERE id = ANY(%(ids)s) ORDER BY batch_position", {"ids": job_ids})
    chain_ids = [job["chain_id"] for job in found if job["chain_id"]]
    of_chains = f"{_WATCHED} WHERE pipeline_id = ANY(%(ids)s) ORDER BY pipeline_step"
    all_steps = database.rows(of_chains, {"ids": chain_ids}) if chain_ids else []
    rows = {}
    for job in found:
        steps = [step for step in all_steps if step["pipeline_id"] == job["chain_id"]]
        rows[job["id"]] = {**(as_one(job, steps) if steps else job), "step_ids": [step["id"] for step in steps]}
    return rows

"""Jobs, journals and batches as the public reads them. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from shared import database, names
from shared.errors import UnknownBatch, UnknownJob
from shared.explain import Queue, explain, places, queues, recent_queues
from shared.models import ENDED, Status

#: Jobs of one page of a list, at most.
MOST_PER_PAGE = 200

_FILES = """(
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'name', name, 'media_type', media_type, 'bytes', bytes, 'sha256', sha256, 'storage_key', storage_key,
        'erased', erased) ORDER BY position), '[]')
    FROM job_file WHERE job_id = job.id AND role = '{role}' AND attempt = {attempt})"""

_JOBS = f"""
    SELECT job.*,
        {_FILES.format(role="input", attempt="0")} AS inputs,
        {_FILES.format(role="output", attempt="job.result_attempt")} AS outputs,
        extract(epoch FROM run_at - now())::float8 AS starts_in_s,
        extract(epoch FROM lease_until - now())::float8 AS lease_left_s,
        extract(epoch FROM coalesce(started_at, completed_at, now()) - created_at)::float8 AS queue_seconds,
        extract(epoch FROM coalesce(completed_at, now()) - claimed_at)::float8 AS run_seconds
    FROM job"""


def timestamp(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def row(job_id: UUID) -> dict[str, Any]:
    """The row of a job with its files, `storage_key` included: not for the public. Raises UnknownJob."""
    found = database.rows(f"{_JOBS} WHERE id = %(job_id)s", {"job_id": job_id})
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
    return database.rows(
        f"{_JOBS} WHERE pipeline_id = %(id)s ORDER BY pipeline_step, pipeline_part", {"id": pipeline_id}
    )


def queues_for(found: list[dict[str, Any]]) -> dict[str, Queue]:
    """What explains these rows; the places of those that wait in a full queue are added to them."""
    pending = [job for job in found if job["status"] == Status.PENDING]
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
        "status": found["status"],
        "progress": progress(found),
        "waiting": explain(found, known.get(found["queue"], Queue())),
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
        "inputs": [_file(stored) for stored in found["inputs"]],
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
        "pipeline_id": str(found["pipeline_id"]) if found["pipeline_id"] else None,
        "pipeline_step": found["pipeline_step"] + 1 if found["pipeline_id"] else None,
        "links": _links(found),
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
    if found["pipeline_id"]:
        links["pipeline"] = f"/v1/pipelines/{found['pipeline_id']}"
    if found["status"] not in ENDED:
        links["cancel"] = f"{here}/cancel"
    if found["status"] in (Status.FAILED, Status.CANCELLED):
        links["retry"] = f"{here}/retry"
    if found["status"] == Status.COMPLETED and not any(output["erased"] for output in found["outputs"]):
        links["result"] = f"{here}/result"
    return links


def progress(found: dict[str, Any]) -> dict[str, Any]:
    """Steps done, steps in all, what is being done, and the share in percent; 100 only when it is completed."""
    current, total = found["progress_current"], found["progress_total"]
    percent = min(99, 100 * current // total) if total else 0
    return {
        "percent": 100 if found["status"] == Status.COMPLETED else max(0, percent),
        "current": current,
        "total": total,
        "message": found["progress_message"],
    }


@dataclass(frozen=True)
class Filters:
    """Which jobs a list shows; None: all."""

    status: str | None = None
    operation: str | None = None
    queue: str | None = None
    batch_id: UUID | None = None


def listed(filters: Filters, *, limit: int, before: UUID | None) -> tuple[list[dict[str, Any]], UUID | None]:
    """The newest jobs before the one with the id `before`, and where the next page begins (None: this is the last)."""
    wanted = {name: value for name, value in vars(filters).items() if value is not None}
    conditions = [f"{name} = %({name})s" for name in wanted]
    if before:
        conditions.append("id < %(before)s")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    # Ids are UUIDv7: their order is the order of creation. One row more than the page tells whether it is the last.
    found = database.rows(
        f"{_JOBS} {where} ORDER BY id DESC LIMIT %(limit)s", {**wanted, "before": before, "limit": limit + 1}
    )
    page = found[:limit]
    known = queues_for(page)
    return [record(job, known) for job in page], page[-1]["id"] if len(found) > limit else None


def journal(job_id: UUID, after: int = 0) -> list[dict[str, Any]]:
    """The changes of a job's state after the one with the number `after`, oldest first. Raises UnknownJob."""
    found = database.rows(
        """SELECT event.id, event.at, event.event, event.status, event.attempt, event.actor, event.details
           FROM job LEFT JOIN job_event AS event ON event.job_id = job.id AND event.id > %(after)s
           WHERE job.id = %(job_id)s ORDER BY event.id""",
        {"job_id": job_id, "after": after},
    )
    if not found:
        raise UnknownJob
    return [{**event, "at": timestamp(event["at"])} for event in found if event["id"] is not None]


def watched(job_ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Status and progress of jobs, cheaply: what a watcher asks again and again."""
    found = database.rows(
        """SELECT id, status, attempt, progress_current, progress_total, progress_message,
                  error ->> 'message' AS error, batch_position
           FROM job WHERE id = ANY(%(job_ids)s) ORDER BY batch_position""",
        {"job_ids": job_ids},
    )
    return {job["id"]: job for job in found}


def batch_job_ids(batch_id: UUID) -> list[UUID]:
    """The jobs of a batch, in the order of its files. Raises UnknownBatch."""
    found = database.rows(
        """SELECT job.id FROM batch LEFT JOIN job ON job.batch_id = batch.id
           WHERE batch.id = %(batch_id)s ORDER BY job.batch_position""",
        {"batch_id": batch_id},
    )
    if not found:
        raise UnknownBatch
    return [job["id"] for job in found if job["id"]]


def batch_rows(batch_id: UUID) -> list[dict[str, Any]]:
    """The rows of a batch's jobs with their files, not for the public. Raises UnknownBatch."""
    batch_job_ids(batch_id)
    return database.rows(f"{_JOBS} WHERE batch_id = %(batch_id)s ORDER BY batch_position", {"batch_id": batch_id})


def batch(batch_id: UUID) -> dict[str, Any]:
    """The public record of a batch: the whole, and each of its jobs. Raises UnknownBatch."""
    found = database.rows("SELECT operation, created_at FROM batch WHERE id = %(id)s", {"id": batch_id})
    if not found:
        raise UnknownBatch
    rows = batch_rows(batch_id)
    known = queues_for(rows)
    here = f"/v1/batches/{batch_id}"
    whole = summary(rows)
    links = {"self": here, "events": f"{here}/events"}
    links |= {"result": f"{here}/result"} if whole["status"] in ENDED else {"cancel": f"{here}/cancel"}
    return {
        "id": str(batch_id),
        "operation": found[0]["operation"],
        "created_at": timestamp(found[0]["created_at"]),
        **whole,
        "jobs": [record(job, known) for job in rows],
        "links": links,
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole of a batch: its status, its jobs per status, and how much of the work is over in percent."""
    counts = {status.value: 0 for status in Status}
    for job in rows:
        counts[job["status"]] += 1
    ended = sum(counts[status] for status in ENDED)
    parts = sum(100 if job["status"] in ENDED else progress(job)["percent"] for job in rows)
    return {
        "status": _status_of_all(counts),
        "counts": counts,
        "progress": {
            "percent": parts // len(rows) if rows else 100,
            "current": ended,
            "total": len(rows),
            "message": f"{ended} of {len(rows)} files have ended",
        },
    }


def _status_of_all(counts: dict[str, int]) -> Status:
    """The status of a batch: completed when it is over and at least one file came through."""
    if counts[Status.PROCESSING] or (counts[Status.PENDING] and any(counts[status] for status in ENDED)):
        return Status.PROCESSING
    for status in (Status.PENDING, Status.COMPLETED, Status.FAILED):
        if counts[status]:
            return status
    return Status.CANCELLED

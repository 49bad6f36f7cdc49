"""The public record of a batch: the whole, and each of its jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared import database, job_records
from shared.errors import UnknownBatch
from shared.models import ENDED, Status
from shared.progress import progress


def job_ids(batch_id: UUID) -> list[UUID]:
    """The jobs of a batch, in the order of its files. Raises UnknownBatch."""
    found = database.rows(
        """SELECT job.id FROM batch LEFT JOIN job ON job.batch_id = batch.id
           WHERE batch.id = %(batch_id)s ORDER BY job.batch_position""",
        {"batch_id": batch_id},
    )
    if not found:
        raise UnknownBatch
    return [job["id"] for job in found if job["id"]]


def rows(batch_id: UUID) -> list[dict[str, Any]]:
    """The rows of a batch's jobs with their files, not for the public. Raises UnknownBatch."""
    job_ids(batch_id)
    return job_records.rows_of_batch(batch_id)


def batch(batch_id: UUID) -> dict[str, Any]:
    """The public record of a batch: the whole, and each of its jobs. Raises UnknownBatch."""
    found = database.rows("SELECT operation, owner, created_at FROM batch WHERE id = %(id)s", {"id": batch_id})
    if not found:
        raise UnknownBatch
    of_batch = rows(batch_id)
    known = job_records.queues_for(of_batch)
    here = f"/v1/batches/{batch_id}"
    whole = summary(of_batch)
    links = {"self": here, "events": f"{here}/events"}
    links |= {"result": f"{here}/result"} if whole["status"] in ENDED else {"cancel": f"{here}/cancel"}
    return {
        "id": str(batch_id),
        "owner": found[0]["owner"],
        "operation": found[0]["operation"],
        "created_at": job_records.timestamp(found[0]["created_at"]),
        **whole,
        "jobs": [job_records.record(job, known) for job in of_batch],
        "links": links,
    }


def summary(of_all: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole of a batch: its status, its jobs per status, and how much of the work is over in percent."""
    counts = {status.value: 0 for status in Status}
    for job in of_all:
        counts[job["status"]] += 1
    ended = sum(counts[status] for status in ENDED)
    parts = sum(100 if job["status"] in ENDED else progress(job)["percent"] for job in of_all)
    return {
        "status": _status_of_all(counts),
        "counts": counts,
        "progress": {
            "percent": parts // len(of_all) if of_all else 100,
            "current": ended,
            "total": len(of_all),
            "message": f"{ended} of {len(of_all)} files have ended",
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

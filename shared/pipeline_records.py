"""The public record of a pipeline: its steps, their jobs, the whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared import database, job_records
from shared.batch_records import summary
from shared.errors import UnknownPipeline
from shared.models import ENDED, Status

# The steps of a job are seen and steered through that job alone.
_SUBMITTED = "NOT EXISTS (SELECT FROM pipeline WHERE pipeline.id = %(id)s AND pipeline.job_id IS NOT NULL)"


def job_ids(pipeline_id: UUID) -> list[UUID]:
    """The jobs of a pipeline in the order of their steps. Raises UnknownPipeline."""
    found = database.rows(
        f"SELECT id FROM job WHERE pipeline_id = %(id)s AND {_SUBMITTED} ORDER BY pipeline_step, pipeline_part",
        {"id": pipeline_id},
    )
    if not found:
        raise UnknownPipeline
    return [row["id"] for row in found]


def rows(pipeline_id: UUID) -> list[dict[str, Any]]:
    """The rows of a pipeline's jobs with their files, not for the public. Raises UnknownPipeline."""
    job_ids(pipeline_id)
    return job_records.rows_of_pipeline(pipeline_id)


def last_step(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of a pipeline's rows that belong to its last step."""
    return [row for row in found if row["pipeline_step"] == found[-1]["pipeline_step"]]


def pipeline(pipeline_id: UUID) -> dict[str, Any]:
    """The public record. Raises UnknownPipeline."""
    found = rows(pipeline_id)
    own = database.rows("SELECT * FROM pipeline WHERE id = %(id)s", {"id": pipeline_id})
    if not own:
        raise UnknownPipeline
    known = job_records.queues_for(found)
    steps = []
    for number, operation in enumerate(own[0]["operations"]):
        of_step = [row for row in found if row["pipeline_step"] == number]
        step_jobs = [job_records.record(row, known) for row in of_step]
        steps.append({"operation": operation, **summary(of_step), "jobs": step_jobs})
    status = status_of(found)
    here = f"/v1/pipelines/{pipeline_id}"
    links = {"self": here, "events": f"{here}/events"}
    if status not in ENDED:
        links["cancel"] = f"{here}/cancel"
    elif status == Status.COMPLETED:
        links["result"] = f"{here}/result"
    if any(row["status"] in (Status.FAILED, Status.CANCELLED) for row in found):
        links["retry"] = f"{here}/retry"
    return {
        "id": str(pipeline_id),
        "owner": own[0]["owner"],
        "created_at": job_records.timestamp(own[0]["created_at"]),
        "status": status,
        "progress": summary(found)["progress"],
        "keep_intermediate": own[0]["keep_intermediate"],
        "steps": steps,
        "links": links,
    }


def status_of(found: list[dict[str, Any]]) -> Status:
    """The status of the whole: completed when all has ended and the last step made something of at least one part."""
    statuses = {row["status"] for row in found}
    if statuses <= set(ENDED):
        last = {row["status"] for row in last_step(found)}
        return next(status for status in (Status.COMPLETED, Status.FAILED, Status.CANCELLED) if status in last)
    return Status.PENDING if statuses == {Status.PENDING} else Status.PROCESSING

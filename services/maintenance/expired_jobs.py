"""Deletes jobs whose time is over: rows first, in batches, then their documents."""

from __future__ import annotations

from uuid import UUID

from shared import database, storage
from shared.operation import Report, Result, ignore

# Only ended jobs have an expiry, and a row that somebody holds at this moment is left for the next time.
# The steps of a pipeline refer to each other's documents: they go when the last of them may.
_EXPIRED = """
    SELECT id FROM job WHERE expires_at < now() AND (pipeline_id IS NULL OR NOT EXISTS (
        SELECT FROM job AS other WHERE other.pipeline_id = job.pipeline_id
            AND (other.expires_at IS NULL OR other.expires_at >= now())))
    ORDER BY expires_at LIMIT %(limit)s"""
_DELETE = f"DELETE FROM job WHERE id IN ({_EXPIRED} FOR UPDATE SKIP LOCKED) AND expires_at < now() RETURNING id"
# A batch that was made a moment ago may not have its jobs yet.
_EMPTY_BATCHES = """
    DELETE FROM batch WHERE created_at < now() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM job WHERE job.batch_id = batch.id)"""
_EMPTY_PIPELINES = """
    DELETE FROM pipeline WHERE created_at < now() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM job WHERE job.pipeline_id = pipeline.id)"""
_OLD_SLOTS = "DELETE FROM schedule_slot WHERE slot < now() - interval '7 days'"


def delete_expired(store: storage.Storage, batch_jobs: int, *, dry_run: bool, report: Report = ignore) -> Result:
    """Delete all expired jobs. A crash between row and document leaves garbage, never a row without its document."""
    total = int(database.rows("SELECT count(*) AS jobs FROM job WHERE expires_at < now()", {})[0]["jobs"])
    if dry_run:
        return {"deleted_jobs": total, "deleted_documents": None, "dry_run": True}
    jobs = documents = 0
    while gone := [row["id"] for row in database.rows(_DELETE, {"limit": batch_jobs})]:
        documents += _delete_documents(store, gone)
        jobs += len(gone)
        report(min(jobs, total), total, "Deleting expired jobs")
    database.rows(_EMPTY_BATCHES, {})
    database.rows(_EMPTY_PIPELINES, {})
    database.rows(_OLD_SLOTS, {})
    return {"deleted_jobs": jobs, "deleted_documents": documents, "dry_run": False}


def _delete_documents(store: storage.Storage, job_ids: list[UUID]) -> int:
    return sum(store.erase(storage.job_folder(job_id)) for job_id in job_ids)

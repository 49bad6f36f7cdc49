"""Deletes jobs whose time is over: rows first, in batches, then their documents."""

from __future__ import annotations

from shared import database, documents, storage
from shared.operation import Report, Result, ignore

# Only ended jobs have an expiry, and a row that somebody holds at this moment is left for the next time.
# The steps of a pipeline refer to each other's documents: they go when the last of them may. Those that a job is
# done in go with that job.
_EXPIRED = """
    SELECT id FROM job WHERE expires_at < now() AND (pipeline_id IS NULL OR NOT EXISTS (
        SELECT FROM job AS other WHERE other.pipeline_id = job.pipeline_id
            AND (other.expires_at IS NULL OR other.expires_at >= now())
        UNION ALL SELECT FROM pipeline WHERE pipeline.id = job.pipeline_id AND pipeline.job_id IS NOT NULL))
    ORDER BY expires_at LIMIT %(limit)s"""
_DELETE = f"""
    WITH deleted AS (
        DELETE FROM job WHERE id IN ({_EXPIRED} FOR UPDATE SKIP LOCKED) AND expires_at < now() RETURNING id)
    SELECT id, false AS is_step FROM deleted UNION ALL
    SELECT step.id, true FROM deleted JOIN pipeline ON pipeline.job_id = deleted.id
        JOIN job AS step ON step.pipeline_id = pipeline.id"""
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
    total = int(database.rows(f"SELECT count(*) AS jobs FROM ({_EXPIRED}) AS expired", {"limit": None})[0]["jobs"])
    if dry_run:
        return {"deleted_jobs": total, "deleted_documents": None, "dry_run": True}
    jobs = erased = 0
    while gone := database.rows(_DELETE, {"limit": batch_jobs}):
        erased += documents.erase(store, [row["id"] for row in gone])
        jobs += sum(not row["is_step"] for row in gone)
        report(min(jobs, total), total, "Deleting expired jobs")
    database.rows(_EMPTY_BATCHES, {})
    database.rows(_EMPTY_PIPELINES, {})
    database.rows(_OLD_SLOTS, {})
    return {"deleted_jobs": jobs, "deleted_documents": erased, "dry_run": False}

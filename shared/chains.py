"""A job that is done in steps: it waits for all of them, and ends as they do.

The job that a caller asked for is a row that no worker ever claims: it is pending and has `waits_for_step`. What is
done for it is done by the jobs of a pipeline that belongs to it (`pipeline.job_id`), which follow one another as those
of any pipeline. When all of them have ended, `answer` ends the job too: with what they made, or with the error of the
one that failed. See docs/decisions/0011-chains.md.
"""

from __future__ import annotations

from uuid import UUID

from shared import settings
from shared.jobs import Change, changes, journalled, made_by

# `seen_at` guards against a job that was ended and tried again between the look at its steps and the update.
_ANSWER = journalled(
    """
    UPDATE job SET status = verdict, updated_at = now(), completed_at = now(), waits_for_step = verdict <> 'completed',
        progress_current = (verdict = 'completed')::integer, progress_total = (verdict = 'completed')::integer,
        result_attempt = CASE WHEN verdict = 'completed' THEN attempt END,
        result = CASE WHEN verdict = 'completed' THEN own_result || jsonb_build_object('other_steps', others) END,
        error = CASE WHEN verdict = 'failed' THEN judged.first_error END,
        expires_at = now() + make_interval(secs => 86400 * CASE WHEN verdict = 'failed'
            THEN %(keep_failed_days)s::float8 ELSE %(keep_completed_days)s::float8 END)
    FROM judged WHERE job.id = judged_id AND job.status = 'pending' AND job.updated_at = seen_at""",
    "status",
    before="""
        judged AS MATERIALIZED (
            SELECT whole.id AS judged_id, whole.updated_at AS seen_at,
                CASE WHEN bool_and(step.status = 'completed') THEN 'completed'
                     WHEN bool_or(step.status = 'failed' AND NOT step.waits_for_step) THEN 'failed'
                     ELSE 'cancelled' END AS verdict,
                (array_agg(step.error || jsonb_build_object('step', step.operation) ORDER BY step.pipeline_step)
                    FILTER (WHERE step.status = 'failed' AND NOT step.waits_for_step))[1] AS first_error,
                (array_agg(step.result) FILTER (WHERE step.operation = whole.operation))[1] AS own_result,
                coalesce(jsonb_agg(jsonb_build_object('operation', step.operation, 'result', step.result)
                    ORDER BY step.pipeline_step) FILTER (WHERE step.operation <> whole.operation), '[]') AS others
            FROM job AS whole JOIN pipeline ON pipeline.job_id = whole.id
                JOIN job AS step ON step.pipeline_id = pipeline.id
            WHERE whole.waits_for_step AND whole.status = 'pending'
                AND (%(pipeline_id)s::uuid IS NULL OR pipeline.id = %(pipeline_id)s)
            GROUP BY whole.id HAVING bool_and(step.completed_at IS NOT NULL)
        ),""",
    # What the last step made or handed on; it stays where that step stored it.
    after=f"""
        , stored AS (
            INSERT INTO job_file (job_id, role, attempt, position, name, media_type, bytes, sha256, storage_key)
            SELECT changed.id, 'output', changed.attempt, row_number() OVER (
                    PARTITION BY changed.id ORDER BY file.role DESC, file.position) - 1,
                file.name, file.media_type, file.bytes, file.sha256, file.storage_key
            FROM changed JOIN pipeline ON pipeline.job_id = changed.id
            JOIN job AS step ON step.pipeline_id = pipeline.id
                AND step.pipeline_step = cardinality(pipeline.operations) - 1
            JOIN job_file AS file ON {made_by("step")}
            WHERE changed.status = 'completed'
        )""",
)


def answer(pipeline_id: UUID | None = None) -> list[Change]:
    """End every job whose steps have all ended: those of one pipeline, or of all. Safe to call at any time."""
    chosen = settings.current()
    return changes(
        _ANSWER,
        pipeline_id=pipeline_id,
        actor="pipeline",
        keep_completed_days=chosen.keep_completed_days,
        keep_failed_days=chosen.keep_failed_days,
    )


_REOPEN = journalled(
    """
    UPDATE job SET status = 'pending', updated_at = now(), error = NULL, completed_at = NULL, expires_at = NULL,
        cancel_requested = false, message_id = %(message_id)s
    WHERE id = %(job_id)s AND waits_for_step AND pipeline_id IS NULL AND status IN ('failed', 'cancelled')""",
    "'retried'",
)


def reopen(job_id: UUID, actor: str, message_id: str) -> list[Change]:
    """Let a failed or cancelled job wait for its steps again; see `pipelines.retry_steps_of`."""
    return changes(_REOPEN, job_id=job_id, actor=actor, message_id=message_id)

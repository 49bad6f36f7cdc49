"""How the steps of a pipeline follow one another: jobs wait for the step before, and take its outputs.

All jobs of a pipeline are created together, so that nothing has to be created later. A job of step n needs the job
of step n-1 with the same part, or, if it joins, all jobs of that step. Whoever completes a job calls `advance`; the
keeper calls it too, for those who died in between.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from shared import chains, database, documents, settings
from shared.errors import BinderyError
from shared.jobs import Change, changes, journalled, made_by, retried
from shared.media_types import ANY


class EarlierStepFailed(BinderyError):
    """An earlier step of the pipeline did not complete, so that this one has nothing to work on."""

    code = "earlier_step_failed"
    title = "An earlier step failed"
    remedy = "Look at the error of the earlier step; a retry of the whole goes on from it."


#: Whether `job` needs the job `needed`.
_NEEDS = """
    needed.pipeline_id = job.pipeline_id AND needed.pipeline_step = job.pipeline_step - 1
    AND (job.pipeline_joins OR needed.pipeline_part = job.pipeline_part)"""

_WAITING = """
    job.waits_for_step AND job.status = 'pending' AND job.pipeline_id IS NOT NULL
    AND (%(pipeline_id)s::uuid IS NULL OR job.pipeline_id = %(pipeline_id)s)"""

_RELEASE = journalled(
    f"""
    UPDATE job SET waits_for_step = false, run_at = now(), updated_at = now()
    WHERE {_WAITING} AND NOT EXISTS (SELECT FROM job AS needed WHERE {_NEEDS} AND needed.status <> 'completed')""",
    "'released'",
    after=f"""
        , given AS (
            INSERT INTO job_file (job_id, role, attempt, position, name, media_type, bytes, sha256, storage_key)
            SELECT job.id, CASE WHEN taken THEN 'input' ELSE 'carried' END, 0, row_number() OVER (
                    PARTITION BY job.id, taken ORDER BY needed.pipeline_part, file.role DESC, file.position) - 1,
                file.name, file.media_type, file.bytes, file.sha256, file.storage_key
            FROM changed AS job JOIN job AS needed ON {_NEEDS}
            JOIN job_file AS file ON {made_by("needed")}
            CROSS JOIN LATERAL (SELECT file.media_type = ANY(job.pipeline_takes)
                                    OR %(any)s = ANY(job.pipeline_takes) AS taken) AS what
            WHERE taken OR job.pipeline_carries
        )""",
)

_GIVE_UP = journalled(
    f"""
    UPDATE job SET updated_at = now(), completed_at = now(), secrets = NULL, last_error = NULL,
        status = CASE WHEN lost.cancelled THEN 'cancelled' ELSE 'failed' END,
        error = CASE WHEN lost.cancelled THEN NULL ELSE %(error)s::jsonb END,
        expires_at = now() + make_interval(secs => %(keep_failed_days)s * 86400)
    FROM (
        SELECT job.id, bool_and(needed.status = 'cancelled') AS cancelled FROM job JOIN LATERAL (
            SELECT status FROM job AS needed WHERE {_NEEDS} AND needed.status IN ('failed', 'cancelled')
        ) AS needed ON true
        WHERE {_WAITING} GROUP BY job.id
    ) AS lost
    WHERE job.id = lost.id AND job.waits_for_step AND job.status = 'pending'""",
    "status",
)


def advance(pipeline_id: UUID | None = None) -> list[Change]:
    """Let every job start whose step before is complete, with its outputs; end those whose step before never will be.

    A job that is done in these steps ends with the last of them. Of one pipeline, or of all. Returns the jobs that
    changed; those that are pending now want a bell. Safe to call at any time, by any number at once.
    """
    changed = _run(_RELEASE, pipeline_id)
    # Each round ends one step more.
    while ended := _run(_GIVE_UP, pipeline_id):
        changed += ended
    return changed + chains.answer(pipeline_id)


def advance_steps_of(job_ids: Sequence[UUID]) -> list[Change]:
    """`advance` for these jobs, as far as they are done in steps."""
    owned = database.rows("SELECT id FROM pipeline WHERE job_id = ANY(%(job_ids)s)", {"job_ids": list(job_ids)})
    if not owned:
        return []
    # Of many at once: one look at everything that waits is cheaper than one at each.
    return advance(owned[0]["id"] if len(owned) == 1 else None)


def _run(sql: str, pipeline_id: UUID | None) -> list[Change]:
    return changes(
        sql,
        pipeline_id=pipeline_id,
        actor="pipeline",
        error=json.dumps(EarlierStepFailed().as_record()),
        any=ANY.name,
        keep_failed_days=settings.current().keep_failed_days,
    )


_REOPEN = journalled(
    """
    UPDATE job SET status = 'pending', updated_at = now(), error = NULL, completed_at = NULL, expires_at = NULL,
        cancel_requested = false
    WHERE pipeline_id = %(pipeline_id)s AND waits_for_step AND status IN ('failed', 'cancelled')""",
    "'retried'",
)


def reopen(pipeline_id: UUID, actor: str) -> list[Change]:
    """Let the jobs wait again that ended because an earlier step did; somebody tries that one once more."""
    return changes(_REOPEN, pipeline_id=pipeline_id, actor=actor)


_RETRY = retried("pipeline_id = %(pipeline_id)s AND NOT waits_for_step", also=", message_id = %(message_id)s")


def retry(pipeline_id: UUID, actor: str, message_id: str) -> list[Change]:
    """Try failed and cancelled steps again, and let those after them wait again. Returns the jobs that changed.

    `message_id` is noted at the steps that are tried again: by it a caller who lost the answer sees that it was heard.
    """
    again = changes(_RETRY, pipeline_id=pipeline_id, actor=actor, message_id=message_id)
    return again + reopen(pipeline_id, actor)


def retry_steps_of(job_id: UUID, actor: str, message_id: str) -> list[Change]:
    """Go on from the step of a job in steps that failed or was cancelled. Returns what changed.

    Nothing when the job has not ended so. `message_id` is noted at the job and at the steps that are tried again.
    """
    with database.connected() as connection, connection.atomic():
        if not (changed := chains.reopen(job_id, actor, message_id)):
            return []
        (steps,) = database.rows("SELECT id FROM pipeline WHERE job_id = %(job_id)s", {"job_id": job_id})
        return changed + retry(steps["id"], actor, message_id)


_DROP_INTERMEDIATE = """
    UPDATE job_file SET erased = true FROM job, pipeline
    WHERE pipeline.id = %(pipeline_id)s AND NOT pipeline.keep_intermediate AND job.pipeline_id = pipeline.id
        AND job_file.job_id = job.id AND NOT job_file.erased
        AND (job_file.role <> 'input' AND job.pipeline_step < cardinality(pipeline.operations) - 1
             OR job_file.role = 'input' AND job.pipeline_step > 0)
        AND NOT EXISTS (SELECT FROM job AS other WHERE other.pipeline_id = pipeline.id AND other.status <> 'completed')
    RETURNING storage_key"""


def drop_intermediate(pipeline_id: UUID) -> list[str]:
    """Forget what only led from step to step, once all is complete. Returns the storage keys to erase."""
    found = database.rows(_DROP_INTERMEDIATE, {"pipeline_id": pipeline_id})
    return documents.unnamed({row["storage_key"] for row in found})

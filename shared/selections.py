"""Which jobs an operator means: found by what they have in common, a few hundred at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared import database
from shared.models import Status

#: Jobs that one request changes, at most: the rest is told as `more`.
MOST_AT_ONCE = 200

_ENDED_BADLY = {Status.FAILED, Status.CANCELLED}


@dataclass(frozen=True)
class Selection:
    """What the jobs have in common; None: anything."""

    statuses: tuple[Status, ...]
    owner: str | None = None
    operation: str | None = None
    #: Where they are done, or where one of their steps is that has such a status.
    queue: str | None = None
    #: Of the error that they failed with, or that they wait after.
    error_code: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


# Steps that other jobs are done in are no jobs of their own here; steps of pipelines that never began follow their
# earlier ones. Whoever is told that there is more asks again: what was asked to end already must not come again.
_FIND = """
    SELECT id, operation, queue, status, pipeline_id, count(*) OVER () AS matching,
        EXISTS (SELECT FROM pipeline WHERE pipeline.job_id = job.id) AS has_steps
    FROM job
    WHERE {conditions}
        AND status = ANY(%(statuses)s)
        AND NOT (pipeline_id IS NOT NULL AND waits_for_step)
        AND NOT EXISTS (SELECT FROM pipeline WHERE pipeline.id = job.pipeline_id AND pipeline.job_id IS NOT NULL)
    ORDER BY id LIMIT %(limit)s"""

#: As the partial indexes on jobs say it.
_UNSUCCESSFUL = "{job}.status IN ('failed', 'cancelled')"
_OPEN = "{job}.completed_at IS NULL AND NOT {job}.cancel_requested"
_CONDITIONS = {
    "owner": "owner = %(owner)s",
    "operation": "operation = %(operation)s",
    # Looked up once for all, not for each job.
    "queue": """(queue = %(queue)s OR id IN (
        SELECT pipeline.job_id FROM job AS step JOIN pipeline ON pipeline.id = step.pipeline_id
        WHERE {of_step} AND step.queue = %(queue)s AND step.status = ANY(%(statuses)s)
            AND pipeline.job_id IS NOT NULL))""",
    "error_code": "coalesce(error, last_error) ->> 'code' = %(error_code)s",
    "created_after": "created_at > %(created_after)s",
    "created_before": "created_at < %(created_before)s",
}


def found(selection: Selection, limit: int = MOST_AT_ONCE) -> list[dict[str, Any]]:
    """The oldest `limit` jobs of a selection: id, operation, queue, status, pipeline_id, has_steps, matching.

    `matching`, in every row, is how many there are altogether. The statuses are such that a job can be tried again
    from, or such that it can be cancelled in; not of both kinds.
    """
    given = {name: value for name, value in vars(selection).items() if value is not None}
    kind = _UNSUCCESSFUL if set(selection.statuses) <= _ENDED_BADLY else _OPEN
    of_step = kind.format(job="step")
    conditions = [kind.format(job="job")]
    conditions += [condition.format(of_step=of_step) for name, condition in _CONDITIONS.items() if name in given]
    sql = _FIND.format(conditions=" AND ".join(conditions))
    return database.rows(sql, {**given, "statuses": [status.value for status in selection.statuses], "limit": limit})

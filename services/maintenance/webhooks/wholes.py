"""Tells of the end of batches and pipelines: looks at those of which a job has ended since the last look."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from shared import database
from shared.batch_records import summary
from shared.job_records import timestamp
from shared.models import Status
from shared.pipeline_records import last_step, status_of
from shared.webhooks.events import Event

#: Checks that one transaction takes on.
_MOST = 500

# Taken and judged in one transaction. A job that ends meanwhile has left, or will leave, a check of its own: whoever
# takes that one sees this job's end too.
_TAKE = """
    DELETE FROM webhook_check WHERE id IN (
        SELECT id FROM webhook_check ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING batch_id, pipeline_id"""

_DELIVER = """
    INSERT INTO webhook_delivery (id, endpoint_id, event, {kind}_id, ended_at, payload)
    SELECT gen_random_uuid(), endpoint.id, %(event)s, %(id)s, %(ended_at)s, %(payload)s::jsonb
    FROM webhook_endpoint AS endpoint
    WHERE disabled_at IS NULL AND (
        endpoint.owner = (SELECT owner FROM {kind} WHERE id = %(id)s) AND %(event)s = ANY(events)
        OR endpoint.id IN (SELECT webhook_id FROM job WHERE {kind}_id = %(id)s))
    ON CONFLICT DO NOTHING RETURNING id"""


def tell_of_ends() -> int:
    """Make the deliveries of every batch and pipeline that has ended. Returns how many."""
    with database.connected() as connection, connection.atomic():
        taken = database.rows(_TAKE, {"most": _MOST})
        batches = {row["batch_id"] for row in taken if row["batch_id"]}
        pipelines = {row["pipeline_id"] for row in taken if row["pipeline_id"]}
        return sum(_tell("batch", each, _batch) for each in batches) + sum(
            _tell("pipeline", each, _pipeline) for each in pipelines
        )


def _tell(kind: str, whole_id: UUID, told: Callable[[UUID, list[dict[str, Any]]], tuple[Event, dict[str, Any]]]) -> int:
    rows = database.rows(
        f"""SELECT operation, status, pipeline_step, error, created_at, completed_at FROM job
            WHERE {kind}_id = %(id)s ORDER BY pipeline_step, pipeline_part, batch_position""",
        {"id": whole_id},
    )
    if not rows or any(row["completed_at"] is None for row in rows):
        return 0
    ended_at: datetime = max(row["completed_at"] for row in rows)
    event, data = told(whole_id, rows)
    times = {"created_at": timestamp(min(row["created_at"] for row in rows)), "completed_at": timestamp(ended_at)}
    payload = {"type": event, "timestamp": timestamp(ended_at), "data": {"id": str(whole_id), **data, **times}}
    made = database.rows(
        _DELIVER.format(kind=kind),
        {"id": whole_id, "event": event.value, "ended_at": ended_at, "payload": json.dumps(payload)},
    )
    return len(made)


def _batch(batch_id: UUID, rows: list[dict[str, Any]]) -> tuple[Event, dict[str, Any]]:
    whole = summary(rows)
    here = f"/v1/batches/{batch_id}"
    return Event.BATCH_COMPLETED, {
        "operation": rows[0]["operation"],
        "status": whole["status"],
        "counts": whole["counts"],
        "links": {"self": here, "result": f"{here}/result"},
    }


def _pipeline(pipeline_id: UUID, rows: list[dict[str, Any]]) -> tuple[Event, dict[str, Any]]:
    status = status_of(rows)
    here = f"/v1/pipelines/{pipeline_id}"
    # The first failure is the cause: the steps after it only say that there was one.
    first_error = next((row["error"] for row in rows if row["error"]), None)
    return Event(f"pipeline.{status}"), {
        "operations": list({row["pipeline_step"]: row["operation"] for row in rows}.values()),
        "status": status,
        "parts": summary(last_step(rows))["counts"],
        "error": first_error,
        "links": {"self": here, **({"result": f"{here}/result"} if status == Status.COMPLETED else {})},
    }

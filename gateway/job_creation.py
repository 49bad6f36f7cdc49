"""Creates jobs: the only place in Bindery that inserts one. No worker has this code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared import database
from shared.jobs import StoredFile


@dataclass(frozen=True)
class NewJob:
    """A job to create: its inputs are stored already."""

    id: UUID
    operation: str
    queue: str
    options: dict[str, Any]
    inputs: Sequence[StoredFile]
    max_failures: int
    message_id: str
    priority: int = 5


_CREATE = """
    WITH new_batch AS (
        INSERT INTO batch (id, operation) SELECT %(batch_id)s::uuid, %(operation)s WHERE %(batch_id)s::uuid IS NOT NULL
    ), new_job AS (
        INSERT INTO job (id, operation, queue, priority, options, password, batch_id, batch_position,
                         max_failures, message_id)
        SELECT id, operation, queue, priority, options, %(password)s, %(batch_id)s::uuid, batch_position,
               max_failures, message_id
        FROM jsonb_to_recordset(%(jobs)s::jsonb) AS given (
            id uuid, operation text, queue text, priority smallint, options jsonb, batch_position integer,
            max_failures integer, message_id text)
        RETURNING id
    ), new_file AS (
        INSERT INTO job_file (job_id, role, attempt, position, name, media_type, bytes, sha256, storage_key)
        SELECT job_id, 'input', 0, position, name, media_type, bytes, sha256, storage_key
        FROM jsonb_to_recordset(%(files)s::jsonb) AS given (
            job_id uuid, position integer, name text, media_type text, bytes bigint, sha256 text, storage_key text)
    )
    INSERT INTO job_event (job_id, event, status, attempt, actor)
    SELECT id, 'created', 'pending', 0, %(actor)s FROM new_job"""


def create(new: Sequence[NewJob], *, password: bytes | None = None, batch_id: UUID | None = None) -> None:
    """Create jobs together, in one statement: all of them are there afterwards, or none.

    The inputs are durable before, and the bell is rung after. `password` is
    encrypted already and serves every job of the request.

    Raises:
        DatabaseUnavailable: see `database.connected`.
        peewee.IntegrityError: a job of one of these ids is there already.
    """
    jobs = [
        {
            "id": str(job.id),
            "operation": job.operation,
            "queue": job.queue,
            "priority": job.priority,
            "options": job.options,
            "batch_position": position if batch_id else None,
            "max_failures": job.max_failures,
            "message_id": job.message_id,
        }
        for position, job in enumerate(new)
    ]
    files = [
        {"job_id": str(job.id), "position": position, **vars(stored)}
        for job in new
        for position, stored in enumerate(job.inputs)
    ]
    database.rows(
        _CREATE,
        {
            "batch_id": batch_id,
            "operation": new[0].operation,
            "password": password,
            "jobs": json.dumps(jobs),
            "files": json.dumps(files),
            "actor": "gateway",
        },
    )

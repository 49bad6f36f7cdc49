"""Creates jobs: the only place in Bindery that inserts one. No worker has this code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared import database, settings
from shared.jobs import StoredFile


@dataclass(frozen=True)
class CachedAnswer:
    """The result of an earlier job that must be this one's too; its outputs are copied to this job's folder."""

    job_id: UUID
    result: dict[str, Any]
    outputs: Sequence[StoredFile]


@dataclass(frozen=True)
class PipelinePlace:
    """Where a job stands in its pipeline: see shared/pipelines.py. Steps and parts count from 0."""

    step: int
    part: int
    #: Takes the outputs of all parts of the step before, not only of its own.
    joins: bool = False
    #: Media types that it takes from the step before.
    takes: Sequence[str] = ()


@dataclass(frozen=True)
class NewPipeline:
    """A pipeline to create with its jobs."""

    id: UUID
    operations: Sequence[str]
    keep_intermediate: bool


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
    #: Equal for jobs that must have equal results; None for those that are not cached.
    cache_key: str | None = None
    #: What the job is answered with at once.
    answer: CachedAnswer | None = None
    #: Encrypted.
    secrets: bytes | None = None
    place: PipelinePlace | None = None


@dataclass(frozen=True)
class IdempotencyKey:
    """A client's key, and a fingerprint of what it came with."""

    key: str
    fingerprint: str


# `allowed` is empty when the key is taken: then nothing at all is inserted. A second statement with the same key
# waits here until the first has been committed, so that of any number at once one inserts.
_CREATE = """
    WITH taken AS (
        INSERT INTO idempotency_key (key, fingerprint, job_id)
        SELECT %(key)s, %(fingerprint)s, %(first_job_id)s::uuid WHERE %(key)s::text IS NOT NULL
        ON CONFLICT (key) DO NOTHING RETURNING key
    ), allowed AS (
        SELECT WHERE %(key)s::text IS NULL OR EXISTS (SELECT FROM taken)
    ), new_batch AS (
        INSERT INTO batch (id, operation)
        SELECT %(batch_id)s::uuid, %(operation)s FROM allowed WHERE %(batch_id)s::uuid IS NOT NULL
    ), new_pipeline AS (
        INSERT INTO pipeline (id, operations, keep_intermediate)
        SELECT %(pipeline_id)s::uuid, %(operations)s, %(keep_intermediate)s FROM allowed
        WHERE %(pipeline_id)s::uuid IS NOT NULL
    ), new_job AS (
        INSERT INTO job (id, operation, queue, priority, options, secrets, batch_id, batch_position, max_failures,
                         message_id, cache_key, cached, status, result, result_attempt, completed_at, expires_at,
                         progress_current, progress_total, pipeline_id, pipeline_step, pipeline_part, pipeline_joins,
                         pipeline_takes, waits_for_step)
        SELECT id, operation, queue, priority, options, CASE WHEN NOT cached THEN decode(secrets, 'hex') END,
               %(batch_id)s::uuid, batch_position, max_failures, message_id, cache_key, cached,
               CASE WHEN cached THEN 'completed' ELSE 'pending' END, CASE WHEN cached THEN result END,
               CASE WHEN cached THEN 0 END, CASE WHEN cached THEN now() END,
               CASE WHEN cached THEN now() + make_interval(secs => %(keep_completed_days)s * 86400) END,
               cached::integer, cached::integer, CASE WHEN step IS NOT NULL THEN %(pipeline_id)s::uuid END, step, part,
               coalesce(joins, false), takes, coalesce(step, 0) > 0
        FROM allowed, jsonb_to_recordset(%(jobs)s::jsonb) AS given (
            id uuid, operation text, queue text, priority smallint, options jsonb, batch_position integer,
            max_failures integer, message_id text, cache_key text, cached boolean, result jsonb, cached_from text,
            secrets text, step integer, part integer, joins boolean, takes text[])
        RETURNING id, cached
    ), new_file AS (
        INSERT INTO job_file (job_id, role, attempt, position, name, media_type, bytes, sha256, storage_key)
        SELECT job_id, role, 0, position, name, media_type, bytes, sha256, storage_key
        FROM allowed, jsonb_to_recordset(%(files)s::jsonb) AS given (
            job_id uuid, role text, position integer, name text, media_type text, bytes bigint, sha256 text,
            storage_key text)
    )
    INSERT INTO job_event (job_id, event, status, attempt, actor, details)
    SELECT id, 'created', 'pending', 0, %(actor)s, '{}' FROM new_job
    UNION ALL
    SELECT new_job.id, 'completed', 'completed', 0, 'cache', jsonb_build_object('cached_from', given.cached_from)
    FROM new_job JOIN jsonb_to_recordset(%(jobs)s::jsonb) AS given (id uuid, cached_from text) USING (id)
    WHERE new_job.cached
    RETURNING job_id"""


def create(
    new: Sequence[NewJob],
    *,
    batch_id: UUID | None = None,
    pipeline: NewPipeline | None = None,
    idempotency: IdempotencyKey | None = None,
    actor: str = "gateway",
) -> bool:
    """Create jobs together, in one statement: all of them are there afterwards, or none.

    The inputs are durable before, and the bell is rung after. A job with an `answer` is completed from the start.

    Returns:
        False when nothing was created because the idempotency key is taken.

    Raises:
        DatabaseUnavailable: see `database.connected`.
        peewee.IntegrityError: a job of one of these ids is there already.
    """
    created = database.rows(
        _CREATE,
        {
            "key": idempotency.key if idempotency else None,
            "fingerprint": idempotency.fingerprint if idempotency else None,
            "first_job_id": new[0].id,
            "batch_id": batch_id,
            "operation": new[0].operation,
            "pipeline_id": pipeline.id if pipeline else None,
            "operations": list(pipeline.operations) if pipeline else None,
            "keep_intermediate": pipeline.keep_intermediate if pipeline else None,
            "jobs": json.dumps([_job(job, position if batch_id else None) for position, job in enumerate(new)]),
            "files": json.dumps([file for job in new for file in _files(job)]),
            "keep_completed_days": settings.current().keep_completed_days,
            "actor": actor,
        },
    )
    return bool(created)


def _job(job: NewJob, batch_position: int | None) -> dict[str, Any]:
    return {
        "id": str(job.id),
        "operation": job.operation,
        "queue": job.queue,
        "priority": job.priority,
        "options": job.options,
        "batch_position": batch_position,
        "max_failures": job.max_failures,
        "message_id": job.message_id,
        "cache_key": job.cache_key,
        "cached": job.answer is not None,
        "result": job.answer.result if job.answer else None,
        "cached_from": str(job.answer.job_id) if job.answer else None,
        "secrets": job.secrets.hex() if job.secrets else None,
        **(vars(job.place) if job.place else {}),
    }


def _files(job: NewJob) -> list[dict[str, Any]]:
    by_role = {"input": job.inputs, "output": job.answer.outputs if job.answer else ()}
    return [
        {"job_id": str(job.id), "role": role, "position": position, **vars(stored)}
        for role, files in by_role.items()
        for position, stored in enumerate(files)
    ]

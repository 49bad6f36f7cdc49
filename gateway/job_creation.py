"""Creates jobs: the only place in Bindery that inserts one. No worker has this code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from shared import counts, database, settings, tracing
from shared.callers import LOCAL
from shared.jobs import StoredFile


@dataclass(frozen=True)
class CachedAnswer:
    """The result of an earlier job that must be this one's too; its outputs are copied to this job's folder."""

    job_id: UUID
    result: dict[str, Any]
    outputs: Sequence[StoredFile]


@dataclass(frozen=True)
class PipelinePlace:
    """Where a job stands in a pipeline: see shared/pipelines.py. Steps and parts count from 0."""

    pipeline_id: UUID
    step: int
    part: int
    #: Takes the outputs of all parts of the step before, not only of its own.
    joins: bool = False
    #: Media types that it takes from the step before.
    takes: Sequence[str] = ()
    #: Hands on what it does not take.
    carries: bool = False


@dataclass(frozen=True)
class NewPipeline:
    """A pipeline to create with its jobs."""

    id: UUID
    jobs: Sequence[NewJob]
    keep_intermediate: bool = False

    @property
    def operations(self) -> list[str]:
        """The operation of each step, in their order."""
        by_step = {job.place.step: job.operation for job in self.jobs if job.place}
        return [by_step[step] for step in sorted(by_step)]


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
    #: What it is done in, unless it has an answer: see shared/chains.py.
    steps: NewPipeline | None = None

    @property
    def waits(self) -> bool:
        """Whether no worker may take it yet, or ever."""
        return self.steps is not None or (self.place is not None and self.place.step > 0)

    def with_answer(self, answer: CachedAnswer | None) -> NewJob:
        """The same job, completed from the start if there is an answer: then nothing is left to do in steps."""
        return replace(self, answer=answer, steps=None) if answer else self


@dataclass(frozen=True)
class IdempotencyKey:
    """A client's key, and a fingerprint of what it came with."""

    key: str
    fingerprint: str


# Documents that earlier jobs made and still name. They are locked, so that who erases them meanwhile waits, and then
# sees that this job names them too.
_LENT = """
    SELECT DISTINCT storage_key FROM (
        SELECT storage_key FROM job_file WHERE storage_key = ANY(%(lent)s::text[]) AND NOT erased FOR SHARE
    ) AS locked"""

# `allowed` is empty when a document was not lent or the key is taken: then nothing at all is inserted. A second
# statement with the same key waits here until the first has been committed, so that of any number at once one inserts.
_CREATE = f"""
    WITH lent AS MATERIALIZED ({_LENT}),
    complete AS (
        SELECT WHERE (SELECT count(*) FROM lent) = cardinality(%(lent)s::text[])
    ), used AS (
        INSERT INTO owner_day (owner, day, bytes)
        SELECT %(owner)s, (now() AT TIME ZONE 'UTC')::date, %(bytes)s FROM complete
        WHERE %(bytes_per_day)s > 0 AND %(bytes)s <= %(bytes_per_day)s
            AND NOT EXISTS (SELECT FROM idempotency_key WHERE owner = %(owner)s AND key = %(key)s::text)
        ON CONFLICT (owner, day) DO UPDATE SET bytes = owner_day.bytes + excluded.bytes
            WHERE owner_day.bytes + excluded.bytes <= %(bytes_per_day)s
        RETURNING owner
    ), fitting AS (
        SELECT FROM complete WHERE %(bytes_per_day)s = 0 OR EXISTS (SELECT FROM used)
    ), taken AS (
        INSERT INTO idempotency_key (owner, key, fingerprint, job_id)
        SELECT %(owner)s, %(key)s, %(fingerprint)s, %(first_job_id)s::uuid FROM fitting WHERE %(key)s::text IS NOT NULL
        ON CONFLICT (owner, key) DO NOTHING RETURNING key
    ), allowed AS (
        SELECT FROM fitting WHERE %(key)s::text IS NULL OR EXISTS (SELECT FROM taken)
    ), known_owner AS (
        INSERT INTO owner (name) SELECT %(owner)s FROM allowed ON CONFLICT (name) DO NOTHING
    ), new_batch AS (
        INSERT INTO batch (id, owner, operation)
        SELECT %(batch_id)s::uuid, %(owner)s, %(operation)s FROM allowed WHERE %(batch_id)s::uuid IS NOT NULL
    ), new_pipeline AS (
        INSERT INTO pipeline (id, owner, job_id, operations, keep_intermediate)
        SELECT id, %(owner)s, job_id, operations, keep_intermediate
        FROM allowed, jsonb_to_recordset(%(pipelines)s::jsonb) AS given (
            id uuid, job_id uuid, operations text[], keep_intermediate boolean)
    ), webhook AS MATERIALIZED (
        SELECT id FROM webhook_endpoint WHERE id = %(webhook_id)s::uuid FOR KEY SHARE
    ), new_job AS (
        INSERT INTO job (id, owner, operation, queue, priority, options, secrets, batch_id, batch_position,
                         max_failures, message_id, cache_key, cached, status, result, result_attempt, completed_at,
                         expires_at,
                         progress_current, progress_total, pipeline_id, pipeline_step, pipeline_part, pipeline_joins,
                         pipeline_takes, pipeline_carries, webhook_id, waits_for_step, traceparent)
        SELECT id, %(owner)s, operation, queue, priority, options,
               CASE WHEN NOT cached THEN decode(secrets, 'hex') END,
               CASE WHEN batch_position IS NOT NULL THEN %(batch_id)s::uuid END, batch_position, max_failures,
               message_id, cache_key, cached,
               CASE WHEN cached THEN 'completed' ELSE 'pending' END, CASE WHEN cached THEN result END,
               CASE WHEN cached THEN 0 END, CASE WHEN cached THEN now() END,
               CASE WHEN cached THEN now() + make_interval(secs => %(keep_completed_days)s * 86400) END,
               cached::integer, cached::integer, pipeline_id, step, part, coalesce(joins, false), takes,
               coalesce(carries, false), (SELECT id FROM webhook), waits, %(traceparent)s
        FROM allowed, jsonb_to_recordset(%(jobs)s::jsonb) AS given (
            id uuid, operation text, queue text, priority smallint, options jsonb, batch_position integer,
            max_failures integer, message_id text, cache_key text, cached boolean, result jsonb, cached_from text,
            secrets text, pipeline_id uuid, step integer, part integer, joins boolean, takes text[], carries boolean,
            waits boolean)
        RETURNING id, cached, queue, operation
    ), {counts.OF_CREATED}, new_file AS (
        INSERT INTO job_file (job_id, role, attempt, position, name, media_type, bytes, sha256, storage_key)
        SELECT job_id, role, 0, position, name, media_type, bytes, sha256, storage_key
        FROM allowed, jsonb_to_recordset(%(files)s::jsonb) AS given (
            job_id uuid, role text, position integer, name text, media_type text, bytes bigint, sha256 text,
            storage_key text)
    )
    INSERT INTO job_event (job_id, event, status, attempt, actor, details)
    SELECT id, 'created', 'pending', 0, %(actor)s, '{{}}' FROM new_job
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
    lent: frozenset[str] = frozenset(),
    webhook_id: UUID | None = None,
    actor: str = "gateway",
    owner: str = LOCAL,
    bytes_per_day: int = 0,
) -> bool:
    """Create jobs together, in one statement, with the steps that they are done in: all are there afterwards, or none.

    The inputs are durable before, and the bell is rung after. A job with an `answer` is completed from the start.
    `pipeline` is the one that the jobs themselves are of, if any; `lent` are the storage keys of inputs that earlier
    jobs made: these may be erased from now on, the documents stay. `webhook_id` is the endpoint that hears of
    their end. The `owner` may upload `bytes_per_day`; 0: no limit.

    Returns:
        False when nothing was created because the idempotency key is taken, a lender is gone, or the bytes of the day
        are used up.

    Raises:
        DatabaseUnavailable: see `database.connected`.
        peewee.IntegrityError: a job of one of these ids is there already.
    """
    batch_positions = {job.id: position for position, job in enumerate(new)} if batch_id else {}
    every_job = [job for one in new for job in (one, *(one.steps.jobs if one.steps else ()))]
    pipelines = [_pipeline(job.steps, job.id) for job in new if job.steps]
    created = database.rows(
        _CREATE,
        {
            "key": idempotency.key if idempotency else None,
            "fingerprint": idempotency.fingerprint if idempotency else None,
            "first_job_id": new[0].id,
            "batch_id": batch_id,
            "operation": new[0].operation,
            "pipelines": json.dumps([*pipelines, *([_pipeline(pipeline, None)] if pipeline else [])]),
            "jobs": json.dumps([_job(job, batch_positions.get(job.id)) for job in every_job]),
            "files": json.dumps([file for job in every_job for file in _files(job)]),
            "keep_completed_days": settings.current().keep_completed_days,
            "actor": actor,
            "traceparent": place.header if (place := tracing.current()) else None,
            "owner": owner,
            "bytes": uploaded_bytes(new, lent),
            "bytes_per_day": bytes_per_day,
            "lent": list(lent),
            "webhook_id": webhook_id,
        },
    )
    return bool(created)


def uploaded_bytes(new: Sequence[NewJob], lent: frozenset[str]) -> int:
    """Bytes of the documents that came with new jobs; what earlier jobs lend was counted when it came."""
    firsts = [first for job in new for first in (job, *(job.steps.jobs if job.steps else ()))]
    own = {
        stored.storage_key: stored.bytes for job in firsts for stored in job.inputs if stored.storage_key not in lent
    }
    return sum(own.values())


def exists(job_id: UUID) -> bool:
    """Whether a job is there."""
    return bool(database.rows("SELECT id FROM job WHERE id = %(id)s", {"id": job_id}))


def can_lend(keys: frozenset[str]) -> bool:
    """Whether documents of all these storage keys are named by some job."""
    return len(database.rows(_LENT, {"lent": list(keys)})) == len(keys)


def _pipeline(pipeline: NewPipeline, job_id: UUID | None) -> dict[str, Any]:
    return {
        "id": str(pipeline.id),
        "job_id": str(job_id) if job_id else None,
        "operations": pipeline.operations,
        "keep_intermediate": pipeline.keep_intermediate,
    }


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
        "waits": job.waits,
        **({**vars(job.place), "pipeline_id": str(job.place.pipeline_id)} if job.place else {}),
    }


def _files(job: NewJob) -> list[dict[str, Any]]:
    by_role = {"input": job.inputs, "output": job.answer.outputs if job.answer else ()}
    return [
        {"job_id": str(job.id), "role": role, "position": position, **vars(stored)}
        for role, files in by_role.items()
        for position, stored in enumerate(files)
    ]

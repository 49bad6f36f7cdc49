"""Accepts a request that was found good: its jobs are created, for certain, and the bell is rung."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import peewee

from gateway import idempotency, job_creation, quotas, result_cache
from gateway.job_creation import IdempotencyKey, NewJob, NewPipeline
from gateway.process import Process, repeated
from shared import database, fault_points, job_records, owners
from shared.callers import Caller
from shared.errors import DatabaseUnavailable, SubmissionUncertain, UnknownJob
from shared.logs import get_logger
from shared.tracing import TRACING
from shared.webhooks import endpoints

log = get_logger()

#: How often, and how long in between, a submission tries to reach the database.
_TRIES = 3
_BETWEEN_TRIES_S = 0.2


@dataclass(frozen=True)
class Submission:
    """A request that was found good: the jobs to create, and under which key."""

    caller: Caller
    new: list[NewJob]
    batch_id: UUID | None = None
    pipeline: NewPipeline | None = None
    idempotency: IdempotencyKey | None = None
    #: Storage keys of inputs that earlier jobs made.
    lent: frozenset[str] = frozenset()
    #: Who is told of the end of these jobs.
    webhook_url: str | None = None
    #: Most bytes that its owner may upload on a day; 0: no limit.
    bytes_per_day: int = 0

    @property
    def job_ids(self) -> list[UUID]:
        return [job.id for job in self.new]


@dataclass(frozen=True)
class Entered:
    """Jobs that are in the database now."""

    job_ids: list[UUID]
    batch_id: UUID | None = None
    pipeline_id: UUID | None = None
    #: They are those of an earlier submission with the same key.
    replayed: bool = False
    #: The public record, if it was read already.
    record: dict[str, Any] | None = None

    def uncertain(self) -> SubmissionUncertain:
        """The jobs are there, only their record cannot be read: "nothing was kept" would be wrong."""
        return SubmissionUncertain(job_ids=[str(job_id) for job_id in self.job_ids])


async def _with_results(process: Process, submission: Submission, hits: dict[str, result_cache.Hit]) -> Submission:
    """Give each job whose result is known a copy of it."""
    answered = []
    for job in submission.new:
        hit = hits.get(job.cache_key) if job.cache_key else None
        answer = await result_cache.copy_for(hit, job.id, process.storage) if hit else None
        answered.append(job.with_answer(answer))
    return replace(submission, new=answered)


async def accept(process: Process, submission: Submission, *, fresh: bool) -> Entered:
    """Create the jobs and ring; or find those of the submission that took the key before.

    Jobs whose result is known get it at once, unless a `fresh` one is wanted.
    """
    fault_points.reached("after_store_before_commit")
    keys = set() if fresh else {job.cache_key for job in submission.new if job.cache_key}
    try:
        entered = await process.in_thread(_create_unless_known, process, submission, keys)
        if not isinstance(entered, Entered):
            submission = await _with_results(process, submission, entered)
            entered = await process.in_thread(_create_and_ring, process, submission)
    except SubmissionUncertain:
        raise
    except Exception:
        await process.erase_uploads(submission.job_ids)
        raise
    if entered.replayed:
        await process.erase_uploads(submission.job_ids)
    return entered


def _create_unless_known(
    process: Process, submission: Submission, keys: set[str]
) -> Entered | dict[str, result_cache.Hit]:
    if keys and (hits := repeated(result_cache.find)(keys)):
        return hits
    return _create_and_ring(process, submission)


@TRACING.span("create")
def _create_and_ring(process: Process, submission: Submission) -> Entered:
    """All that blocks, in one thread: changing threads costs more than each of its parts."""
    url = submission.webhook_url
    webhook_id = repeated(endpoints.for_job)(submission.caller.owner, url) if url else None
    if first := _create_for_certain(submission, webhook_id):
        return Entered([first.job_id], first.batch_id, first.pipeline_id, replayed=True)
    fault_points.reached("after_commit_before_ring")
    _ring(process, submission.new)
    pipeline_id = submission.pipeline.id if submission.pipeline else None
    entered = Entered(submission.job_ids, submission.batch_id, pipeline_id)
    if entered.batch_id or entered.pipeline_id:
        return entered
    try:
        return replace(entered, record=job_records.created(entered.job_ids[0]))
    except DatabaseUnavailable as error:
        raise entered.uncertain() from error


def _ring(process: Process, new: Sequence[NewJob]) -> None:
    for job in new:
        cached = job.answer is not None
        log.info(
            "job.created",
            job_id=str(job.id),
            operation=job.operation,
            message_id=job.message_id,
            cached=cached,
        )
        if job.steps:
            _ring(process, job.steps.jobs)
        # What waits for a step has nothing to do yet.
        elif not cached and not job.waits and not process.bell.ring(job.queue, job.message_id):
            log.warning("job.not_rung", job_id=str(job.id))


def _create_for_certain(submission: Submission, webhook_id: UUID | None) -> idempotency.First | None:
    """Create jobs, and know afterwards whether they exist. Returns another submission that took the key before.

    Raises:
        IdempotencyKeyReused: it took the key for something else.
        UnknownJob: a job whose outputs are inputs of this one is gone.
        QuotaExceeded: the owner uploads too much on this day.
        DatabaseUnavailable: they do not.
        SubmissionUncertain: the connection broke after the statement was sent, and the database stayed away.
    """
    sent = False
    lost = DatabaseUnavailable()
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_BETWEEN_TRIES_S)
        try:
            # So that a connection which broke long ago does not make the outcome uncertain.
            database.make_sure()
            sent, sent_before = True, sent
            key = submission.idempotency
            if job_creation.create(
                submission.new,
                batch_id=submission.batch_id,
                pipeline=submission.pipeline,
                idempotency=key,
                lent=submission.lent,
                webhook_id=webhook_id,
                actor=submission.caller.name,
                owner=submission.caller.owner,
                bytes_per_day=submission.bytes_per_day,
            ):
                return None
            # Nothing was created, because the key is taken, a lender is gone or the day's bytes are used up. The key's
            # job may have been erased a moment ago: then once more.
            if key and (first := idempotency.first_with(submission.caller.owner, key.key)):
                return _same(first, submission)
            if not job_creation.can_lend(submission.lent):
                raise UnknownJob("A job whose outputs were submitted has been deleted meanwhile.")
            if _is_too_much(submission):
                # What is counted may be this very submission, by an earlier try of which only the answer was lost.
                if sent_before and job_creation.exists(submission.job_ids[0]):
                    return None
                raise quotas.exceeded(submission.bytes_per_day)
        except peewee.IntegrityError:
            # The ids are ours: the try whose answer was lost did take effect.
            if sent_before:
                return None
            raise
        except DatabaseUnavailable as error:
            lost = error
    if sent:
        raise SubmissionUncertain(job_ids=[str(job_id) for job_id in submission.job_ids]) from lost
    raise lost


def _is_too_much(submission: Submission) -> bool:
    most, new = submission.bytes_per_day, job_creation.uploaded_bytes(submission.new, submission.lent)
    return most > 0 and owners.uploaded_today_bytes(submission.caller.owner) + new > most


def _same(first: idempotency.First, submission: Submission) -> idempotency.First | None:
    # The key is ours when an earlier try of this very request took effect and only its answer was lost.
    if first.job_id == submission.job_ids[0]:
        return None
    if submission.idempotency is None or first.fingerprint != submission.idempotency.fingerprint:
        raise idempotency.IdempotencyKeyReused
    return first

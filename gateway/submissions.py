"""`POST /v1/{operation}`: documents come in, jobs are created, the bell rings."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import peewee
from falcon.asgi import Request, Response
from uuid_utils import uuid4
from uuid_utils.compat import uuid7

from gateway import fields, idempotency, job_creation, result_cache
from gateway.described import OF_DATABASE, Parameter, describes
from gateway.job_creation import IdempotencyKey, NewJob
from gateway.process import Process, repeated
from gateway.request_parts import preferred_wait_s
from gateway.uploads import Upload
from gateway.waiting import until_ended
from shared import database, fault_points, job_records, secret_box
from shared.errors import (
    DatabaseUnavailable,
    EmptyFile,
    MalformedMultipart,
    MissingFile,
    NotMultipart,
    OptionsError,
    StorageFull,
    StorageUnavailable,
    SubmissionUncertain,
    TooLarge,
    TooManyFiles,
    UnknownOperation,
    UnsupportedMediaType,
)
from shared.jobs import StoredFile
from shared.logs import get_logger
from shared.models import Status
from shared.operation import Operation

log = get_logger()

_PREFER = Parameter("Prefer", {"type": "string"}, "`wait=30`: answer when it has ended, or after 30 s.", "header")
_KEY = Parameter(
    idempotency.HEADER, {"type": "string"}, "The same key with the same content: the jobs of the first time.", "header"
)
_CACHE = Parameter("Cache-Control", {"type": "string"}, "`no-cache`: run, even if the result is known.", "header")
_PROBLEMS = (
    idempotency.BadIdempotencyKey,
    idempotency.IdempotencyKeyReused,
    MalformedMultipart,
    NotMultipart,
    UnknownOperation,
    TooLarge,
    TooManyFiles,
    UnsupportedMediaType,
    OptionsError,
    MissingFile,
    EmptyFile,
    StorageFull,
    StorageUnavailable,
    SubmissionUncertain,
    *OF_DATABASE,
)
#: How often, and how long in between, a submission tries to reach the database.
_TRIES = 3
_BETWEEN_TRIES_S = 0.2


@dataclass(frozen=True)
class _Submission:
    """A request that was found good: the jobs to create, and under which key."""

    new: list[NewJob]
    batch_id: UUID | None
    #: Encrypted.
    secrets: bytes | None
    idempotency: IdempotencyKey | None

    @property
    def job_ids(self) -> list[UUID]:
        return [job.id for job in self.new]


@dataclass(frozen=True)
class _Entered:
    """Jobs that are in the database now."""

    job_ids: list[UUID]
    batch_id: UUID | None
    #: They are those of an earlier submission with the same key.
    replayed: bool = False
    #: The public record, if it was read already.
    record: dict[str, Any] | None = None

    def uncertain(self) -> SubmissionUncertain:
        """The jobs are there, only their record cannot be read: "nothing was kept" would be wrong."""
        return SubmissionUncertain(job_ids=[str(job_id) for job_id in self.job_ids])


class Submissions:
    """What `POST /v1/{operation}` does."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({202: "JobOrBatch", 303: None}, _PREFER, _KEY, _CACHE, problems=_PROBLEMS)
    async def on_post(self, req: Request, resp: Response, operation: str) -> None:
        """Submit documents: one job, or a batch of jobs when an operation on one file gets several."""
        wanted = self._process.catalogue.operation(operation)
        wait_s = preferred_wait_s(req)
        key = idempotency.key_of(req)
        upload = Upload(wanted, self._process.storage)
        try:
            submission = await self._checked(req, wanted, upload, key)
        except BaseException:
            # Also when the client went away: nothing of a request that came to nothing is kept.
            await asyncio.shield(self._process.erase_documents(upload.job_ids))
            raise
        # From here on a client that goes away changes nothing: the job is made, or everything is erased.
        entered = await asyncio.shield(
            self._enter(submission, fresh="no-cache" in (req.get_header("Cache-Control") or ""))
        )
        if entered.replayed:
            resp.set_header(idempotency.REPLAYED, "true")
        try:
            await self._answer(resp, entered, wait_s)
        except DatabaseUnavailable as error:
            raise entered.uncertain() from error

    async def _checked(self, req: Request, operation: Operation, upload: Upload, key: str | None) -> _Submission:
        problems = fields.Problems()
        await upload.receive(req, problems)
        choices = fields.read(upload.received.fields, operation, problems)
        if operation.inputs != "none" and not upload.received.files and not problems.files:
            problems.add_file(None, MissingFile())
        problems.raise_if_any()
        inputs: dict[UUID, list[StoredFile]] = {job_id: [] for job_id in upload.job_ids}
        for job_id, stored in upload.received.files:
            inputs[job_id].append(stored)
        new = [
            NewJob(
                id=job_id,
                operation=operation.name,
                queue=operation.queue,
                options=choices.options,
                inputs=stored,
                max_failures=operation.max_failures,
                message_id=str(uuid4()),
                priority=choices.priority,
                cache_key=result_cache.cache_key(operation, choices.options, stored, secret=bool(choices.secrets)),
            )
            for job_id, stored in inputs.items()
        ]
        return _Submission(
            new,
            batch_id=uuid7() if len(new) > 1 else None,
            secrets=secret_box.seal(choices.secrets) if choices.secrets else None,
            idempotency=idempotency.with_fingerprint(key, new, choices.secrets) if key else None,
        )

    async def _with_results(self, submission: _Submission, hits: dict[str, result_cache.Hit]) -> _Submission:
        """Give each job whose result is known a copy of it."""
        answered = []
        for job in submission.new:
            hit = hits.get(job.cache_key) if job.cache_key else None
            answer = await result_cache.copy_for(hit, job.id, self._process.storage) if hit else None
            answered.append(replace(job, answer=answer))
        return replace(submission, new=answered)

    async def _enter(self, submission: _Submission, *, fresh: bool) -> _Entered:
        """Create the jobs and ring; or find those of the submission that took the key before.

        Jobs whose result is known get it at once, unless a `fresh` one is wanted.
        """
        fault_points.reached("after_store_before_commit")
        keys = set() if fresh else {job.cache_key for job in submission.new if job.cache_key}
        try:
            entered = await self._process.in_thread(self._create_unless_known, submission, keys)
            if not isinstance(entered, _Entered):
                submission = await self._with_results(submission, entered)
                entered = await self._process.in_thread(self._create_and_ring, submission)
        except SubmissionUncertain:
            raise
        except Exception:
            await self._process.erase_documents(submission.job_ids)
            raise
        if entered.replayed:
            await self._process.erase_documents(submission.job_ids)
        return entered

    def _create_unless_known(self, submission: _Submission, keys: set[str]) -> _Entered | dict[str, result_cache.Hit]:
        if keys and (hits := repeated(result_cache.find)(keys)):
            return hits
        return self._create_and_ring(submission)

    def _create_and_ring(self, submission: _Submission) -> _Entered:
        """All that blocks, in one thread: changing threads costs more than each of its parts."""
        if first := _create_for_certain(submission):
            return _Entered([first.job_id], first.batch_id, replayed=True)
        fault_points.reached("after_commit_before_ring")
        self._ring(submission.new)
        entered = _Entered(submission.job_ids, submission.batch_id)
        if entered.batch_id:
            return entered
        try:
            return replace(entered, record=job_records.created(entered.job_ids[0]))
        except DatabaseUnavailable as error:
            raise entered.uncertain() from error

    def _ring(self, new: list[NewJob]) -> None:
        for job in new:
            known = job.answer is not None
            log.info(
                "job.created", job_id=str(job.id), operation=job.operation, message_id=job.message_id, cached=known
            )
            if not known and not self._process.bell.ring(job.queue, job.message_id):
                log.warning("job.not_rung", job_id=str(job.id))

    async def _answer(self, resp: Response, entered: _Entered, wait_s: float | None) -> None:
        job_ids, batch_id, record = entered.job_ids, entered.batch_id, entered.record
        here = f"/v1/batches/{batch_id}" if batch_id else f"/v1/jobs/{job_ids[0]}"
        if wait_s is not None:
            waited_for = await self._process.query(job_records.batch_job_ids, batch_id) if batch_id else job_ids
            await until_ended(self._process, waited_for, wait_s)
            resp.set_header("Preference-Applied", f"wait={wait_s:g}")
            record = None
        if batch_id:
            record = await self._process.query(job_records.batch, batch_id)
        resp.media = record or await self._process.query(job_records.job, job_ids[0])
        resp.status = 202
        resp.set_header("Location", here)
        if wait_s is not None and resp.media["status"] == Status.COMPLETED:
            resp.status = 303
            resp.set_header("Location", f"{here}/result")


def _create_for_certain(submission: _Submission) -> idempotency.First | None:
    """Create jobs, and know afterwards whether they exist. Returns another submission that took the key before.

    Raises:
        IdempotencyKeyReused: it took the key for something else.
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
                submission.new, secrets=submission.secrets, batch_id=submission.batch_id, idempotency=key
            ):
                return None
            # Nothing was created, so there is a key; its job may have been erased a moment ago: then once more.
            if key and (first := idempotency.first_with(key.key)):
                return _same(first, submission)
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


def _same(first: idempotency.First, submission: _Submission) -> idempotency.First | None:
    # The key is ours when an earlier try of this very request took effect and only its answer was lost.
    if first.job_id == submission.job_ids[0]:
        return None
    if submission.idempotency is None or first.fingerprint != submission.idempotency.fingerprint:
        raise idempotency.IdempotencyKeyReused
    return first

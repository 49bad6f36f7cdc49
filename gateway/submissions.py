"""`POST /v1/{operation}`: documents come in, jobs are created, the bell rings."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID, uuid4

import peewee
from falcon.asgi import Request, Response
from uuid_utils.compat import uuid7

from gateway import fields, job_creation
from gateway.described import OF_DATABASE, Parameter, describes
from gateway.job_creation import NewJob
from gateway.process import Process
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
_PROBLEMS = (
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


class Submissions:
    """What `POST /v1/{operation}` does."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({202: "JobOrBatch", 303: None}, _PREFER, problems=_PROBLEMS)
    async def on_post(self, req: Request, resp: Response, operation: str) -> None:
        """Submit documents: one job, or a batch of jobs when an operation on one file gets several."""
        wanted = self._process.catalogue.operation(operation)
        wait_s = preferred_wait_s(req)
        upload = Upload(wanted, self._process.storage)
        try:
            password, new = await self._checked(req, wanted, upload)
        except BaseException:
            # Also when the client went away: nothing of a request that came to nothing is kept.
            await asyncio.shield(self._process.erase_documents(upload.job_ids))
            raise
        batch_id = uuid7() if len(new) > 1 else None
        # From here on a client that goes away changes nothing: the job is made, or everything is erased.
        await asyncio.shield(self._create(new, password, batch_id, upload))
        try:
            await self._answer(resp, new, batch_id, wait_s)
        except DatabaseUnavailable as error:
            # The jobs are there, only their record cannot be read: "nothing was kept" would be wrong.
            raise SubmissionUncertain(job_ids=[str(job.id) for job in new]) from error

    async def _checked(self, req: Request, operation: Operation, upload: Upload) -> tuple[bytes | None, list[NewJob]]:
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
            )
            for job_id, stored in inputs.items()
        ]
        return secret_box.seal(choices.password) if choices.password else None, new

    async def _create(self, new: list[NewJob], password: bytes | None, batch_id: UUID | None, upload: Upload) -> None:
        fault_points.reached("after_store_before_commit")
        try:
            await self._process.in_thread(_create_for_certain, new, password, batch_id)
        except SubmissionUncertain:
            raise
        except Exception:
            await self._process.erase_documents(upload.job_ids)
            raise
        fault_points.reached("after_commit_before_ring")
        await self._process.in_thread(self._ring, new)

    def _ring(self, new: list[NewJob]) -> None:
        for job in new:
            log.info("job.created", job_id=str(job.id), operation=job.operation, message_id=job.message_id)
            if not self._process.bell.ring(job.queue, job.message_id):
                log.warning("job.not_rung", job_id=str(job.id))

    async def _answer(self, resp: Response, new: list[NewJob], batch_id: UUID | None, wait_s: float | None) -> None:
        here = f"/v1/batches/{batch_id}" if batch_id else f"/v1/jobs/{new[0].id}"
        if wait_s is not None:
            await until_ended(self._process, [job.id for job in new], wait_s)
            resp.set_header("Preference-Applied", f"wait={wait_s:g}")
        record = await self._process.query(job_records.batch, batch_id) if batch_id else None
        resp.media = record or await self._process.query(job_records.job, new[0].id)
        resp.status = 202
        resp.set_header("Location", here)
        if wait_s is not None and resp.media["status"] == Status.COMPLETED:
            resp.status = 303
            resp.set_header("Location", f"{here}/result")


def _create_for_certain(new: list[NewJob], password: bytes | None, batch_id: UUID | None) -> None:
    """Create jobs, and know afterwards whether they exist.

    Raises:
        DatabaseUnavailable: they do not.
        SubmissionUncertain: the connection broke after the statement was sent, and the database stayed away.
    """
    sent = False
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_BETWEEN_TRIES_S)
        try:
            # Shows that the connection works, so that one which broke long ago does not make the outcome uncertain.
            database.rows("SELECT 1", {})
            sent, sent_before = True, sent
            job_creation.create(new, password=password, batch_id=batch_id)
            return
        except peewee.IntegrityError:
            # The ids are ours: the try whose answer was lost did take effect.
            if sent_before:
                return
            raise
        except DatabaseUnavailable as error:
            lost = error
    if sent:
        raise SubmissionUncertain(job_ids=[str(job.id) for job in new]) from lost
    raise lost

"""`POST /v1/{operation}`: documents come in, jobs are created, the bell rings."""

from __future__ import annotations

import asyncio
from uuid import UUID

from falcon.asgi import Request, Response
from uuid_utils import uuid4
from uuid_utils.compat import uuid7

from gateway import earlier_jobs, fields, idempotency, result_cache
from gateway.acceptance import Entered, Submission, accept
from gateway.authentication import caller_of, key_used
from gateway.chain_jobs import in_steps, links
from gateway.chains import chain_of
from gateway.described import OF_DATABASE, Parameter, describes
from gateway.fields import Choices, Problems
from gateway.job_creation import NewJob
from gateway.process import Process
from gateway.quotas import QuotaExceeded, TooManyJobs, bytes_per_day
from gateway.request_parts import preferred_wait_s
from gateway.uploads import Upload
from gateway.waiting import until_ended
from shared import batch_records, job_records, secret_box
from shared.callers import Caller, Scope
from shared.errors import (
    DatabaseUnavailable,
    EmptyFile,
    MalformedId,
    MalformedMultipart,
    MissingFile,
    NotMultipart,
    OptionsError,
    ResultNotReady,
    StorageFull,
    StorageUnavailable,
    SubmissionUncertain,
    TooLarge,
    TooManyFiles,
    UnknownInput,
    UnknownJob,
    UnknownOperation,
    UnknownOutput,
    UnsupportedMediaType,
    UploadStalled,
    UrlNotAllowed,
    UrlRefused,
    UrlTimedOut,
    UrlTooLarge,
    UrlUnreachable,
)
from shared.jobs import StoredFile
from shared.models import Status
from shared.operation import Operation
from shared.webhooks.endpoints import TooManyWebhooks, WebhookDisabled

PREFER = Parameter("Prefer", {"type": "string"}, "`wait=30`: answer when it has ended, or after 30 s.", "header")
KEY = Parameter(
    idempotency.HEADER, idempotency.SCHEMA, "The same key with the same content: the jobs of the first time.", "header"
)
_CACHE = Parameter("Cache-Control", {"type": "string"}, "`no-cache`: run, even if the result is known.", "header")
PROBLEMS = (
    idempotency.BadIdempotencyKey,
    idempotency.IdempotencyKeyReused,
    MalformedMultipart,
    UploadStalled,
    NotMultipart,
    UnknownOperation,
    TooLarge,
    TooManyFiles,
    UnsupportedMediaType,
    OptionsError,
    MissingFile,
    UrlNotAllowed,
    UrlUnreachable,
    UrlTimedOut,
    UrlRefused,
    UrlTooLarge,
    EmptyFile,
    StorageFull,
    StorageUnavailable,
    SubmissionUncertain,
    WebhookDisabled,
    TooManyWebhooks,
    TooManyJobs,
    QuotaExceeded,
    *OF_DATABASE,
)
#: Of the jobs whose outputs are submitted.
_OF_LENDERS = (MalformedId, UnknownJob, UnknownInput, UnknownOutput, ResultNotReady)


class Submissions:
    """What `POST /v1/{operation}` does."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes(
        {202: "JobOrBatch", 303: None}, PREFER, KEY, _CACHE, problems=(*PROBLEMS, *_OF_LENDERS), scope=Scope.SUBMIT
    )
    async def on_post(self, req: Request, resp: Response, operation: str) -> None:
        """Submit documents: one job, or a batch of jobs when an operation on one file gets several."""
        wanted = self._process.catalogue.operation(operation)
        wait_s = preferred_wait_s(req)
        key = idempotency.key_of(req)
        await self._process.quotas.check(key_used(req))
        upload = Upload(wanted, self._process.storage)
        try:
            submission = await self._checked(req, wanted, upload, key)
            await self._process.quotas.take(key_used(req), len(submission.new))
        except BaseException:
            # Also when the client went away: nothing of a request that came to nothing is kept.
            await asyncio.shield(self._process.erase_uploads(upload.job_ids))
            raise
        # From here on a client that goes away changes nothing: the job is made, or everything is erased.
        entered = await asyncio.shield(
            accept(
                self._process,
                submission,
                fresh="no-cache" in (req.get_header("Cache-Control") or ""),
            )
        )
        if entered.replayed:
            resp.set_header(idempotency.REPLAYED, "true")
        try:
            await self._answer(resp, entered, wait_s)
        except DatabaseUnavailable as error:
            raise entered.uncertain() from error

    async def _checked(self, req: Request, operation: Operation, upload: Upload, key: str | None) -> Submission:
        problems = Problems()
        await upload.receive(req, problems)
        lenders = [value for name, value in upload.received.fields if name == "job"]
        urls = [value for name, value in upload.received.fields if name == "url"]
        chosen = [(name, value) for name, value in upload.received.fields if name not in ("job", "url")]
        choices = fields.read(chosen, operation, problems)
        lent = await self._lent(caller_of(req), lenders, operation, problems)
        if operation.inputs == "none" and urls:
            problems.add("url", "unwanted_file", f"{operation.name} takes no file.")
        if operation.inputs != "none" and not (upload.received.files or lenders or urls or problems.files):
            problems.add_file(None, MissingFile())
        problems.raise_if_any()
        # Only now: nobody is asked for a document that cannot be used.
        await upload.fetch(urls, problems)
        problems.raise_if_any()
        for stored in lent:
            upload.lend(stored)
        inputs: dict[UUID, list[StoredFile]] = {job_id: [] for job_id in upload.job_ids}
        for job_id, stored in upload.received.files:
            inputs[job_id].append(stored)
        new = [self._job(caller_of(req), operation, choices, job_id, stored) for job_id, stored in inputs.items()]
        return Submission(
            caller_of(req),
            new,
            uuid7() if len(new) > 1 else None,
            bytes_per_day=bytes_per_day(key_used(req)),
            lent=frozenset(stored.storage_key for stored in lent),
            idempotency=idempotency.with_fingerprint(key, new, choices.secrets, choices.webhook_url) if key else None,
            webhook_url=choices.webhook_url,
        )

    async def _lent(
        self, caller: Caller, lenders: list[str], operation: Operation, problems: Problems
    ) -> list[StoredFile]:
        """What earlier jobs made that the operation takes. What is wrong becomes `problems`."""
        found: list[StoredFile] = []
        for job_id in lenders:
            if operation.inputs == "none":
                problems.add("job", "unwanted_file", f"{operation.name} takes no file.")
                continue
            try:
                found.extend(await self._process.query(earlier_jobs.lent, caller, job_id, operation))
            except (*_OF_LENDERS, UnsupportedMediaType) as error:
                problems.add_error("job", error)
        return found

    def _job(
        self, caller: Caller, operation: Operation, choices: Choices, job_id: UUID, inputs: list[StoredFile]
    ) -> NewJob:
        assert choices.valid
        kinds = [stored.media_type for stored in inputs]
        chain = chain_of(self._process.catalogue, operation, choices.valid, kinds)
        secret = bool(choices.secrets)
        job = NewJob(
            id=job_id,
            operation=operation.name,
            queue=operation.queue,
            options=choices.options,
            inputs=inputs,
            max_failures=operation.max_failures,
            message_id=str(uuid4()),
            priority=choices.priority,
            secrets=secret_box.seal(choices.secrets) if secret else None,
            cache_key=result_cache.cache_key(
                operation, choices.options, inputs, chain, owner=caller.owner, secret=secret
            ),
        )
        return in_steps(job, links(operation, choices.options, choices.secrets, chain)) if chain else job

    async def _answer(self, resp: Response, entered: Entered, wait_s: float | None) -> None:
        job_ids, batch_id, record = entered.job_ids, entered.batch_id, entered.record
        here = f"/v1/batches/{batch_id}" if batch_id else f"/v1/jobs/{job_ids[0]}"
        if wait_s is not None:
            waited_for = await self._process.query(batch_records.job_ids, batch_id) if batch_id else job_ids
            await until_ended(self._process, waited_for, wait_s)
            resp.set_header("Preference-Applied", f"wait={wait_s:g}")
            record = None
        if batch_id:
            record = await self._process.query(batch_records.batch, batch_id)
        resp.media = record or await self._process.query(job_records.job, job_ids[0])
        resp.status = 202
        resp.set_header("Location", here)
        if wait_s is not None and resp.media["status"] == Status.COMPLETED:
            resp.status = 303
            resp.set_header("Location", f"{here}/result")

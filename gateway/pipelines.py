"""`/v1/pipelines`: steps of any services, where one's outputs are the next one's inputs."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from falcon.asgi import Request, Response

from gateway import idempotency, request_parts
from gateway.acceptance import accept
from gateway.authentication import caller_of, key_used
from gateway.described import OF_DATABASE, WAIT, describes
from gateway.jobs import cancel
from gateway.pipeline_form import PipelineForm
from gateway.process import Process
from gateway.request_parts import preferred_wait_s
from gateway.submissions import KEY, PREFER, PROBLEMS
from gateway.waiting import until_ended
from shared import jobs, pipeline_records, pipelines
from shared.callers import Scope
from shared.errors import ConflictError, DatabaseUnavailable, MalformedId, OptionsError, UnknownPipeline
from shared.models import Status


class Pipelines:
    """Where pipelines are submitted."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({202: "Pipeline", 303: None}, PREFER, KEY, problems=PROBLEMS, scope=Scope.SUBMIT)
    async def on_post(self, req: Request, resp: Response) -> None:
        """Submit documents and the steps that they go through: each step takes what the one before made."""
        wait_s, key = preferred_wait_s(req), idempotency.key_of(req)
        await self._process.quotas.check(key_used(req))
        form = PipelineForm(self._process.catalogue, self._process.storage)
        try:
            submission = await form.receive(req, key)
            await self._process.quotas.take(key_used(req), len(submission.new))
        except BaseException:
            await asyncio.shield(self._process.erase_uploads(form.upload.job_ids))
            raise
        # From here on a client that goes away changes nothing: the jobs are made, or everything is erased.
        entered = await asyncio.shield(accept(self._process, submission, fresh=True))
        if entered.replayed:
            resp.set_header(idempotency.REPLAYED, "true")
        if entered.pipeline_id is None:
            raise idempotency.IdempotencyKeyReused
        try:
            if wait_s is not None:
                job_ids = await self._process.query(pipeline_records.job_ids, entered.pipeline_id)
                await until_ended(self._process, job_ids, wait_s)
                resp.set_header("Preference-Applied", f"wait={wait_s:g}")
            resp.media = await self._process.query(pipeline_records.pipeline, entered.pipeline_id)
        except DatabaseUnavailable as error:
            raise entered.uncertain() from error
        here = f"/v1/pipelines/{entered.pipeline_id}"
        resp.status, resp.location = 202, here
        if wait_s is not None and resp.media["status"] == Status.COMPLETED:
            resp.status, resp.location = 303, f"{here}/result"


class Pipeline:
    """One pipeline."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes(
        {200: "Pipeline"}, WAIT, problems=(MalformedId, UnknownPipeline, OptionsError, *OF_DATABASE), scope=Scope.READ
    )
    async def on_get(self, req: Request, resp: Response, pipeline_id: str) -> None:
        """Look at a pipeline, its steps and their jobs; with `wait`, when all have ended or the seconds have passed."""
        wanted, wait_s = request_parts.an_id(pipeline_id), request_parts.wait_s(req)
        if wait_s:
            await until_ended(self._process, await self._process.query(pipeline_records.job_ids, wanted), wait_s)
        resp.media = await self._process.query(pipeline_records.pipeline, wanted)

    @describes({204: None}, problems=(MalformedId, UnknownPipeline, ConflictError, *OF_DATABASE), scope=Scope.SUBMIT)
    async def on_delete(self, _req: Request, resp: Response, pipeline_id: str) -> None:
        """Erase a pipeline of which nothing runs, with all its jobs and documents."""
        wanted = request_parts.an_id(pipeline_id)
        await self._process.query(pipeline_records.job_ids, wanted)
        gone = await self._process.query(jobs.erase_pipeline, wanted)
        if gone is None:
            raise ConflictError("A step is running.", remedy="Cancel first: POST /v1/pipelines/{id}/cancel.")
        await self._process.erase_documents(gone)
        await self._process.say_changed(gone)
        resp.status = 204


class PipelineCancel:
    """The wish to end a pipeline."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({202: "Pipeline"}, problems=(MalformedId, UnknownPipeline, *OF_DATABASE), scope=Scope.SUBMIT)
    async def on_post(self, req: Request, resp: Response, pipeline_id: str) -> None:
        """Cancel every step that has not ended."""
        wanted = request_parts.an_id(pipeline_id)
        job_ids = await self._process.query(pipeline_records.job_ids, wanted)
        await cancel(self._process, job_ids, caller_of(req).name)
        resp.media = await self._process.query(pipeline_records.pipeline, wanted)
        resp.status = 202


class PipelineRetry:
    """The wish to go on from where a pipeline failed."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes(
        {202: "Pipeline"}, problems=(MalformedId, UnknownPipeline, ConflictError, *OF_DATABASE), scope=Scope.SUBMIT
    )
    async def on_post(self, req: Request, resp: Response, pipeline_id: str) -> None:
        """Resume: failed and cancelled steps are tried again, completed ones are kept."""
        wanted, message_id = request_parts.an_id(pipeline_id), str(uuid4())
        await self._process.query(pipeline_records.job_ids, wanted)
        await self._process.query(pipelines.retry, wanted, caller_of(req).name, message_id)
        resp.media = found = await self._process.query(pipeline_records.pipeline, wanted)
        # By our message, not by what the query answers: of two tries the first may have been heard and not answered.
        again = [job for step in found["steps"] for job in step["jobs"] if job["message_id"] == message_id]
        if not again:
            raise ConflictError(f"No step has failed or was cancelled; the pipeline is {found['status']}.")
        for job in again:
            await self._process.in_thread(self._process.bell.ring, job["queue"], message_id)
        await self._process.say_changed([UUID(job["id"]) for step in found["steps"] for job in step["jobs"]])
        resp.status = 202

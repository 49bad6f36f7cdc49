"""`/v1/batches/{id}`: jobs that were submitted together, seen and ended as a whole."""

from __future__ import annotations

from falcon.asgi import Request, Response

from gateway import request_parts
from gateway.authentication import caller_of
from gateway.described import OF_DATABASE, WAIT, describes
from gateway.jobs import cancel
from gateway.process import Process
from gateway.waiting import until_ended
from shared import batch_records, jobs
from shared.callers import Scope
from shared.errors import ConflictError, MalformedId, OptionsError, UnknownBatch


class Batch:
    """One batch."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Batch"}, WAIT, problems=(MalformedId, UnknownBatch, OptionsError, *OF_DATABASE), scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response, batch_id: str) -> None:
        """Look at a batch and each of its jobs; with `wait`, when all have ended or the seconds have passed."""
        wanted, wait_s = request_parts.an_id(batch_id), request_parts.wait_s(req)
        if wait_s:
            await until_ended(self._process, await self._process.query(batch_records.job_ids, wanted), wait_s)
        resp.media = await self._process.query(batch_records.batch, wanted)

    @describes({204: None}, problems=(MalformedId, UnknownBatch, ConflictError, *OF_DATABASE), scope=Scope.SUBMIT)
    async def on_delete(self, _req: Request, resp: Response, batch_id: str) -> None:
        """Erase a batch of which nothing runs, with all its jobs and documents."""
        wanted = request_parts.an_id(batch_id)
        await self._process.query(batch_records.job_ids, wanted)
        gone = await self._process.query(jobs.erase_batch, wanted)
        if gone is None:
            raise ConflictError("A job of the batch is running.", remedy="Cancel first: POST /v1/batches/{id}/cancel.")
        await self._process.erase_documents(gone)
        await self._process.say_changed(gone)
        resp.status = 204


class BatchCancel:
    """The wish to end a batch."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({202: "Batch"}, problems=(MalformedId, UnknownBatch, *OF_DATABASE), scope=Scope.SUBMIT)
    async def on_post(self, req: Request, resp: Response, batch_id: str) -> None:
        """Cancel every job of a batch that has not ended."""
        wanted = request_parts.an_id(batch_id)
        job_ids = await self._process.query(batch_records.job_ids, wanted)
        await cancel(self._process, job_ids, caller_of(req).name)
        resp.media = await self._process.query(batch_records.batch, wanted)
        resp.status = 202

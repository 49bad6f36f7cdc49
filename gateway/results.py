"""The documents of jobs: their outputs, alone and together, and their inputs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from falcon.asgi import Request, Response

from gateway import request_parts
from gateway.archives import deliver_zip
from gateway.delivery import deliver
from gateway.described import ANY_DOCUMENT, IF_NONE_MATCH, OF_DATABASE, RANGE, describes
from gateway.earlier_jobs import delivered, given, output
from gateway.process import Process
from shared import batch_records, job_records, names, pipeline_records
from shared.callers import Scope
from shared.errors import (
    BinderyError,
    MalformedId,
    RangeNotSatisfiable,
    ResultNotReady,
    StorageUnavailable,
    UnknownBatch,
    UnknownInput,
    UnknownJob,
    UnknownOutput,
    UnknownPipeline,
)
from shared.models import ENDED, Status

_Responder = TypeVar("_Responder", bound=Callable[..., Any])
_MANIFEST = "bindery-batch.json"
_PROBLEMS = (
    MalformedId,
    UnknownJob,
    UnknownOutput,
    ResultNotReady,
    RangeNotSatisfiable,
    StorageUnavailable,
    *OF_DATABASE,
)


def _downloads(*problems: type[BinderyError]) -> Callable[[_Responder], _Responder]:
    """Notes that a responder answers with a document, whole or a range of it."""
    answers: dict[int, str | None] = {200: ANY_DOCUMENT, 206: ANY_DOCUMENT, 304: None}
    return describes(answers, RANGE, IF_NONE_MATCH, problems=problems, scope=Scope.READ)


class _Results:
    def __init__(self, process: Process) -> None:
        self._process = process

    async def _deliver_all(
        self, req: Request, resp: Response, documents: list[dict[str, Any]], name: str, at: datetime, *, nothing: str
    ) -> None:
        """Answer with the one document, or with several as a zip called `name`; `nothing` is said of none."""
        if not documents:
            raise UnknownOutput(nothing)
        if len(documents) == 1:
            await deliver(req, resp, self._process.storage, documents[0])
        else:
            deliver_zip(req, resp, self._process.storage, name, at, _named_apart(documents))


def _named_apart(documents: list[dict[str, Any]], taken: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The documents under names that differ, from each other and from those that are `taken`."""
    kept = names.unique([*taken, *(document["name"] for document in documents)])[len(taken) :]
    return [{**document, "name": name} for document, name in zip(documents, kept, strict=True)]


class JobResult(_Results):
    """What a job made."""

    @_downloads(*_PROBLEMS)
    async def on_get(self, req: Request, resp: Response, job_id: str) -> None:
        """Download the output of a completed job; several come as a zip."""
        found = await self._process.query(job_records.row, request_parts.an_id(job_id))
        outputs = delivered(found)
        name, at = f"{found['operation']}-{found['id']}.zip", found["completed_at"]
        nothing = "This job made no file; what it found stands in 'result' of its record."
        await self._deliver_all(req, resp, outputs, name, at, nothing=nothing)

    on_head = on_get


class JobOutput(_Results):
    """One file that a job made."""

    @_downloads(*_PROBLEMS)
    async def on_get(self, req: Request, resp: Response, job_id: str, name: str) -> None:
        """Download one output by its name."""
        found = await self._process.query(job_records.row, request_parts.an_id(job_id))
        await deliver(req, resp, self._process.storage, output(found, name))

    on_head = on_get


class JobInput(_Results):
    """One file that a job was given."""

    @_downloads(MalformedId, UnknownJob, UnknownInput, RangeNotSatisfiable, StorageUnavailable, *OF_DATABASE)
    async def on_get(self, req: Request, resp: Response, job_id: str, position: str) -> None:
        """Download one input by its position among `inputs`, from 0."""
        found = await self._process.query(job_records.row, request_parts.an_id(job_id))
        await deliver(req, resp, self._process.storage, given(found, position))

    on_head = on_get


class BatchResult(_Results):
    """What the jobs of a batch made."""

    @describes(
        {200: "application/zip"}, problems=(MalformedId, UnknownBatch, ResultNotReady, *OF_DATABASE), scope=Scope.READ
    )
    async def on_get(self, req: Request, resp: Response, batch_id: str) -> None:
        """Download all outputs of a batch that has ended as a zip, with a manifest of every file and its fate."""
        wanted = request_parts.an_id(batch_id)
        rows = await self._process.query(batch_records.rows, wanted)
        left = sum(row["status"] not in ENDED for row in rows)
        if left or not rows:
            raise ResultNotReady(
                f"{left} of the {len(rows)} jobs have not ended.", remedy=f"Wait: GET /v1/batches/{wanted}/events."
            )
        documents = [(row, output) for row in rows for output in job_records.outputs(row)]
        apart = _named_apart([output for _, output in documents], taken=(_MANIFEST,))
        named = [(row, output) for (row, _), output in zip(documents, apart, strict=True)]
        manifest = {
            "batch_id": str(wanted),
            "operation": rows[0]["operation"],
            "files": [_fate(row, [output["name"] for owner, output in named if owner is row]) for row in rows],
        }
        deliver_zip(
            req,
            resp,
            self._process.storage,
            f"{rows[0]['operation']}-{wanted}.zip",
            max(row["completed_at"] for row in rows),
            [output for _, output in named],
            (_MANIFEST, manifest),
        )

    on_head = on_get


class PipelineResult(_Results):
    """What the last step of a pipeline made."""

    @_downloads(UnknownPipeline, *_PROBLEMS)
    async def on_get(self, req: Request, resp: Response, pipeline_id: str) -> None:
        """Download the outputs of the last step; several come as a zip."""
        wanted = request_parts.an_id(pipeline_id)
        rows = await self._process.query(pipeline_records.rows, wanted)
        status = pipeline_records.status_of(rows)
        if status != Status.COMPLETED:
            raise ResultNotReady(f"The pipeline is {status}.", remedy=f"Look at its steps: GET /v1/pipelines/{wanted}.")
        last = pipeline_records.last_step(rows)
        documents = [output for row in last for output in job_records.outputs(row)]
        name, at = f"pipeline-{wanted}.zip", max(row["completed_at"] for row in last)
        nothing = "The last step made no file; what it found stands in 'result' of its jobs."
        await self._deliver_all(req, resp, documents, name, at, nothing=nothing)

    on_head = on_get


def _fate(row: dict[str, Any], outputs: list[str]) -> dict[str, Any]:
    return {
        "inputs": [stored["name"] for stored in row["inputs"]],
        "job_id": str(row["id"]),
        "status": row["status"],
        "outputs": outputs,
        "result": row["result"],
        "error": row["error"],
    }

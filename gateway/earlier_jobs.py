"""What an earlier job made or was given: delivered to who asks for it, or lent to a new job as its inputs."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from gateway import request_parts
from gateway.uploads import not_accepted
from shared import job_records
from shared.callers import Caller
from shared.errors import MalformedId, ResultNotReady, UnknownInput, UnknownJob, UnknownOutput
from shared.jobs import StoredFile
from shared.media_types import ANY
from shared.models import Status
from shared.operation import Operation


def delivered(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The outputs of a job's row. Raises ResultNotReady or UnknownOutput where they cannot be had."""
    if found["status"] == Status.FAILED:
        raise ResultNotReady(f"The job failed: {found['error']['message']}", remedy=found["error"]["remedy"])
    if found["status"] != Status.COMPLETED:
        raise ResultNotReady(f"The job is {found['status']}.")
    if any(output["erased"] for output in found["outputs"]):
        whole = f"/v1/jobs/{found['step_of']}" if found["step_of"] else f"/v1/pipelines/{found['pipeline_id']}"
        kept = "" if found["step_of"] else "; keep_intermediate=true keeps all"
        raise UnknownOutput(
            "This was a step; what only led to the next step was removed when all was complete.",
            remedy=f"GET {whole}/result has the last step's outputs{kept}.",
        )
    return job_records.outputs(found)


def given(found: dict[str, Any], position: str) -> dict[str, Any]:
    """The input of a job's row at a position, from 0. Raises UnknownInput."""
    inputs = found["inputs"]
    if not re.fullmatch(r"\d{1,6}", position) or int(position) >= len(inputs):
        raise UnknownInput(f"The job has {len(inputs)} inputs, counted from 0; {position[:20]!r} is none of them.")
    document: dict[str, Any] = inputs[int(position)]
    if document["erased"]:
        raise UnknownInput("This document was removed when the step that it led to was complete.")
    return document


def output(found: dict[str, Any], name: str) -> dict[str, Any]:
    """The output of a job's row with a name. Raises ResultNotReady or UnknownOutput."""
    for document in delivered(found):
        if document["name"] == name:
            return document
    raise UnknownOutput(f"The job has no output called {name[:200]!r}.")


def lent(caller: Caller, reference: str, operation: Operation) -> list[StoredFile]:
    """Those outputs of a job that an operation takes, not copied; or one document of it.

    `reference` is the job's id, alone or as in the address of one document: `{id}/outputs/{name}`, `{id}/inputs/0`.

    Raises:
        MalformedId, UnknownJob: the caller has no such job.
        ResultNotReady, UnknownOutput, UnknownInput: there is no such document, or not yet.
        UnsupportedMediaType: there is nothing that the operation takes.
    """
    job_id, _, part = reference.partition("/")
    found = job_records.row(request_parts.an_id(job_id))
    if found["owner"] != caller.owner and not caller.is_admin:
        raise UnknownJob
    outputs = _part(found, part) if part else delivered(found)
    if not outputs:
        raise UnknownOutput("This job made no file; what it found stands in 'result' of its record.")
    kinds = {kind.name for kind in operation.accepts}
    taken = [output for output in outputs if output["media_type"] in kinds or ANY in operation.accepts]
    if not taken:
        raise not_accepted(operation, outputs[0]["media_type"])
    parts = ("name", "media_type", "bytes", "sha256", "storage_key")
    return [StoredFile(**{part: output[part] for part in parts}) for output in taken]


def _part(found: dict[str, Any], part: str) -> list[dict[str, Any]]:
    kind, _, name = part.partition("/")
    if kind == "inputs":
        return [given(found, name)]
    if kind == "outputs":
        return [output(found, unquote(name))]
    raise MalformedId(f"{part[:80]!r} names no document of a job: 'inputs/0' or 'outputs/' and its name would.")

"""What an earlier job made: delivered to who asks for it, or lent to a new job as its inputs."""

from __future__ import annotations

from typing import Any

from gateway import request_parts
from gateway.uploads import not_accepted
from shared import job_records
from shared.errors import ResultNotReady, UnknownOutput
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


def lent(job_id: str, operation: Operation) -> list[StoredFile]:
    """Those outputs of a job that an operation takes, not copied.

    Raises:
        MalformedId, UnknownJob: there is no such job.
        ResultNotReady, UnknownOutput: it made nothing, or has not yet.
        UnsupportedMediaType: it made nothing that the operation takes.
    """
    outputs = delivered(job_records.row(request_parts.an_id(job_id)))
    if not outputs:
        raise UnknownOutput("This job made no file; what it found stands in 'result' of its record.")
    kinds = {kind.name for kind in operation.accepts}
    taken = [output for output in outputs if output["media_type"] in kinds or ANY in operation.accepts]
    if not taken:
        raise not_accepted(operation, outputs[0]["media_type"])
    parts = ("name", "media_type", "bytes", "sha256", "storage_key")
    return [StoredFile(**{part: output[part] for part in parts}) for output in taken]

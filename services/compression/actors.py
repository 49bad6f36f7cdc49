"""Bind the operations of this service to their engines."""

from __future__ import annotations

from pathlib import PurePath

from services.compression.compress import compress_pdf
from services.compression.operations import COMPRESS, CompressOptions
from shared.actors import performs
from shared.media_types import PDF
from shared.operation import Result, Task

_ENDING = "-compressed"


@performs(COMPRESS)
def compress(task: Task, options: CompressOptions) -> Result:
    """Compress the one input of the task."""
    stem = PurePath(task.input.name).stem.removesuffix(_ENDING)
    target = task.output(f"{stem}{_ENDING}.pdf", PDF)
    return compress_pdf(task.input.path, target, options, password=task.password, report=task.report)

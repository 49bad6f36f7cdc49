"""Bind these operations to their engines."""

from __future__ import annotations

from pathlib import PurePath

from services.file_ops.comparing.compare import compare_pdfs
from services.file_ops.contracts.comparing import COMPARE, CompareOptions
from shared.actors import performs
from shared.media_types import PDF
from shared.operation import Result, Task


@performs(COMPARE)
def compare(task: Task, options: CompareOptions) -> Result:
    """Compare the two inputs of the task."""
    stem = PurePath(task.inputs[-1].name).stem if task.inputs else "documents"
    target = task.output(f"{stem}-compared.pdf", PDF)
    return compare_pdfs(
        [each.path for each in task.inputs], target, options, password=task.password, report=task.report
    )

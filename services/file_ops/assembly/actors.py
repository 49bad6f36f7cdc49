"""Bind these operations to their engines."""

from __future__ import annotations

from services.file_ops.assembly.merge import merge
from services.file_ops.assembly.split import split
from services.file_ops.contracts.assembly import MERGE, SPLIT, MergeOptions, SplitOptions
from shared.actors import performs
from shared.media_types import PDF
from shared.operation import Result, Task


@performs(MERGE)
def merge_files(task: Task, options: MergeOptions) -> Result:
    """Join the inputs of the task in their order."""
    target = task.output("merged.pdf", PDF)
    return merge(task.inputs, target, options, password=task.password, report=task.report)


@performs(SPLIT)
def split_file(task: Task, options: SplitOptions) -> Result:
    """Split the one input of the task; each part is an output."""
    return split(task, options)

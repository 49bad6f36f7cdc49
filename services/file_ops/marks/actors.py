"""Bind these operations to their engines."""

from __future__ import annotations

from pathlib import PurePath

from services.file_ops.contracts.marks import NUMBER_PAGES, STAMP, WATERMARK, NumberPages, Stamp, Watermark
from services.file_ops.marks.number_pages import number_pages
from services.file_ops.marks.stamp import stamp
from services.file_ops.marks.watermark import watermark
from shared.actors import performs
from shared.media_types import PDF
from shared.operation import Result, Task


@performs(WATERMARK)
def write_watermark(task: Task, options: Watermark) -> Result:
    """Mark the one input of the task."""
    target = task.output(f"{PurePath(task.input.name).stem}-watermarked.pdf", PDF)
    return watermark(task.input.path, target, options, password=task.password, report=task.report)


@performs(STAMP)
def put_stamp(task: Task, options: Stamp) -> Result:
    """Put the second input of the task on the first."""
    target = task.output(f"{PurePath(task.inputs[0].name).stem}-stamped.pdf", PDF)
    return stamp(task.inputs, target, options, password=task.password, report=task.report)


@performs(NUMBER_PAGES)
def write_numbers(task: Task, options: NumberPages) -> Result:
    """Number the pages of the one input of the task."""
    target = task.output(f"{PurePath(task.input.name).stem}-numbered.pdf", PDF)
    return number_pages(task.input.path, target, options, password=task.password, report=task.report)

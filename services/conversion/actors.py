"""Bind the operations of this service to their engines."""

from __future__ import annotations

from services.conversion.contracts.convert import CONVERT, ConvertOptions
from services.conversion.convert import convert_document
from shared.actors import performs
from shared.operation import Result, Task


@performs(CONVERT)
def convert(task: Task, options: ConvertOptions) -> Result:
    """Convert the one input of the task."""
    return convert_document(task, options)

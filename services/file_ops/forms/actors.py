"""Bind these operations to their engines."""

from __future__ import annotations

from pathlib import PurePath

from services.file_ops.contracts.forms import FILL_FORM, FLATTEN, READ_FORM, FillForm, Flatten, ReadForm
from services.file_ops.forms.fill_form import fill_form
from services.file_ops.forms.flatten import flatten
from services.file_ops.forms.read_form import read_form
from shared.actors import performs
from shared.media_types import PDF
from shared.operation import Result, Task


@performs(READ_FORM)
def list_fields(task: Task, options: ReadForm) -> Result:
    """Describe the form of the one input of the task; there is no file to return."""
    return read_form(task.input.path, password=task.password)


@performs(FILL_FORM)
def fill_in(task: Task, options: FillForm) -> Result:
    """Fill in the one input of the task."""
    target = task.output(f"{PurePath(task.input.name).stem}-filled.pdf", PDF)
    return fill_form(task.input.path, target, options, password=task.password, report=task.report)


@performs(FLATTEN)
def make_flat(task: Task, options: Flatten) -> Result:
    """Flatten the one input of the task."""
    target = task.output(f"{PurePath(task.input.name).stem}-flat.pdf", PDF)
    return flatten(task.input.path, target, options, password=task.password, report=task.report)

"""Bind these operations to their engines."""

from __future__ import annotations

from pathlib import Path, PurePath

from services.file_ops.contracts.metadata import (
    ATTACH,
    EDIT_METADATA,
    EDIT_OUTLINE,
    EXTRACT_ATTACHMENTS,
    READ_OUTLINE,
    AttachOptions,
    EditMetadataOptions,
    EditOutlineOptions,
    ExtractAttachmentsOptions,
    ReadOutlineOptions,
)
from services.file_ops.metadata import attachments
from services.file_ops.metadata import edit_metadata as metadata
from services.file_ops.metadata import edit_outline as outline
from shared.actors import performs
from shared.media_types import PDF
from shared.operation import Result, Task


@performs(EDIT_METADATA)
def edit_metadata(task: Task, options: EditMetadataOptions) -> Result:
    """Change the metadata of the one input."""
    return metadata.edit_metadata(task.input.path, _output(task), options, password=task.password)


@performs(EDIT_OUTLINE)
def edit_outline(task: Task, options: EditOutlineOptions) -> Result:
    """Give the one input another outline."""
    return outline.edit_outline(task.input.path, _output(task), options, password=task.password)


@performs(READ_OUTLINE)
def read_outline(task: Task, options: ReadOutlineOptions) -> Result:
    """Read the outline of the one input."""
    return outline.read_outline_as_data(task.input.path, password=task.password)


@performs(ATTACH)
def attach(task: Task, options: AttachOptions) -> Result:
    """Attach all inputs but the first to the first."""
    document, *files = task.inputs
    return attachments.attach(document, files, _output(task), options, password=task.password)


@performs(EXTRACT_ATTACHMENTS)
def extract_attachments(task: Task, options: ExtractAttachmentsOptions) -> Result:
    """Take out the files that the one input carries."""
    return attachments.extract_attachments(task)


def _output(task: Task) -> Path:
    return task.output(f"{PurePath(task.inputs[0].name).stem}.pdf", PDF)

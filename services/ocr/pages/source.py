"""Opens what the caller sent as a PDF: one that is, or one made of a picture."""

from __future__ import annotations

from pathlib import Path

from services.ocr.pages.from_pictures import picture_to_pdf
from shared.media_types import PDF
from shared.operation import Task


def as_pdf(task: Task) -> Path:
    """The path of a PDF of the task's input. Raises what `picture_to_pdf` raises."""
    if task.input.media_type == PDF.name:
        return task.input.path
    # Beside the outputs, not among them.
    made = task.folder.parent / "picture.pdf"
    picture_to_pdf(task.input.path, made)
    return made

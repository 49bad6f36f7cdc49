"""Chooses who converts: what is no PDF becomes one first, but for pictures that become other pictures; then the
target's writer takes the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from services.conversion.contracts.convert import ConvertOptions, Target
from services.conversion.page_images.convert import write_page_images
from services.conversion.text.convert import write_text
from services.conversion.to_pdf.convert import as_pdf, write_archive, write_pdf
from shared.media_types import IMAGES, PDF
from shared.operation import Result, Task

#: Writes the outputs of a task from a PDF.
_Writer = Callable[[Path, Task, ConvertOptions], Result]

#: Pictures become other kinds of picture without a way through PDF: their pixels stay what they are.
_PICTURES = frozenset(kind.name for kind in IMAGES)
_IMAGES = dict.fromkeys((Target.PNG, Target.JPEG, Target.WEBP, Target.TIFF), write_page_images)
_TEXTS = dict.fromkeys(
    (Target.TXT, Target.HTML, Target.MARKDOWN, Target.JSON, Target.DOCX, Target.XLSX, Target.CSV), write_text
)
_ARCHIVES = dict.fromkeys((Target.PDFA_1B, Target.PDFA_2B, Target.PDFA_3B), write_archive)
_WRITERS: dict[Target, _Writer] = {**_IMAGES, **_TEXTS, **_ARCHIVES, Target.PDF: write_pdf}


def convert_document(task: Task, options: ConvertOptions) -> Result:
    """Convert the one input of a task to `options.to`.

    Raises:
        FileProcessingError: the input cannot be read, or not be converted to this; each kind says why.
    """
    source = task.input
    is_read_as_it_is = source.media_type == PDF.name or (source.media_type in _PICTURES and options.to in _IMAGES)
    pdf = source.path if is_read_as_it_is else as_pdf(task, options)
    return _WRITERS[options.to](pdf, task, options)

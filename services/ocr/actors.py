"""Bind the operations of this service to their engines."""

from __future__ import annotations

from services.ocr.contracts.ocr import OCR, OcrOptions
from services.ocr.contracts.preview import OCR_PREVIEW, OcrPreviewOptions
from services.ocr.engines.warm_up import warm_up
from services.ocr.preview import preview_page
from services.ocr.recognise import recognise_document
from shared.actors import performs
from shared.operation import Result, Task

# This is imported once, in the process that every job's process is a copy of: models are loaded here and never again.
warm_up()


@performs(OCR)
def ocr(task: Task, options: OcrOptions) -> Result:
    """Make the one input of the task searchable."""
    return recognise_document(task, options)


@performs(OCR_PREVIEW)
def ocr_preview(task: Task, options: OcrPreviewOptions) -> Result:
    """Read one page of the one input of the task."""
    return preview_page(task, options)

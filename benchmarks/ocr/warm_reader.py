"""Our operation with its models loaded when this is imported, as a worker's host does before it forks."""

from __future__ import annotations

import tempfile
from pathlib import Path

from services.ocr.contracts.ocr import OcrOptions
from services.ocr.engines.ppocr import warm_up
from services.ocr.recognise import recognise_document
from shared.media_types import PDF
from shared.operation import InputFile, Task

warm_up()


def read_document(source: str) -> int:
    """Make a PDF searchable with the defaults; returns the words that were found."""
    with tempfile.TemporaryDirectory() as name:
        task = Task((InputFile(Path(source), "in.pdf", PDF.name),), Path(name))
        return int(recognise_document(task, OcrOptions())["words"])

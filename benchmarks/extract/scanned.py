"""Reads a scan as production does: the service `ocr` makes it searchable, then the rules read it."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from services.ocr.contracts.ocr import OcrOptions
from services.ocr.recognise import recognise_document
from shared.media_types import PDF
from shared.operation import InputFile, Task
from tests.services.ai.made.extraction import Found, by_rules


def through_ocr(source: Path, kind: str) -> Found:
    """Recognise the pages, then read the kind of document; CPU seconds are those of both steps."""
    started = _cpu_s()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "out").mkdir()
        copy = folder / "input-0"
        shutil.copyfile(source, copy)
        task = Task((InputFile(copy, source.name, PDF.name),), folder / "out", None)
        recognise_document(task, OcrOptions.model_validate({"mode": "skip-text"}))
        return replace(by_rules(folder / "out" / "0000", kind), cpu_s=_cpu_s() - started)


def _cpu_s() -> float:
    """CPU seconds of this process and of those that it waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system

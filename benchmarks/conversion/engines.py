"""Our engines as the fork servers of `benchmarks.measure` call them: JSON values in and out, no queue, no sandbox."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from services.conversion.contracts.convert import ConvertOptions
from services.conversion.page_images.convert import write_page_images
from services.conversion.page_images.warm_up import warm_up
from shared.media_types import PDF
from shared.operation import InputFile, Task

# As the worker does it before it forks.
warm_up()


def page_images(source: str, options: dict[str, Any]) -> dict[str, int]:
    """Convert a document to images; return how many pages and bytes there are."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        task = Task((InputFile(Path(source), "document.pdf", PDF.name),), Path(folder))
        result = write_page_images(Path(source), task, ConvertOptions(**options))
        return {"pages": result["pages"], "bytes": result["image_bytes"]}

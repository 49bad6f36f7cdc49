"""Our compression as the benchmark calls it: in a warm process, one preset at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.compression.compress import compress_pdf
from services.compression.operations import CompressOptions


def compress(source: str, target: str, preset: str) -> dict[str, Any]:
    """Compress with a preset and return what the engine says of it.

    Signed files are compressed too, as the rivals do: the question here is what comes out, not whether it may.
    """
    options = CompressOptions.model_validate({"preset": preset, "break_signature": True})
    result: dict[str, Any] = compress_pdf(Path(source), Path(target), options)
    return result

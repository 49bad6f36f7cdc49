"""Pages as pictures for models that see."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from shared.pdf.drawing import draw, open_for_drawing, opened, raster_of
from shared.pdf.reading import UnreadablePage

#: A line of 7 points is 16 pixels high then, which models read. OpenAI's make larger pictures smaller by themselves.
_DPI = 150
_LONGEST_SIDE_PIXELS = 2048
_JPEG_QUALITY_PERCENT = 80


def pictures(source: Path, password: str | None, pages: Sequence[int]) -> list[dict[str, Any]]:
    """The parts of a message that show these pages, by number; those that cannot be drawn are left out."""
    parts: list[dict[str, Any]] = []
    with open_for_drawing(source, password) as pdf:
        for number in pages:
            try:
                with opened(pdf, number - 1) as page:
                    pixels = draw(page, raster_of(page, dpi=_DPI, most_side_pixels=_LONGEST_SIDE_PIXELS))
            except UnreadablePage:
                continue
            held = io.BytesIO()
            Image.fromarray(pixels).save(held, "JPEG", quality=_JPEG_QUALITY_PERCENT)
            encoded = base64.b64encode(held.getvalue()).decode()
            address = {"url": f"data:image/jpeg;base64,{encoded}", "detail": "high"}
            parts += [
                {"type": "text", "text": f"Picture of page {number}:"},
                {"type": "image_url", "image_url": address},
            ]
    return parts

"""Where a page has ink, judged by its looks: how much of it, and within which box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from shared.pdf.drawing import draw, open_for_drawing, opened, raster_of
from shared.pdf.reading import UnreadablePage

#: Enough to see a line of text, little enough to take some 5 ms a page.
BLANK_DPI = 36
#: Enough to tell within half a point where the content ends.
BOX_DPI = 100
_LONGEST_PIXELS = 3000
#: So much darker or lighter than the paper is ink, of 255: more than paper grain and what shows through.
_INK_CONTRAST = 40
#: Edges of letters and thin lines are fainter than ink, and still content.
_EDGE_CONTRAST = 12

#: Left, bottom, right, top as shares of the page as it is seen.
Shares = tuple[float, float, float, float]
_Shades = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Looks:
    """How a page looks."""

    #: Luma less that of the paper, without a sign: rows and columns.
    contrast: _Shades

    def ink_percent(self, margin_percent: float) -> float:
        """Which part of the page inside the margins is ink."""
        down, across = (round(side * margin_percent / 100) for side in self.contrast.shape)
        rows, columns = self.contrast.shape
        middle = self.contrast[down : rows - down, across : columns - across]
        return 100 * float((middle > _INK_CONTRAST).mean()) if middle.size else 0.0

    def content_box(self) -> Shares | None:
        """The smallest box around everything that can be seen; None for a blank page."""
        seen = self.contrast > _EDGE_CONTRAST
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        if not len(rows):
            return None
        height, width = seen.shape
        return (
            float(columns[0]) / width,
            1 - float(rows[-1] + 1) / height,
            float(columns[-1] + 1) / width,
            1 - float(rows[0]) / height,
        )


def looks_of(source: Path, password: str | None, pages: list[int], dpi: int) -> Iterator[tuple[int, Looks | None]]:
    """The looks of pages, counted from 0, forms drawn; None for one that cannot be drawn, which may hold anything.

    Raises what `shared.pdf.reading.open_for_reading` raises.
    """
    with open_for_drawing(source, password) as document:
        for number in pages:
            try:
                with opened(document, number) as page:
                    pixels = draw(page, raster_of(page, dpi=dpi, most_side_pixels=_LONGEST_PIXELS))
            except UnreadablePage:
                yield number, None
                continue
            shades = np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("L")).astype(np.int16)
            yield number, Looks(np.abs(shades - np.int16(np.median(shades))))

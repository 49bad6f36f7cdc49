"""Draw pages of a PDF as a viewer shows them, with forms and annotations, within limits of size."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2

from shared.pdf.reading import UnreadablePage, open_for_reading, pdfium

#: Rows, columns and samples: red, green, blue, and alpha where transparency was asked for.
Pixels = npt.NDArray[np.uint8]

POINTS_PER_INCH = 72
#: Most pixels of one page image: 400 MB while it is drawn with transparency.
MAX_PIXELS = 100_000_000
#: Longest side of a bitmap that pdfium handles without overflow.
LONGEST_SIDE_PIXELS = 65_500
_WHITE, _NOTHING = (255, 255, 255, 255), (255, 255, 255, 0)


@dataclass(frozen=True)
class Raster:
    """The size of a page image in pixels, its resolution, and whether that is less than was asked for."""

    width: int
    height: int
    dpi: float
    lowered: bool = False


@contextmanager
def open_for_drawing(source: Path, password: str | None) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF whose form fields will be drawn. Raises what `open_for_reading` raises."""
    with open_for_reading(source, password) as document:
        document.init_forms()
        yield document


@contextmanager
def opened(document: pypdfium2.PdfDocument, index: int) -> Iterator[pypdfium2.PdfPage]:
    """A page, counted from 0; what pdfium keeps of it goes with it. Raises UnreadablePage."""
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        raise UnreadablePage(f"page {index + 1}") from None
    try:
        yield page
    finally:
        page.close()


def raster_of(
    page: pypdfium2.PdfPage,
    *,
    dpi: float = POINTS_PER_INCH,
    long_edge_pixels: int | None = None,
    most_side_pixels: int = LONGEST_SIDE_PIXELS,
) -> Raster:
    """The size of a page at `dpi`, or with so many pixels on its longer side.

    It is lower, and says so, where it would pass `MAX_PIXELS` or `most_side_pixels`. Raises UnreadablePage for a page
    without a size.
    """
    width, height = page.get_size()
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise UnreadablePage("a page without a size")
    wanted = dpi / POINTS_PER_INCH if long_edge_pixels is None else long_edge_pixels / max(width, height)
    most = min((MAX_PIXELS / (width * height)) ** 0.5, most_side_pixels / max(width, height))
    scale = min(wanted, most)
    # A whisker of a pixel is rounding, not paper.
    columns, rows = (max(1, math.ceil(side * scale - 1e-3)) for side in (width, height))
    return Raster(columns, rows, dpi=scale * POINTS_PER_INCH, lowered=wanted > most)


def draw(page: pypdfium2.PdfPage, raster: Raster, *, transparent: bool = False) -> Pixels:
    """The page on white paper, or on none, its forms and annotations drawn."""
    form, samples = (pdfium.FPDFBitmap_BGRA, 4) if transparent else (pdfium.FPDFBitmap_BGR, 3)
    bitmap: Any = pypdfium2.PdfBitmap.new_native(
        # Rows without padding between them: encoders take them as they are.
        raster.width,
        raster.height,
        form,
        rev_byteorder=True,
        stride=raster.width * samples,
    )
    bitmap.fill_rect(_NOTHING if transparent else _WHITE, 0, 0, raster.width, raster.height)
    flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
    place = (0, 0, raster.width, raster.height, 0, flags)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, *place)
    if page.formenv:
        pdfium.FPDF_FFLDraw(page.formenv, bitmap, page, *place)
    pixels: Pixels = bitmap.to_numpy()
    return pixels

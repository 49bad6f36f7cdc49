"""Where something is drawn on a page: text that leaves no trace there is seen by nobody."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from shared.pdf.reading import pdfium
from shared.pdf.words import Word

#: A pixel for each point: enough to see whether anything is there, and 10 ms of CPU a page.
_MOST_PIXELS = 20_000_000
#: Differences of brightness, of 255, below which nobody reads a word: white on white, #f2f2f2 on white.
_LEAST_CONTRAST = 16
#: A minus or a full stop is a hair of a pixel; to lose one would change a figure.
_LEAST_CONTRAST_OF_ONE = 6
#: Lines lower than this are no text to anybody, in points.
_LEAST_HEIGHT = 2.5


class Ink:
    """The page as grey pixels, one for each point."""

    def __init__(self, page: Any, size: tuple[float, float]) -> None:
        self._pixels = _drawn(page, size)

    def shows(self, word: Word) -> bool:
        """Whether a reader of the page sees something where the word stands; True where that is not known."""
        tall = word.right - word.left if word.direction in (90, 270) else word.bottom - word.top
        if len(word.text) > 1 and tall < _LEAST_HEIGHT:
            return False
        if self._pixels is None:
            return True
        left, top = max(0, math.floor(word.left)), max(0, math.floor(word.top))
        there = self._pixels[top : math.ceil(word.bottom) + 1, left : math.ceil(word.right) + 1]
        if not there.size:
            return True
        least = _LEAST_CONTRAST if len(word.text) > 1 else _LEAST_CONTRAST_OF_ONE
        return int(there.max()) - int(there.min()) >= least


def _drawn(page: Any, size: tuple[float, float]) -> npt.NDArray[np.uint8] | None:
    width, height = size
    if not (0 < width < math.inf and 0 < height < math.inf and width * height <= _MOST_PIXELS):
        return None
    columns, rows = max(1, round(width)), max(1, round(height))
    bitmap = pdfium.FPDFBitmap_CreateEx(columns, rows, pdfium.FPDFBitmap_Gray, None, 0)
    if not bitmap:
        return None
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, columns, rows, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, columns, rows, 0, pdfium.FPDF_ANNOT)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        start = ctypes.cast(pdfium.FPDFBitmap_GetBuffer(bitmap), ctypes.c_void_p).value
        held = (ctypes.c_ubyte * (stride * rows)).from_address(start or 0)
        return np.frombuffer(held, np.uint8).reshape(rows, stride)[:, :columns].copy()
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)

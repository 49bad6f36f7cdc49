"""The text of an open PDF page: one string, and a box for each character."""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from shared.pdf.layers import is_on_layer
from shared.pdf.reading import address_of, pdfium, quick_call

_loose_box = quick_call(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_char_index = quick_call(pdfium.FPDFText_GetCharIndexFromTextIndex, ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_is_generated = quick_call(pdfium.FPDFText_IsGenerated, ctypes.c_int, ctypes.c_void_p, ctypes.c_int)

Boxes = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """How the page's own coordinates (points, y upwards) become those of the shown page (y downwards)."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points as shown."""
        across, along = self.right - self.left, self.top - self.bottom
        return (along, across) if self.rotation in (90, 270) else (across, along)

    def shown(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of a box on the shown page."""
        if self.rotation == 0:
            return left - self.left, self.top - top, right - self.left, self.top - bottom
        if self.rotation == 90:
            return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
        if self.rotation == 180:
            return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
        return self.top - top, self.right - right, self.top - bottom, self.right - left


def frame_of(page: Any) -> Frame:
    """The visible box and the rotation of a page."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, box):
        box = pdfium.FS_RECTF(0, 792, 612, 0)
    left, right = sorted((box.left, box.right))
    bottom, top = sorted((box.bottom, box.top))
    return Frame(left, bottom, right, top, pdfium.FPDFPage_GetRotation(page) % 4 * 90)


@dataclass(frozen=True)
class TextPage:
    """A page whose text can be read while it is open."""

    page: Any
    handle: Any
    address: int
    frame: Frame
    text: str
    #: Whether pdfium's text has all of its characters, so that both count alike.
    aligned: bool
    #: Where each character of `text` begins in UTF-16, which pdfium counts in; None where both are the same.
    units: Sequence[int] | None = None
    #: Layers whose text is not shown and not read as words.
    hidden_layers: frozenset[str] = frozenset()

    def char_index(self, text_index: int) -> int:
        """pdfium's index of the character at an index of `text`."""
        return self._char_indexes([text_index])[0]

    def _char_indexes(self, indexes: Sequence[int]) -> Sequence[int]:
        if self.units is not None:
            indexes = [self.units[index] for index in indexes]
        return indexes if self.aligned else list(map(_char_index, repeat(self.address), indexes))

    def boxes(self, indexes: Sequence[int]) -> Boxes:
        """Left, top, right, bottom of characters, in the page's own coordinates and of whole line height: n x 4."""
        indexes = self._char_indexes(indexes)
        found = np.zeros((len(indexes), 4), np.float32)
        start = found.ctypes.data
        # Nothing but C runs in this loop.
        deque(map(_loose_box, repeat(self.address), indexes, range(start, start + found.nbytes, 16)), maxlen=0)
        return found.astype(np.float64)

    def is_hidden(self, text_index: int) -> bool:
        """Whether a character stands on a hidden layer."""
        drawn_by = pdfium.FPDFText_GetTextObject(self.handle, self.char_index(text_index))
        return bool(drawn_by) and is_on_layer(drawn_by, self.hidden_layers)

    def is_no_space(self, text_index: int, reach: float) -> bool:
        """Whether a space is pdfium's own, or drawn back over the letter before it, which reaches to `reach`."""
        if self.text[text_index] not in " \n":
            return False
        # A line's end is pdfium's own too, where raised letters follow.
        if _is_generated(self.address, self.char_index(text_index)) == 1:
            return True
        left, _, right, _ = self.boxes([text_index])[0]
        return bool(reach - left > 0.5 * (right - left))


@contextmanager
def open_text(page: Any, hidden_layers: frozenset[str] = frozenset()) -> Iterator[TextPage]:
    """Read the text of an open page. A page without any has the text ""."""
    handle = pdfium.FPDFText_LoadPage(page)
    if not handle:
        yield TextPage(page, None, 0, frame_of(page), "", aligned=True)
        return
    try:
        count = max(pdfium.FPDFText_CountChars(handle), 0)
        units = (ctypes.c_ushort * (count * 2 + 1))()
        written = pdfium.FPDFText_GetText(handle, 0, count, units) if count else 0
        length = max(written - 1, 0)
        text = bytes(units)[: 2 * length].decode("utf-16-le", "replace")
        begins = _unit_indexes(text) if len(text) != length else None
        yield TextPage(page, handle, address_of(handle), frame_of(page), text, length == count, begins, hidden_layers)
    finally:
        pdfium.FPDFText_ClosePage(handle)


def _unit_indexes(text: str) -> list[int]:
    widths = (2 if character > "\uffff" else 1 for character in text)
    return list(accumulate(widths, initial=0))[:-1]

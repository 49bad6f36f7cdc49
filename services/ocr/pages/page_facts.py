"""What a PDF page holds before it is read: words that are seen, words that are not, pictures and their resolution."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2

from shared.pdf.drawing import POINTS_PER_INCH
from shared.pdf.reading import pdfium
from shared.pdf.text_page import Frame, open_text
from shared.pdf.words import Word, words_of

#: Text rendering modes that paint nothing: invisible, and clipping only.
_UNSEEN = (3, 7)
#: A picture of this share of the page makes it a scan.
_WHOLE_PAGE_SHARE = 0.6
#: Pictures of a smaller share do not tell at which resolution the text is.
_TELLING_SHARE = 0.05
_MOST_OBJECTS = 20_000
_DEEP = 4


@dataclass(frozen=True)
class PageFacts:
    """One page of a document."""

    frame: Frame
    seen_words: tuple[Word, ...]
    unseen_words: int
    text: str
    #: Share of the page that its largest picture covers.
    picture_share: float
    #: Of the largest picture; None without one.
    picture_dpi: float | None

    @property
    def is_scan(self) -> bool:
        """Whether a picture covers the page."""
        return self.picture_share >= _WHOLE_PAGE_SHARE


def facts_of(page: pypdfium2.PdfPage) -> PageFacts:
    """Look at an open page."""
    with open_text(page.raw) as text:
        words = words_of(text)
        seen = [word for word in words if not _is_unseen(text.handle, text.char_index(word.first))]
        share, dpi = _largest_picture(page, text.frame)
        return PageFacts(text.frame, tuple(seen), len(words) - len(seen), text.text, share, dpi)


def _is_unseen(handle: Any, index: int) -> bool:
    drawn_by = pdfium.FPDFText_GetTextObject(handle, index)
    return bool(drawn_by) and pdfium.FPDFTextObj_GetTextRenderMode(drawn_by) in _UNSEEN


def _largest_picture(page: pypdfium2.PdfPage, frame: Frame) -> tuple[float, float | None]:
    area = abs((frame.right - frame.left) * (frame.top - frame.bottom)) or 1.0
    best, dpi = 0.0, None
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    width, height = ctypes.c_uint(), ctypes.c_uint()
    for number, thing in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEP)):
        if number >= _MOST_OBJECTS:
            break
        handle = thing.raw
        if not pdfium.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
            continue
        # Within a form the bounds are the form's; scans are drawn on the page or by a form of its size.
        covered = abs((right.value - left.value) * (top.value - bottom.value))
        share = min(covered / area, 1.0)
        if share > best:
            best = share
            if pdfium.FPDFImageObj_GetImagePixelSize(handle, width, height) and share >= _TELLING_SHARE:
                dpi = POINTS_PER_INCH * (width.value * height.value / covered) ** 0.5
    return best, dpi

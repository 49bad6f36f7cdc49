"""Words that nobody sees: white on white, tiny, covered, or invisible and not the text of a picture, as of a scan."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

from services.ai.reading.ink import Ink
from shared.pdf.reading import pdfium
from shared.pdf.text_page import TextPage
from shared.pdf.words import Word

#: Text rendering modes that paint nothing: invisible, and clipping only.
_UNSEEN = (3, 7)
#: What scans are drawn as: pictures, and forms that hold them.
_PICTURES = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
_MOST_OBJECTS = 20_000
_SAMPLED_WORDS = 40


def without_unseen(text: TextPage, words: list[Word]) -> list[Word]:
    """The words that a person who checks the page could find.

    Invisible ones count only on a picture that shows something there; all others where the page shows something.
    """
    if not words:
        return words
    unseen = [word for word in words if _is_unseen(text, word)]
    pictures = list(_pictures(text)) if unseen else []
    dropped = {id(word) for word in unseen if not any(_holds(picture, word) for picture in pictures)}
    ink = Ink(text.page, text.frame.size)
    return [word for word in words if id(word) not in dropped and ink.shows(word)]


def is_text_layer(text: TextPage, words: list[Word]) -> bool:
    """Whether most words are invisible, as those are that lie on the picture of a scan. Some of them tell."""
    some = words[:: max(1, len(words) // _SAMPLED_WORDS)]
    return sum(_is_unseen(text, word) for word in some) > len(some) / 2


def _is_unseen(text: TextPage, word: Word) -> bool:
    drawn_by = pdfium.FPDFText_GetTextObject(text.handle, text.char_index(word.first))
    return bool(drawn_by) and pdfium.FPDFTextObj_GetTextRenderMode(drawn_by) in _UNSEEN


def _pictures(text: TextPage) -> Iterator[tuple[float, float, float, float]]:
    """Boxes on the shown page."""
    page: Any = text.page
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for index in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        thing = pdfium.FPDFPage_GetObject(page, index)
        if pdfium.FPDFPageObj_GetType(thing) in _PICTURES and pdfium.FPDFPageObj_GetBounds(
            thing, left, bottom, right, top
        ):
            yield text.frame.shown(left.value, bottom.value, right.value, top.value)


def _holds(box: tuple[float, float, float, float], word: Word) -> bool:
    across, along = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return box[0] <= across <= box[2] and box[1] <= along <= box[3]

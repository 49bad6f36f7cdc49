"""What a page says, word by word with places, and roughly how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from services.file_ops.protection.content.geometry import Rect
from services.file_ops.protection.redaction.page_frame import PageFrame
from services.file_ops.protection.redaction.page_text import Char, in_pdfium
from shared.errors import DamagedFile

#: Side of the small picture that stands for a page without text, in pixels.
_THUMBNAIL_PIXELS = 24
#: Grey levels of the small picture that are told apart.
_THUMBNAIL_LEVELS = 8


@dataclass(frozen=True)
class Word:
    """A word and its place on the shown page: points from the upper left corner."""

    text: str
    place: Rect


@dataclass(frozen=True)
class PageFacts:
    """One page of one document."""

    words: tuple[Word, ...]
    #: A small grey picture, for pages that have no words.
    thumbnail: bytes
    size: tuple[float, float]


def open_in_pdfium(path: Path, password: str | None) -> pypdfium2.PdfDocument:
    """The document for rendering, its forms drawn. Raises DamagedFile where pdfium does not open it."""
    try:
        document = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError as error:
        raise DamagedFile() from error
    document.init_forms()
    return document


def read_page(page: Any, shown: Any) -> PageFacts:
    """Read a page; `page` is its dictionary, `shown` the page in pdfium. One that pdfium cannot open says nothing."""
    frame = PageFrame.of(page)
    words = tuple(_words(in_pdfium(shown).chars, frame))
    return PageFacts(words, b"" if words else _thumbnail(shown), frame.shown_size)


def _words(chars: list[Char], frame: PageFrame) -> list[Word]:
    words: list[Word] = []
    letters: list[Char] = []
    for char in [*chars, Char(" ")]:
        if not char.text.isspace():
            letters.append(char)
            continue
        places = [letter.rect for letter in letters if letter.rect is not None]
        if places:
            around = Rect.around(corner for place in places for corner in place.corners)
            words.append(Word("".join(letter.text for letter in letters), around.through(frame.to_shown)))
        letters = []
    return words


def _thumbnail(shown: Any) -> bytes:
    width, height = shown.get_size()
    try:
        bitmap = shown.render(scale=min(1.0, 4 * _THUMBNAIL_PIXELS / max(width, height, 1.0)), grayscale=True)
    except (pypdfium2.PdfiumError, MemoryError):
        return b""
    small = bitmap.to_pil().convert("L").resize((_THUMBNAIL_PIXELS, _THUMBNAIL_PIXELS))
    return bytes(level * _THUMBNAIL_LEVELS // 256 for level in small.tobytes())


def read_pages(pdf: pikepdf.Pdf, document: pypdfium2.PdfDocument) -> list[PageFacts]:
    """All pages of a document that is open in both libraries."""
    return [read_page(page.obj, document[index]) for index, page in enumerate(pdf.pages)]

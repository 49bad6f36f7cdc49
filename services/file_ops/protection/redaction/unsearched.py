"""Pages on which words may stand that no search can find, so that a result can say so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_raw

from services.file_ops.protection.content.fonts import UNKNOWN
from services.file_ops.protection.redaction.page_text import PageText, in_pdfium
from shared.pdf.open_document import open_document

#: A page with a larger share of characters without text cannot be searched reliably.
_UNREADABLE_SHARE = 0.1
#: A picture that covers more of a page than this may be a scan with words of its own.
_PICTURE_SHARE = 0.25
_PAINTS = re.compile(rb"(?<![A-Za-z])(f\*?|F|S|s|B\*?|b\*?|Do|sh|EI)(?![A-Za-z])")


def unsearched_pages(source: Path, password: str | None) -> dict[str, list[int]]:
    """Numbers of pages, from 1, by the reason why words on them may be missed.

    `drawings_without_text`: pictures or outlines only. `pictures_beside_text`: a picture covers a quarter of the page
    or more. `letters_without_meaning`: the fonts do not say which letters they show.
    """
    found: dict[str, list[int]] = {
        "drawings_without_text": [],
        "pictures_beside_text": [],
        "letters_without_meaning": [],
    }
    with open_document(source, password) as pdf:
        document = pypdfium2.PdfDocument(source, password=password)
        try:
            for index, page in enumerate(pdf.pages):
                reason = _reason(page, document[index])
                if reason:
                    found[reason].append(index + 1)
        finally:
            document.close()
    return found


def _reason(page: pikepdf.Page, shown: Any) -> str | None:
    text = in_pdfium(shown)
    if not text.placed:
        return "drawings_without_text" if _draws(page) else None
    if _unreadable_share(text) > _UNREADABLE_SHARE:
        return "letters_without_meaning"
    return "pictures_beside_text" if _picture_share(shown) > _PICTURE_SHARE else None


def _draws(page: pikepdf.Page) -> bool:
    contents: Any = page.obj.get("/Contents")
    try:
        streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        return any(_PAINTS.search(each.read_bytes()) for each in streams if isinstance(each, pikepdf.Stream))
    except pikepdf.PdfError:
        return True


def _unreadable_share(text: PageText) -> float:
    strange = sum(
        char.rect is not None and (char.text == UNKNOWN or ord(char.text[0]) < 32 or "\ue000" <= char.text <= "\uf8ff")
        for char in text.chars
    )
    return strange / text.placed


def _picture_share(shown: Any) -> float:
    """The share of the page that its largest picture covers, 0 to 1."""
    width, height = shown.get_size()
    largest = 0.0
    for picture in shown.get_objects(filter=[pdfium_raw.FPDF_PAGEOBJ_IMAGE]):
        try:
            left, bottom, right, top = picture.get_bounds()
        except pypdfium2.PdfiumError:
            continue
        largest = max(largest, (right - left) * (top - bottom))
    return float(largest / max(width * height, 1.0))

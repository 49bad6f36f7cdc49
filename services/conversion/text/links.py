"""Where links lie on a page, and which of their targets may be kept."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shared.pdf.reading import pdfium
from shared.pdf.text_page import Frame
from shared.pdf.words import Word

#: Anything else (javascript:, file:, data:) could do harm to who opens the output.
KEPT_SCHEMES = ("http", "https", "mailto")
_MOST_LINKS = 5000
_LONGEST_TARGET = 2000


@dataclass(frozen=True, slots=True)
class Link:
    """A box on the shown page that leads to an address."""

    left: float
    top: float
    right: float
    bottom: float
    target: str

    def holds(self, word: Word) -> bool:
        """Whether the middle of a word lies in the box."""
        return (
            self.left <= (word.left + word.right) / 2 <= self.right
            and self.top <= (word.top + word.bottom) / 2 <= self.bottom
        )


def links_of(document: Any, page: Any, frame: Frame) -> tuple[list[Link], int]:
    """The links of a page that lead to the web or to a mailbox, and how many other addresses were left out."""
    position, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    found: list[Link] = []
    refused = 0
    for _ in range(_MOST_LINKS):
        if not pdfium.FPDFLink_Enumerate(page, position, link):
            break
        target = _target(document, link)
        box = pdfium.FS_RECTF()
        if not target or not pdfium.FPDFLink_GetAnnotRect(link, box):
            continue
        if is_harmless(target):
            left, right = sorted((box.left, box.right))
            bottom, top = sorted((box.bottom, box.top))
            found.append(Link(*frame.shown(left, bottom, right, top), target))
        else:
            refused += 1
    return found, refused


def is_harmless(target: str) -> bool:
    """Whether an address may stand in an output as a link."""
    try:
        return urlsplit(target).scheme.lower() in KEPT_SCHEMES and target.isprintable() and " " not in target
    except ValueError:
        return False


def _target(document: Any, link: Any) -> str:
    action = pdfium.FPDFLink_GetAction(link)
    if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
        return ""
    length = min(int(pdfium.FPDFAction_GetURIPath(document, action, None, 0)), _LONGEST_TARGET)
    buffer = ctypes.create_string_buffer(max(length, 1))
    pdfium.FPDFAction_GetURIPath(document, action, buffer, length)
    return buffer.value.decode("utf-8", "replace").strip()

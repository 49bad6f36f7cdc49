"""Documents written as on a typewriter: the place of each word follows from its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from services.ai.reading.document import Document, Page
from shared.pdf.words import Word

#: Points from one character and from one line to the next. Two spaces are a gap between columns, one is none.
CHARACTER, LINE = 6.0, 12.0
_HEIGHT = 10.0


def typewritten(*pages: str) -> Document:
    """A document of pages, each a block of text."""
    return Document([Page(number, 842.0, 1191.0, list(_words(text))) for number, text in enumerate(pages, start=1)])


def _words(text: str) -> Iterable[Word]:
    for line, content in enumerate(text.strip("\n").splitlines()):
        for found in re.finditer(r"\S+", content):
            left, top = 20 + found.start() * CHARACTER, 20 + line * LINE
            yield Word(found[0], left, top, left + len(found[0]) * CHARACTER, top + _HEIGHT)

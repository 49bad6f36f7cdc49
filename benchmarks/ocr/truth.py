"""The true text of a born-digital page: its words with their boxes, in lines as they are written."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2

from shared.pdf.reading import pdfium
from shared.pdf.text_page import TextPage, open_text
from shared.pdf.words import Word, words_of

#: Left, top, right, bottom in points from the top left corner of the page.
Box = tuple[float, float, float, float]
#: Words of one line are no farther apart than so many heights; cells and columns are.
_GAP_HEIGHTS = 2.0
#: So much of the lower of two words must be beside the other.
_BESIDE_SHARE = 0.5

_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u2032`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u2022\u25cf\u25e6\u25aa\u25a0\u25cb\u25c6\u2794\u2192\u00b7\u21b3\u02d3\u00ad\ufffe\u200b", "")
)
#: Dots and rules that lead the eye, and cells that hold nothing else.
_LEADERS = re.compile(r"(?:[.\u2026_\-=*~] ?){4,}|(?<!\S)[.\u2026_\-=*~]{2,}(?!\S)")


def plain(text: str) -> str:
    """Text as it is compared: one form of each letter, quote and dash; no bullets, leaders and rules.

    They say nothing, and each program has its own way with them.
    """
    alike = unicodedata.normalize("NFKC", text.translate(_ALIKE)).translate(_ALIKE)
    return " ".join(_LEADERS.sub(" ", alike).split())


@dataclass(frozen=True)
class TrueLine:
    """Words side by side. A line of a table is as many lines as it has cells."""

    text: str
    box: Box


@dataclass(frozen=True)
class Truth:
    """The lines of a page in the order in which they were written, and the boxes of its words."""

    lines: tuple[TrueLine, ...]
    words: tuple[tuple[str, Box], ...]
    #: The boxes of the words again, as high as the lines of their fonts instead of as their letters.
    line_high: tuple[Box, ...] = ()


def truth_of(page: pypdfium2.PdfPage) -> Truth:
    """The text of a page in the order of its file: for documents of TeX and of our own, the order of reading."""
    with open_text(page.raw) as text:
        words = [word for word in words_of(text) if plain(_shown(word))]
        places = [_ink(text, word) for word in words]
    lines = tuple(TrueLine(plain(" ".join(map(_shown, line))), _around(line)) for line in _lines(words))
    placed = zip((plain(_shown(word)) for word in words), places, strict=True)
    return Truth(tuple(line for line in lines if line.text), tuple(placed), tuple(map(_box, words)))


def _shown(word: Word) -> str:
    return f"{word.text.removesuffix('-')}-" if word.broken else word.text


def _ink(text: TextPage, word: Word) -> Box:
    """Where the letters of a word are printed: the line height of a font says nothing of that."""
    edges = [ctypes.c_double() for _ in range(4)]
    found: list[Box] = []
    for index in range(word.first, word.first + len(word.text)):
        if pdfium.FPDFText_GetCharBox(text.handle, text.char_index(index), *map(ctypes.byref, edges)):
            left, right, bottom, top = (edge.value for edge in edges)
            found.append(text.frame.shown(left, bottom, right, top))
    found = [box for box in found if box[2] > box[0] and box[3] > box[1]]
    return _union(found) if found else _box(word)


def _box(word: Word) -> Box:
    return word.left, word.top, word.right, word.bottom


def _around(words: Sequence[Word]) -> Box:
    return _union([_box(word) for word in words])


def _union(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    line = list(words[:1])
    for one, other in pairwise(words):
        if not _goes_on(one, other):
            yield line
            line = []
        line.append(other)
    if line:
        yield line


def _goes_on(one: Word, other: Word) -> bool:
    lower = min(one.bottom - one.top, other.bottom - other.top)
    beside = min(one.bottom, other.bottom) - max(one.top, other.top)
    gap = other.left - one.right
    height = max(one.bottom - one.top, other.bottom - other.top)
    return beside > _BESIDE_SHARE * lower and -height < gap < _GAP_HEIGHTS * height

"""The characters of a page and where they stand: as our own walk reads them, and as pdfium does."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pypdfium2.raw as pdfium_raw

from services.file_ops.protection.content.areas import Placed
from services.file_ops.protection.content.fonts import UNKNOWN
from services.file_ops.protection.content.geometry import Rect

#: Parts of the font's height: a wider gap is a space, a larger step across the line begins a new line.
_SPACE_GAP, _LINE_STEP, _BACKWARDS = 0.2, 0.5, 1.5
#: pdfium's boxes end at the ink: so much of the tallest letter's height is added above and below.
_PADDING = 0.2
#: pdfium's stand-ins for a hyphen at the end of a line.
_HYPHENS = {2: "-", 0xFFFE: "-"}


@dataclass(frozen=True, slots=True)
class Char:
    """One character; `rect` is None for spaces and line ends that only follow from the layout."""

    text: str
    rect: Rect | None = None


@dataclass
class PageText:
    """One reading of a page."""

    chars: list[Char]

    @property
    def placed(self) -> int:
        """Characters that stand on the page."""
        return sum(char.rect is not None for char in self.chars)

    @property
    def unknown(self) -> int:
        """Characters on the page that no text is known for."""
        return sum(char.rect is not None and char.text == UNKNOWN for char in self.chars)


def as_drawn(glyphs: list[Placed]) -> PageText:
    """The glyphs in the order of drawing, with the spaces and line ends that their distances make."""
    chars: list[Char] = []
    before: Placed | None = None
    for glyph in glyphs:
        if before is not None and (gap := _gap(before, glyph)):
            chars.append(Char(gap))
        chars.append(Char(glyph.text, glyph.rect))
        before = glyph
    return PageText(chars)


def as_seen(glyphs: list[Placed]) -> PageText:
    """The glyphs from top to bottom and left to right: parts of a word may be drawn in any order."""

    ordered = sorted((glyph for glyph in glyphs if glyph.size), key=lambda glyph: -glyph.origin[1])
    lines: list[list[Placed]] = []
    for glyph in ordered:
        if lines and abs(lines[-1][0].origin[1] - glyph.origin[1]) < 0.4 * max(glyph.size, 1.0):
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    chars: list[Char] = []
    for row in lines:
        read = as_drawn(sorted(row, key=lambda glyph: glyph.origin[0]))
        chars += [*read.chars, Char("\n")]
    return PageText(chars)


def _gap(before: Placed, after: Placed) -> str:
    start, end = before.quad[0], before.quad[1]
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    length = (along_x**2 + along_y**2) ** 0.5
    step_x, step_y = after.quad[0][0] - end[0], after.quad[0][1] - end[1]
    height = max(before.size, 0.1)
    if length < 1e-6:
        return "" if abs(step_x) + abs(step_y) < height else " "
    along = (step_x * along_x + step_y * along_y) / length
    across = abs(step_x * along_y - step_y * along_x) / length
    if across > _LINE_STEP * height or along < -_BACKWARDS * height:
        return "\n"
    return " " if along > _SPACE_GAP * height else ""


def in_pdfium(page: Any) -> PageText:
    """The page as pdfium reads it: it knows encodings inside of font programs, which our own walk does not."""
    text_page = page.get_textpage()
    chars: list[Char] = []
    raw: Any = pdfium_raw
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    for index in range(text_page.count_chars()):
        code = raw.FPDFText_GetUnicode(text_page.raw, index)
        text = _HYPHENS.get(code) or (chr(code) if code else UNKNOWN)
        found = raw.FPDFText_GetCharBox(text_page.raw, index, left, right, bottom, top)
        if text.isspace() or not found or raw.FPDFText_IsGenerated(text_page.raw, index) == 1:
            chars.append(Char(text))
            continue
        chars.append(Char(text, Rect(left.value, bottom.value, right.value, top.value)))
    text_page.close()
    return PageText(_with_surrogates(chars))


def _with_surrogates(chars: list[Char]) -> list[Char]:
    joined: list[Char] = []
    for char in chars:
        if joined and "\ud800" <= joined[-1].text <= "\udbff" and "\udc00" <= char.text <= "\udfff":
            high, low = ord(joined[-1].text) - 0xD800, ord(char.text) - 0xDC00
            joined[-1] = Char(chr(0x10000 + (high << 10) + low), joined[-1].rect)
        else:
            joined.append(char)
    return joined


def padded(rects: list[Rect]) -> list[Rect]:
    """Boxes of ink as boxes of letters."""
    height = max((rect.top - rect.bottom for rect in rects), default=0.0)
    return [
        Rect(rect.left, rect.bottom - _PADDING * height, rect.right, rect.top + _PADDING * height) for rect in rects
    ]


def merged(rects: Iterable[Rect]) -> list[Rect]:
    """Neighbours in one line as one rectangle."""
    lines: list[Rect] = []
    for rect in rects:
        if lines:
            union = Rect.around((*lines[-1].corners, *rect.corners))
            if _area(union) <= 1.25 * (_area(lines[-1]) + _area(rect)) + 0.3 * _height(union) ** 2:
                lines[-1] = union
                continue
        lines.append(rect)
    return [rect for rect, _ in groupby(lines)]


def _area(rect: Rect) -> float:
    return (rect.right - rect.left) * (rect.top - rect.bottom)


def _height(rect: Rect) -> float:
    return min(rect.top - rect.bottom, rect.right - rect.left)

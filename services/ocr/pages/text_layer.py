"""The invisible text layer: each line one string whose words begin where they are seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import hypot
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary

from services.ocr.pages.invisible_font import InvisibleFont
from shared.pdf.text_page import Frame
from shared.pdf.words import RIGHT_TO_LEFT

#: Marks the layer in a page's content, so that a later run knows whose it is.
TAG = b"/BinderyOcr"
FONT = "/BinderyOcr"
#: A word stands in the line of the one before when it is off it by no more than so much of its height,
_OFF_LINE_SHARE = 0.15
#: and is as high but for this share,
_HEIGHT_SHARE = 0.3
#: and as wide as the line's letters make it, but for this share of its width or of its height.
_WIDTH_SHARE, _WIDTH_HEIGHTS = 0.12, 0.35
#: A word is moved when it would begin so many heights away from where it is seen.
_MOVED_HEIGHTS = 0.05
_LEAST_POINTS = 0.01
_ESCAPED = re.compile(rb"[\\()\r]")
_LEFT_TO_RIGHT_RUN = re.compile(r"[^\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]+")

Point = tuple[float, float]


@dataclass(frozen=True)
class PlacedWord:
    """A word and its four corners as shares (0 to 1) of the shown page's width and height, from its top left."""

    text: str
    corners: tuple[Point, ...]


@dataclass(frozen=True)
class _Word:
    """A word in the page's own points: its lower left corner, the way that it runs, its width and height."""

    text: str
    start: Point
    way: Point
    width: float
    height: float

    def from_start_of(self, other: _Word) -> Point:
        """How far it begins along and above the line of another."""
        x, y = self.start[0] - other.start[0], self.start[1] - other.start[1]
        return x * other.way[0] + y * other.way[1], y * other.way[0] - x * other.way[1]


def add_layer(page: pikepdf.Page, lines: Iterable[Sequence[PlacedWord]], frame: Frame, font: InvisibleFont) -> None:
    """Put lines of words under a page's content, whose own streams stay byte for byte as they are.

    The layer comes first: whatever state the page's content leaves behind cannot move it.
    """
    name = _font_name(page, font)
    shown = b"\n".join(part for line in lines for part in _line(_words(line, frame), font, name))
    layer = font.stream(TAG + b" BMC q BT 3 Tr\n%s\nET Q EMC\n" % shown)
    page.obj.Contents = Array([layer, *contents_of(page)])


def contents_of(page: pikepdf.Page) -> list[Any]:
    """The streams of a page's content."""
    content: Any = page.obj.get("/Contents", Array([]))
    return list(content) if isinstance(content, Array) else [content]


def _font_name(page: pikepdf.Page, font: InvisibleFont) -> bytes:
    """What the page's resources call the font. Pages may share them."""
    if not isinstance(page.obj.get("/Resources"), Dictionary):
        page.obj.Resources = Dictionary()
    if not isinstance(page.obj.Resources.get("/Font"), Dictionary):
        page.obj.Resources.Font = Dictionary()
    fonts: Any = page.obj.Resources.Font
    for number in count():
        name = f"{FONT}{number or ''}"
        taken: Any = fonts.get(name)
        if taken is None:
            fonts[name] = font.object
        if taken is None or (isinstance(taken, Dictionary) and taken.objgen == font.object.objgen):
            return name.encode()
    raise AssertionError("count() has no end")


def _words(line: Sequence[PlacedWord], frame: Frame) -> list[_Word]:
    """The words of a line in the order in which they are seen: of Hebrew and Arabic the last one first."""
    words = []
    for placed in line:
        top_left, _, bottom_right, bottom_left = (_in_points(corner, frame) for corner in placed.corners)
        along = bottom_right[0] - bottom_left[0], bottom_right[1] - bottom_left[1]
        width, height = hypot(*along), hypot(top_left[0] - bottom_left[0], top_left[1] - bottom_left[1])
        if width >= _LEAST_POINTS and height >= _LEAST_POINTS:
            way = along[0] / width, along[1] / width
            words.append(_Word(_as_seen(placed.text), bottom_left, way, width, height))
    if any(RIGHT_TO_LEFT.search(word.text) for word in words):
        first = words[0]
        words.sort(key=lambda word: word.from_start_of(first)[0])
    return words


def _as_seen(text: str) -> str:
    """The letters of a word from left to right, as PDF shows and readers of PDF expect them."""
    if not RIGHT_TO_LEFT.search(text):
        return text
    # What runs to the right within it, numbers above all, keeps its own order.
    return _LEFT_TO_RIGHT_RUN.sub(lambda run: run[0][::-1], text)[::-1]


def _line(words: list[_Word], font: InvisibleFont, name: bytes) -> Iterator[bytes]:
    """One matrix and one string for each stretch of words that stand level and are of one size."""
    stretch: list[_Word] = []
    for word in words:
        if stretch and not _goes_on(stretch, word, font):
            yield _stretch(stretch, font, name)
            stretch = []
        stretch.append(word)
    if stretch:
        yield _stretch(stretch, font, name)


def _goes_on(stretch: list[_Word], word: _Word, font: InvisibleFont) -> bool:
    first, last = stretch[0], stretch[-1]
    along, above = word.from_start_of(first)
    height = first.height
    if abs(above) > _OFF_LINE_SHARE * height or abs(word.height - height) > _HEIGHT_SHARE * height:
        return False
    # A line whose end turns away from its start, or that begins anew.
    if word.way[0] * first.way[0] + word.way[1] * first.way[1] < 0.99 or along < last.from_start_of(first)[0]:
        return False
    wide = _widening([*stretch, word], font)
    return all(
        abs(one.width - font.width_of(one.text) * wide) < max(_WIDTH_SHARE * one.width, _WIDTH_HEIGHTS * one.height)
        for one in (*stretch, word)
    )


def _widening(stretch: Sequence[_Word], font: InvisibleFont) -> float:
    """Points that a letter as wide as the type is high gets: what makes the words as wide as they are seen."""
    return sum(word.width for word in stretch) / max(sum(font.width_of(word.text) for word in stretch), 1e-6)


def _stretch(words: list[_Word], font: InvisibleFont, name: bytes) -> bytes:
    first, wide = words[0], _widening(words, font)
    height = sorted(word.height for word in words)[len(words) // 2]
    parts, reach = [b"["], 0.0
    text = b""
    for word in words:
        start = word.from_start_of(first)[0]
        if abs(start - reach) > _MOVED_HEIGHTS * height:
            parts.append(_string(text) + b"%d" % (round((reach - start) / wide * 100) * 10))
            text, reach = b"", start
        # The space parts it from the next word where readers join what is near.
        text += font.codes(word.text + " ")
        reach += font.width_of(word.text + " ") * wide
    cosine, sine = first.way
    # The size stands with the font, not in the matrix: pdfium takes a turned text of size 1 for none.
    size = _number(height, 1)
    tz = _number(100 * wide / float(size), 1)
    matrix = [_number(value, 4) for value in (cosine, sine, -sine, cosine)] + [
        _number(value, 1) for value in first.start
    ]
    return b"%s %s Tf %s Tz %s Tm%s%s]TJ" % (name, size, tz, b" ".join(matrix), b"".join(parts), _string(text))


def _string(data: bytes) -> bytes:
    if not data:
        return b""
    return b"(" + _ESCAPED.sub(lambda found: b"\\r" if found[0] == b"\r" else b"\\" + found[0], data) + b")"


def _number(value: float, digits: int) -> bytes:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return b"0" if text in ("", "-0") else text.encode()


def _in_points(corner: Point, frame: Frame) -> Point:
    across, down = corner
    if frame.rotation == 90:
        across, down = down, 1 - across
    elif frame.rotation == 180:
        across, down = 1 - across, 1 - down
    elif frame.rotation == 270:
        across, down = 1 - down, across
    return (
        frame.left + across * (frame.right - frame.left),
        frame.top - down * (frame.top - frame.bottom),
    )

"""The words of a PDF page with their places, fast: one text per page, two boxes per word."""

from __future__ import annotations

import ctypes
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import Any

from shared.pdf.reading import address_of, pdfium, quick_call

_loose_box = quick_call(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_char_index = quick_call(pdfium.FPDFText_GetCharIndexFromTextIndex, ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_is_generated = quick_call(pdfium.FPDFText_IsGenerated, ctypes.c_int, ctypes.c_void_p, ctypes.c_int)

#: pdfium puts this where a word was broken at the end of a line.
_LINE_END_HYPHEN = "\ufffe"
#: Symbol fonts without a map to Unicode have their space at U+F020 or U+E020.
_WORD = re.compile(r"[^\s\x00-\x20\ufffe\u200b\ue020\uf020]+\ufffe?")
#: Lefts, tops, rights, bottoms.
_Columns = tuple[list[float], list[float], list[float], list[float]]
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
#: Wider on average than so many heights per character, a word is looked at character by character.
_SPREAD_HEIGHTS = 1.1
#: So are words of more characters: some fonts have a space that pdfium cannot map and leaves out.
_LONG_CHARACTERS = 20
#: A gap wider by so many heights than its neighbours parts two words even where pdfium saw no space.
_GAP_HEIGHTS = 0.15
#: A gap narrower than this is no space, whatever pdfium takes it for.
_GLUE_HEIGHTS = 0.06
#: And so does a step off the line by so many heights.
_SHIFT_HEIGHTS = 0.8
#: pdfium handles no longer page in reasonable time either; beyond it words are left out and counted.
MAX_PAGE_CHARACTERS = 2_000_000


@dataclass(slots=True, eq=False)
class Word:
    """One word as it stands on the page. Points from the left and the top of the page as a viewer shows it."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    #: Where the text runs to, clockwise: 0 to the right, 90 down, 180 upside down, 270 up.
    direction: int = 0
    #: The word goes on in the next line; `text` has no hyphen.
    broken: bool = False
    #: Index of its first character in pdfium's text page.
    first: int = 0


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


@dataclass
class TextPage:
    """A page whose text can be read while it is open."""

    page: Any
    handle: Any
    address: int
    frame: Frame
    text: str
    #: Whether index n of `text` is pdfium's character n: not so where it leaves out characters.
    aligned: bool

    def __post_init__(self) -> None:
        self._shown = self.frame.shown

    def words(self) -> list[Word]:
        """The visible words in the order of the file. Words wholly off the page are left out."""
        found = list(_WORD.finditer(self.text, 0, MAX_PAGE_CHARACTERS))
        if not found:
            return []
        heads = self._boxes([word.start() for word in found])
        tails = self._boxes([word.end() - 1 - word[0].endswith(_LINE_END_HYPHEN, 1) for word in found])
        width, height = self.frame.size
        words: list[Word] = []
        # Where the last word ended and stood.
        reach = line = -1e9
        for match, left, top, right, bottom, last_left, last_top, last_right, last_bottom in zip(
            found, *heads, *tails, strict=True
        ):
            text, first = match[0], match.start()
            along, length = last_left - left, len(text)
            # Nearly every word is one line to the right; anything else is looked at closely.
            if (
                abs(last_bottom - bottom) > along
                or last_right - left > (top - bottom) * _SPREAD_HEIGHTS * length
                or length > _LONG_CHARACTERS
            ):
                words.extend(self._parts(first, match.end()))
                reach = -1e9
                continue
            broken = text[-1] == _LINE_END_HYPHEN
            tall = top - bottom
            if (
                abs(left - reach) < _GLUE_HEIGHTS * tall
                and abs(bottom - line) < tall
                and self._is_no_space(first - 1, reach)
            ):
                words[-1] = self._glued(words[-1], text, broken, left, bottom, last_right, top)
                reach = last_right
                continue
            reach, line = last_right, bottom
            box = self._shown(
                left,
                bottom if bottom < last_bottom else last_bottom,
                right if right > last_right else last_right,
                top if top > last_top else last_top,
            )
            words.append(Word(text[:-1] if broken else text, *box, self.frame.rotation, broken, first))
        return [word for word in words if word.right > 0 < word.bottom and word.left < width and word.top < height]

    def _is_no_space(self, text_index: int, reach: float) -> bool:
        """Whether the space between two words is pdfium's own, or drawn back over a ligature that it belongs to."""
        if self.text[text_index] != " ":
            return False
        if _is_generated(self.address, self.char_index(text_index)) == 1:
            return True
        (left,), _, (right,), _ = self._boxes([text_index])
        return reach - left > 0.5 * (right - left)

    def _glued(self, word: Word, text: str, broken: bool, *box: float) -> Word:
        """A word and what follows it without a gap: pdfium sees a space before raised letters and odd ligatures."""
        left, top, right, bottom = self._shown(*box)
        return Word(
            word.text + (text[:-1] if broken else text),
            min(left, word.left),
            min(top, word.top),
            max(right, word.right),
            max(bottom, word.bottom),
            word.direction,
            broken,
            word.first,
        )

    def char_index(self, text_index: int) -> int:
        """pdfium's index of the character at an index of `text`."""
        return text_index if self.aligned else int(_char_index(self.address, text_index))

    def _boxes(self, indexes: list[int]) -> _Columns:
        """Lefts, tops, rights, bottoms in the page's own coordinates, of whole line height."""
        if not self.aligned:
            indexes = list(map(_char_index, repeat(self.address), indexes))
        buffer = (ctypes.c_float * (4 * len(indexes)))()
        start = ctypes.addressof(buffer)
        # Nothing but C runs in this loop.
        deque(map(_loose_box, repeat(self.address), indexes, range(start, start + 16 * len(indexes), 16)), maxlen=0)
        return buffer[0::4], buffer[1::4], buffer[2::4], buffer[3::4]

    def _parts(self, first: int, end: int) -> Iterator[Word]:
        """Words of a stretch without spaces that does not simply run to the right."""
        boxes = list(zip(*self._boxes(list(range(first, end))), strict=True))
        if self.text[end - 1] == _LINE_END_HYPHEN and end - first > 1:
            boxes[-1] = boxes[-2]
        turned = _turned(boxes, self.text[first:end])
        steps = [_step(one, other, turned) for one, other in pairwise(boxes)]
        usual_gap = sorted(gap for gap, _ in steps)[len(steps) // 2] if steps else 0.0
        start = first
        for index, (gap, shift) in enumerate(steps, start=first + 1):
            if gap > max(usual_gap, 0.0) + _GAP_HEIGHTS or shift > _SHIFT_HEIGHTS:
                yield self._part(start, index, boxes[start - first : index - first], turned)
                start = index
        yield self._part(start, end, boxes[start - first :], turned)

    def _part(self, first: int, end: int, boxes: list[tuple[float, float, float, float]], turned: int) -> Word:
        text = self.text[first:end]
        broken = text[-1] == _LINE_END_HYPHEN
        box = (min(b[0] for b in boxes), min(b[3] for b in boxes), max(b[2] for b in boxes), max(b[1] for b in boxes))
        direction = (turned + self.frame.rotation) % 360
        return Word(text[:-1] if broken and len(text) > 1 else text, *self._shown(*box), direction, broken, first)


def _turned(boxes: list[tuple[float, float, float, float]], text: str) -> int:
    """Where a stretch of characters runs to, clockwise, in the page's own coordinates."""
    across = boxes[-1][0] - boxes[0][0] + boxes[-1][2] - boxes[0][2]
    up = boxes[-1][1] - boxes[0][1] + boxes[-1][3] - boxes[0][3]
    if abs(up) > abs(across) and len(boxes) > 1:
        return 270 if up > 0 else 90
    return 180 if across < 0 and not RIGHT_TO_LEFT.search(text) else 0


def _step(one: Sequence[float], other: Sequence[float], turned: int) -> tuple[float, float]:
    """The gap between two neighbouring characters and how far they are out of line, in heights of the larger."""
    along, across = (0, 1) if turned in (0, 180) else (1, 0)
    low, high = sorted((one[along], one[along + 2])), sorted((other[along], other[along + 2]))
    size = max(abs(one[across] - one[across + 2]), abs(other[across] - other[across + 2]), 0.1)
    gap = max(high[0] - low[1], low[0] - high[1])
    shift = abs(one[across] + one[across + 2] - other[across] - other[across + 2]) / 2
    return gap / size, shift / size


@contextmanager
def open_text(page: Any) -> Iterator[TextPage]:
    """Read the text of an open page. A page without any has the text ""."""
    handle = pdfium.FPDFText_LoadPage(page)
    if not handle:
        yield TextPage(page, None, 0, frame_of(page), "", aligned=True)
        return
    try:
        count = max(pdfium.FPDFText_CountChars(handle), 0)
        units = (ctypes.c_ushort * (count * 2 + 1))()
        written = pdfium.FPDFText_GetText(handle, 0, count, units) if count else 0
        text = bytes(units)[: 2 * max(written - 1, 0)].decode("utf-16-le", "replace")
        yield TextPage(page, handle, address_of(handle), frame_of(page), text, len(text) == count)
    finally:
        pdfium.FPDFText_ClosePage(handle)

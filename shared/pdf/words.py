"""The words of a PDF page with their places, fast: one text per page, two boxes per word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import Any

import numpy as np

from shared.pdf.text_page import Boxes, Frame, TextPage

#: pdfium puts this where a word was broken at the end of a line.
_LINE_END_HYPHEN = "\ufffe"
#: Symbol fonts without a map to Unicode have their space at U+F020 or U+E020.
_WORD = re.compile(r"[^\s\x00-\x20\ufffe\u200b\ue020\uf020]+\ufffe?")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
#: Wider on average than so many heights per character, a word is looked at character by character.
_SPREAD_HEIGHTS = 1.1
#: So are words of more characters: some fonts have a space that pdfium cannot map and leaves out.
_LONG_CHARACTERS = 20
#: A gap wider by so many heights than its neighbours parts two words even where pdfium saw no space.
_GAP_HEIGHTS = 0.15
#: And so does a step off the line by so many heights.
_SHIFT_HEIGHTS = 0.8
#: A gap narrower than this may be no space, whatever pdfium takes it for.
GLUE_HEIGHTS = 0.06
#: pdfium handles no longer page in reasonable time either; what stands beyond is left out.
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
    #: The word goes on in the next line; `text` has a hyphen only where the whole word keeps it.
    broken: bool = False
    #: Index of its first character in pdfium's text page.
    first: int = 0


def words_of(page: TextPage) -> list[Word]:
    """The visible words of a page in the order of the file. Words wholly off the page are left out."""
    return words_between(page, [(0, MAX_PAGE_CHARACTERS)])


def words_between(page: TextPage, stretches: Iterable[tuple[int, int]]) -> list[Word]:
    """The visible words in stretches of a page's text, each given by two indexes."""
    text = page.text
    spans = [found.span() for stretch in stretches for found in _WORD.finditer(text, *stretch)]
    if not spans:
        return []
    firsts, ends = [first for first, _ in spans], [last for _, last in spans]
    broken: Iterable[bool] = repeat(False)
    hyphened: list[bool] = []
    if _LINE_END_HYPHEN in text:
        broken = [text[last - 1] == _LINE_END_HYPHEN for last in ends]
        ends = [last - hyphen for last, hyphen in zip(ends, broken, strict=True)]
        hyphened = [hyphen and keeps_hyphen(text, last) for last, hyphen in zip(ends, broken, strict=True)]
    boxes = page.boxes(firsts + [last - 1 for last in ends])
    head, tail = boxes[: len(spans)], boxes[len(spans) :]
    texts = list(map(text.__getitem__, map(slice, firsts, ends)))
    if hyphened:
        texts = [f"{word}-" if kept else word for word, kept in zip(texts, hyphened, strict=True)]
    edges = _shown(page.frame, head, tail)
    columns = (column.tolist() for column in edges)
    words = list(map(Word, texts, *columns, repeat(page.frame.rotation), broken, firsts))
    close, glued = _doubtful(head, tail, np.array(ends) - np.array(firsts))
    if close.any() or glued.any():
        words = list(_settled(page, words, spans, close, glued, tail))
    if page.hidden_layers:
        words = [word for word in words if not page.is_hidden(word.first)]
    width, height = page.frame.size
    left, top, right, bottom = edges
    if left.max() < width and top.max() < height and right.min() > 0 and bottom.min() > 0:
        return words
    return [word for word in words if word.right > 0 < word.bottom and word.left < width and word.top < height]


def keeps_hyphen(text: str, end: int) -> bool:
    """Whether the hyphen at an index of a page's text belongs to the word: "Stress-" before "Engineered"."""
    return not text[end + 1 : end + 2].islower() and text[end + 1 : end + 2] not in "\r\n "


def _shown(frame: Frame, head: Boxes, tail: Boxes) -> tuple[Any, Any, Any, Any]:
    """Edges of words on the shown page from the boxes of their first and last characters."""
    low, high = np.minimum(head, tail), np.maximum(head, tail)
    return frame.shown(low[:, 0], low[:, 3], high[:, 2], high[:, 1])  # type: ignore[arg-type]


def _doubtful(head: Boxes, tail: Boxes, lengths: Any) -> tuple[Any, Any]:
    """Which words must be looked at closely, and which may go on the word before.

    Nearly every word is one line to the right with a space on each side; the others are few.
    """
    along, up = tail[:, 0] - head[:, 0], np.abs(tail[:, 3] - head[:, 3])
    heights = head[:, 1] - head[:, 3]
    spread = tail[:, 2] - head[:, 0] > heights * _SPREAD_HEIGHTS * lengths
    close = (up > along) | spread | (lengths > _LONG_CHARACTERS)
    glued = np.zeros(len(head), bool)
    gaps, steps = np.abs(head[1:, 0] - tail[:-1, 2]), np.abs(head[1:, 3] - head[:-1, 3])
    glued[1:] = (gaps < GLUE_HEIGHTS * heights[1:]) & (steps < heights[1:]) & ~close[1:] & ~close[:-1]
    return close, glued


def _settled(
    page: TextPage, words: list[Word], spans: list[tuple[int, int]], close: Any, glued: Any, tail: Boxes
) -> Iterator[Word]:
    """The words with the doubtful ones taken apart or joined to the one before."""
    pending: Word | None = None
    for number, word in enumerate(words):
        if pending is not None and glued[number] and page.is_no_space(word.first - 1, tail[number - 1, 2]):
            _join(pending, word)
            continue
        if pending is not None:
            yield pending
        pending = None if close[number] else word
        if close[number]:
            yield from _parts(page, *spans[number])
    if pending is not None:
        yield pending


def _join(word: Word, other: Word) -> None:
    word.text += other.text
    word.left, word.right = min(word.left, other.left), max(word.right, other.right)
    word.top, word.bottom = min(word.top, other.top), max(word.bottom, other.bottom)
    word.broken = other.broken


def _parts(page: TextPage, first: int, end: int) -> Iterator[Word]:
    """Words of a stretch without spaces that does not simply run to the right."""
    broken = page.text[end - 1] == _LINE_END_HYPHEN
    end -= broken
    boxes = page.boxes(range(first, end)).tolist()
    turned = _turned(boxes, page.text[first:end])
    steps = [_step(one, other, turned) for one, other in pairwise(boxes)]
    usual_gap = sorted(gap for gap, _ in steps)[len(steps) // 2] if steps else 0.0
    start = first
    for index, (gap, shift) in enumerate(steps, start=first + 1):
        if gap > max(usual_gap, 0.0) + _GAP_HEIGHTS or shift > _SHIFT_HEIGHTS:
            yield _part(page, start, index, boxes[start - first : index - first], turned)
            start = index
    last = _part(page, start, end, boxes[start - first :], turned)
    last.broken = broken
    yield last


def _part(page: TextPage, first: int, end: int, boxes: list[list[float]], turned: int) -> Word:
    edges = (min(b[0] for b in boxes), min(b[3] for b in boxes), max(b[2] for b in boxes), max(b[1] for b in boxes))
    direction = (turned + page.frame.rotation) % 360
    return Word(page.text[first:end], *page.frame.shown(*edges), direction, False, first)


def _turned(boxes: list[list[float]], text: str) -> int:
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

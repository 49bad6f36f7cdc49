"""Words joined into runs: stretches of one line without a wide gap, the pieces that columns and tables are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from shared.pdf.words import RIGHT_TO_LEFT, Word

#: A gap of so many line heights ends a run: wider than any space in justified text, narrower than a column's gutter.
GAP_HEIGHTS = 0.75
#: After a bullet or a number of a list the gap may be wider.
_BULLET_GAP_HEIGHTS = 3.0
#: Marks that begin an entry of a list.
BULLET = re.compile(
    r"[•◦▪▫●○■□‣\u2043∙·\u2013\u2014*-]|[\uf0a7\uf0b7]|\(?(\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\(\w{1,3}\)"
)


@dataclass(slots=True, eq=False)
class Run:
    """Neighbouring words of one line. Points from the left and the top of the page, turned so that text runs right."""

    words: list[Word]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height of the line in points, ascent to descent."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Vertical middle in points."""
        return (self.top + self.bottom) / 2

    @property
    def text(self) -> str:
        """The words joined by spaces; a word that goes on in the next line keeps its hyphen."""
        return " ".join([f"{word.text.rstrip('-')}-" if word.broken else word.text for word in self.words])

    def add(self, word: Word) -> None:
        """Append a word and grow the box."""
        self.words.append(word)
        # Comparisons, not min and max: half of the time of joining a page's words goes here.
        if word.right > self.right:
            self.right = word.right
        if word.left < self.left:
            self.left = word.left
        if word.top < self.top:
            self.top = word.top
        if word.bottom > self.bottom:
            self.bottom = word.bottom


@dataclass(slots=True, eq=False)
class Row:
    """Runs side by side, in the order in which they are read, and the upper and lower edge of all in points."""

    runs: list[Run]
    top: float
    bottom: float


def turned(words: Iterable[Word], size: tuple[float, float]) -> dict[int, list[Word]]:
    """Words by their direction; those that do not run to the right as copies on a page turned until they do.

    The direction that has most characters comes first.
    """
    width, height = size
    words = list(words)
    if words and not any(word.direction for word in words):
        return {0: words}
    found: dict[int, list[Word]] = {}
    characters: dict[int, int] = {}
    for word in words:
        direction = word.direction
        upright = word if direction == 0 else _upright(word, width, height)
        found.setdefault(direction, []).append(upright)
        characters[direction] = characters.get(direction, 0) + len(word.text)
    return dict(sorted(found.items(), key=lambda each: -characters[each[0]]))


def _upright(word: Word, width: float, height: float) -> Word:
    left, top, right, bottom = word.left, word.top, word.right, word.bottom
    if word.direction == 90:
        return replace(word, left=top, top=width - right, right=bottom, bottom=width - left)
    if word.direction == 180:
        return replace(word, left=width - right, top=height - bottom, right=width - left, bottom=height - top)
    return replace(word, left=height - bottom, top=left, right=height - top, bottom=right)


def runs_of(words: list[Word]) -> list[Run]:
    """Join words that stand beside each other into runs, whatever their order in the file."""
    runs: list[Run] = []
    current: Run | None = None
    for word in words:
        if current is not None and _continues(current, word):
            current.add(word)
        else:
            current = Run([word], word.left, word.top, word.right, word.bottom)
            runs.append(current)
    merged: list[Run] = []
    for row in rows_of(runs):
        merged.extend(_merge(row))
    return merged


def _continues(run: Run, word: Word) -> bool:
    last = run.words[-1]
    top, bottom = last.top, last.bottom
    height, other = bottom - top, word.bottom - word.top
    overlap = (bottom if bottom < word.bottom else word.bottom) - (top if top > word.top else word.top)
    if overlap < 0.5 * (height if height < other else other):
        return False
    taller = height if height > other else other
    gap = word.left - last.right
    if gap < -0.5 * taller:
        # Written right to left, or back at the start of the line.
        gap = last.left - word.right
    return -0.5 * taller < gap < GAP_HEIGHTS * taller


def rows_of(runs: Iterable[Run]) -> list[Row]:
    """Group runs that stand at one height, from top to bottom; within a row from left to right.

    Runs of a row overlap its first run by more than half of the lower one's height; none is chained on.
    """
    rows: list[Row] = []
    top = bottom = -1e9
    for run in sorted(runs, key=lambda run: run.top + run.bottom):
        overlap = min(bottom, run.bottom) - max(top, run.top)
        if overlap > 0.5 * min(run.bottom - run.top, bottom - top):
            row = rows[-1]
            row.runs.append(run)
            row.top, row.bottom = min(row.top, run.top), max(row.bottom, run.bottom)
        else:
            rows.append(Row([run], run.top, run.bottom))
            top, bottom = run.top, run.bottom
    for row in rows:
        if len(row.runs) > 1:
            row.runs.sort(key=lambda run: run.left)
    return rows


def _merge(row: Row) -> list[Run]:
    """Join runs of a row that are no gap apart; drop what was drawn twice at one place (a poor man's bold)."""
    if len(row.runs) == 1:
        return [_in_order(row.runs[0])]
    merged = [row.runs[0]]
    for run in row.runs[1:]:
        last = merged[-1]
        if not run.words or not last.words:
            merged.append(run)
            continue
        gap, height = run.left - last.right, max(run.height, last.height)
        if gap < -0.5 * min(run.right - run.left, last.right - last.left) and run.text == last.text:
            continue
        wide = _BULLET_GAP_HEIGHTS if len(last.words) == 1 and BULLET.fullmatch(last.words[0].text) else GAP_HEIGHTS
        if -0.5 * height < gap < wide * height:
            for word in run.words:
                last.add(word)
        else:
            merged.append(run)
    return [_in_order(run) for run in merged]


def _in_order(run: Run) -> Run:
    words = run.words
    # pdfium gives scripts that run to the left in the order of reading, so that they show here as well.
    if any(one.left > other.left for one, other in pairwise(words)):
        backwards = is_right_to_left(words)
        words.sort(key=lambda word: -word.right if backwards else word.left)
    return run


def is_right_to_left(words: list[Word]) -> bool:
    """Whether most of the words are in a script that is written from right to left."""
    count = sum(1 for word in words if word.text[0] > "\u058f" and RIGHT_TO_LEFT.search(word.text))
    return count * 2 > len(words)

"""Puts the runs of a page into the order in which a person reads them: columns one after the other, tables by rows.

Gutters are the tall white rectangles between runs (after Breuel, "Two geometric algorithms for layout analysis",
2002). The page is cut along the tallest one, and what stands above, beside and below is cut in turn. A gutter whose
two sides read on line by line is a table's: such a stretch is not cut but kept as rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from shared.pdf.lines import BULLET, Row, Run, rows_of

#: Narrower white space is no gutter, in line heights.
_NARROWEST_HEIGHTS = 0.6
#: And where it has fewer lines on one side than these, it must be wider.
_CERTAIN_LINES, _NARROWEST_SHORT_HEIGHTS = 3.5, 1.2
#: A run at the head or foot of a gutter that stands so far off, in line heights and in gaps that are usual between
#: its lines, is no part of its columns (a page's header).
_APART_HEIGHTS, _APART_GAPS = 0.9, 1.4
#: Of the runs on one side of a gutter, those that have one beside them where the gutter is a table's.
_ALIGNED_SHARE = 0.6
#: White space between the rows of a table that ends it: in line heights, and in gaps that are usual in it.
_BAND_HEIGHTS, _BAND_GAPS = 1.2, 2.5
#: Tables above each other are one where no more white space is between them, in line heights.
_JOIN_HEIGHTS = 1.0
#: Runs of so many characters on both sides are prose, not cells.
_PROSE_CHARACTERS = 22
#: Pages with more runs are read row by row: the search costs the square of their number.
_MOST_RUNS = 3000
_DEEPEST = 40
_NUMBER = re.compile(r"[-+(]?\s?[$€£¥%]?\s?[\d.,]*\d.{0,4}|[-\u2013\u2014]")

_Indexes = npt.NDArray[np.intp]


@dataclass(slots=True, eq=False)
class Region:
    """A stretch that is read from its first row to its last. A tabular one has cells side by side."""

    rows: list[Row]
    tabular: bool = False

    @property
    def left(self) -> float:
        """Left edge in points."""
        return min(run.left for row in self.rows for run in row.runs)

    @property
    def right(self) -> float:
        """Right edge in points."""
        return max(run.right for row in self.rows for run in row.runs)


@dataclass(frozen=True, slots=True)
class _Gutter:
    above: _Indexes
    left: _Indexes
    right: _Indexes
    below: _Indexes


def regions_of(runs: list[Run], *, right_to_left: bool = False) -> list[Region]:
    """The regions of a page in reading order. Columns go from right to left where the script does."""
    if len(runs) > _MOST_RUNS:
        return [Region(rows_of(runs))] if runs else []
    return _joined(_Page(runs, right_to_left).regions(np.arange(len(runs)), 0)) if runs else []


def _joined(regions: Iterator[Region]) -> list[Region]:
    """Tables that stand directly above each other, with nothing but single runs between them, become one."""
    joined: list[Region] = []
    for region in regions:
        joined.append(region)
        while len(joined) > 1 and _belong_together(*joined[-2:]):
            below = joined.pop()
            joined[-1] = Region(
                rows_of([run for one in (joined[-1], below) for row in one.rows for run in row.runs]), True
            )
    return joined


def _belong_together(above: Region, below: Region) -> bool:
    if not above.tabular or not (below.tabular or len(below.rows) == len(below.rows[0].runs) == 1):
        return False
    last, first = above.rows[-1], below.rows[0]
    height = min(last.bottom - last.top, first.bottom - first.top)
    overlap = min(above.right, below.right) - max(above.left, below.left)
    if first.top - last.bottom > _JOIN_HEIGHTS * height or first.top < last.top:
        return False
    if not below.tabular:
        # A label between the rows of a table, not the caption or the text under it.
        return overlap > 0 and first.top - last.bottom < 0 and len(first.runs[0].text) < _PROSE_CHARACTERS
    return overlap > 0.7 * min(above.right - above.left, below.right - below.left)


class _Page:
    def __init__(self, runs: list[Run], right_to_left: bool) -> None:
        self.runs = runs
        self.right_to_left = right_to_left
        boxes = np.array([(run.left, run.right, run.top, run.bottom) for run in runs])
        self.left, self.right, self.top, self.bottom = boxes.T
        self.middle = (self.top + self.bottom) / 2
        self.heights = self.bottom - self.top
        self.characters = np.array([_characters(run) for run in runs])

    def regions(self, chosen: _Indexes, depth: int) -> Iterator[Region]:
        """Cut along the tallest gutter, and again what stands around it."""
        if not len(chosen):
            return
        gutter = self._gutter(chosen) if depth < _DEEPEST and self._has_neighbours(chosen) else None
        if gutter is None:
            yield Region(rows_of([self.runs[index] for index in chosen]))
            return
        yield from self.regions(gutter.above, depth + 1)
        yield from self._beside(gutter, depth)
        yield from self.regions(gutter.below, depth + 1)

    def _beside(self, gutter: _Gutter, depth: int) -> Iterator[Region]:
        """What stands on both sides: columns, a table, or several things above each other that share a gutter."""
        sides = (gutter.left, gutter.right)
        if not self._is_prose(gutter):
            bands = self._bands(np.concatenate(sides))
            if len(bands) > 1:
                for band in bands:
                    yield from self.regions(band, depth + 1)
                return
            if self._is_table(gutter):
                yield from self._tabular(np.concatenate(sides))
                return
            if min(map(len, sides)) < 3 and self._share_aligned(gutter) >= _ALIGNED_SHARE:
                # Two lines beside two others are no columns: a label and what it says, a heading run in.
                yield Region(rows_of([self.runs[index] for index in np.concatenate(sides)]))
                return
        for side in reversed(sides) if self.right_to_left else sides:
            yield from self.regions(side, depth + 1)

    def _tabular(self, chosen: _Indexes) -> Iterator[Region]:
        """A table; single runs at its ends are text around it."""
        rows = rows_of([self.runs[index] for index in chosen])
        # A lone run in one of the further columns is a sum or the rest of a cell; one at the left is text.
        further = [run for row in rows for run in row.runs[1:]]
        full = [number for number, row in enumerate(rows) if len(row.runs) > 1 or _in_line(row.runs[0], further)]
        if not full:
            yield Region(rows)
            return
        first, end = full[0], full[-1] + 1
        if first:
            yield Region(rows[:first])
        yield Region(rows[first:end], tabular=True)
        if rows[end:]:
            yield Region(rows[end:])

    def _bands(self, chosen: _Indexes) -> list[_Indexes]:
        """Runs parted where the white space between rows is wide, for this table and for any."""
        order = chosen[self.top[chosen].argsort()]
        gaps = self.top[order[1:]] - np.maximum.accumulate(self.bottom[order])[:-1]
        between = gaps[gaps > 0]
        if not len(between):
            return [chosen]
        height = _median(self.heights[chosen])
        cuts = np.flatnonzero(
            gaps > max(_BAND_HEIGHTS * height, _BAND_GAPS * float(np.sort(between)[len(between) // 4]))
        )
        return np.split(order, cuts + 1)

    def _has_neighbours(self, chosen: _Indexes) -> bool:
        """Whether any two runs stand side by side; in a plain column none do, and the search is spared."""
        order = chosen[self.top[chosen].argsort()]
        overlaps = np.maximum.accumulate(self.bottom[order])[:-1] - self.top[order[1:]]
        return bool((overlaps > 0.3 * self.heights[order[1:]]).sum() > (len(chosen) > 3))

    def _gutter(self, chosen: _Indexes) -> _Gutter | None:
        """The gutter along which text stands on both sides for the longest way."""
        left, right, top, bottom = self.left[chosen], self.right[chosen], self.top[chosen], self.bottom[chosen]
        middle, height = self.middle[chosen], _median(self.heights[chosen])
        edges, rows = _gaps(left, right, top, bottom, height)
        if not len(edges):
            return None
        crossed = (left < edges[:, None]) & (right > edges[:, None])
        over = middle < rows[:, None]
        start = _highest(middle, crossed & over)
        end = _lowest(middle, crossed & ~over)
        inside = (middle > start[:, None]) & (middle < end[:, None])
        before = inside & (right <= edges[:, None])
        after = inside & (left >= edges[:, None])
        first = np.maximum(_lowest(top, before), _lowest(top, after))
        last = np.minimum(_highest(bottom, before), _highest(bottom, after))
        width = _lowest(left, after) - _highest(right, before)
        # A picture or a table beside text counts as the lines that it is high.
        lines = np.maximum(self.heights[chosen] / max(height, 0.1), 1)
        on_both = np.minimum(np.where(before, lines, 0).sum(1), np.where(after, lines, 0).sum(1))
        # In justified text two lines may have their wide spaces in one place by chance, four do not.
        narrowest = np.where(on_both < _CERTAIN_LINES, _NARROWEST_SHORT_HEIGHTS, _NARROWEST_HEIGHTS) * height
        fits = (width >= narrowest) & (on_both > 1.5)
        length = np.where(fits, last - first, -np.inf)
        best = int(np.lexsort((width, inside.sum(1), np.round(length, 1)))[-1])
        if length[best] < 1.5 * height:
            return None
        return self._trimmed(chosen, before[best], after[best], middle < start[best] + 0.01, height)

    def _trimmed(self, chosen: _Indexes, before: Any, after: Any, above: Any, height: float) -> _Gutter | None:
        """Leave out what stands apart at the head and the foot, as the header of a page does."""
        inside = before | after
        below = ~inside & ~above
        for head in (True, False):
            apart = self._apart(chosen, inside, height, head=head)
            if apart is not None and (before & ~apart).any() and (after & ~apart).any():
                above, below = (above | apart, below) if head else (above, below | apart)
                before, after, inside = before & ~apart, after & ~apart, inside & ~apart
        return _Gutter(chosen[above], chosen[before], chosen[after], chosen[below])

    def _apart(self, chosen: _Indexes, inside: Any, height: float, *, head: bool) -> Any:
        """The one or two lines at one end that white space parts from the rest, or None."""
        own = np.flatnonzero(inside)
        top, bottom = self.top[chosen], self.bottom[chosen]
        if head:
            order = own[np.argsort(top[own])]
            reach, ends = np.maximum.accumulate(bottom[order])[:-1], top[order][1:]
            gaps, span = ends - reach, reach - top[order[0]]
        else:
            order = own[np.argsort(-bottom[own])]
            reach, ends = np.minimum.accumulate(top[order])[:-1], bottom[order][1:]
            gaps, span = reach - ends, bottom[order[0]] - reach
        rows = np.maximum(gaps[gaps > -0.5 * height], 0)
        usual = _median(rows) if len(rows) else 0.0
        cuts = np.flatnonzero((gaps > max(_APART_HEIGHTS * height, _APART_GAPS * usual)) & (span < 2.6 * height))
        if not len(cuts):
            return None
        apart = np.zeros(len(chosen), bool)
        apart[order[: cuts[0] + 1]] = True
        return apart

    def _is_prose(self, gutter: _Gutter) -> bool:
        """Whether the runs on both sides are too long for cells."""
        return bool(min(self.characters[side].mean() for side in (gutter.left, gutter.right)) >= _PROSE_CHARACTERS)

    def _share_aligned(self, gutter: _Gutter) -> float:
        """The share of one side's runs that have one at their height on the other side; of the better side."""
        one, other = self.middle[gutter.left], self.middle[gutter.right]
        beside = np.abs(one[:, None] - other) < 0.35 * _median(self.heights[gutter.left])
        return float(max(beside.any(1).mean(), beside.any(0).mean()))

    def _is_table(self, gutter: _Gutter) -> bool:
        """Whether the sides of a gutter are cells of common rows, not columns of text."""
        left = [self.runs[index] for index in gutter.left]
        right = [self.runs[index] for index in gutter.right]
        if self._share_aligned(gutter) < _ALIGNED_SHARE:
            return False
        rows, height = rows_of(left + right), _median(self.heights[gutter.left])
        if len(left) + len(right) > 2.6 * len(rows):
            return True
        if _share(left, _is_label) > 0.5 or max(_share(left, _is_number), _share(right, _is_number)) > 0.4:
            return True
        pitches = np.diff([row.top for row in rows])
        return len(rows) < 3 or _median(pitches) > 1.45 * height


def _in_line(run: Run, others: list[Run]) -> bool:
    """Whether a run begins or ends where one of the others does."""
    slack = 0.3 * run.height
    return any(abs(run.left - other.left) < slack or abs(run.right - other.right) < slack for other in others)


def _median(values: Any) -> float:
    """The upper median; numpy's own costs ten times as much on few values."""
    return float(np.sort(values)[len(values) // 2])


def _highest(values: Any, where: Any) -> Any:
    """The largest value of each row of `where`; minus infinity for an empty one."""
    return np.where(where, values, -np.inf).max(1)


def _lowest(values: Any, where: Any) -> Any:
    return np.where(where, values, np.inf).min(1)


def _gaps(left: Any, right: Any, top: Any, bottom: Any, height: float) -> tuple[Any, Any]:
    """Where a gutter may be: places just beside the gaps between neighbours, and the height at which each stands."""
    heights, middle = bottom - top, (top + bottom) / 2
    overlap = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    beside = overlap > 0.3 * np.minimum(heights[:, None], heights)
    distance = left - right[:, None]
    distance[(distance < 0) | ~beside] = np.inf
    nearest = distance.argmin(1)
    shortest = distance[np.arange(len(left)), nearest]
    found = np.flatnonzero((shortest > _NARROWEST_HEIGHTS * height) & (shortest < np.inf))
    if len(found) < 2 and heights.max() < 2 * height:
        return found, found
    neighbours = nearest[found]
    edges = np.concatenate((right[found] + 0.5, left[neighbours] - 0.5))
    rows = np.concatenate((middle[found], middle[neighbours]))
    # Many rows show the same gutter; one probe each 40 lines finds it as well.
    keys = np.round(edges / 2) * 1000 + np.round(rows / (40 * max(height, 1.0)))
    probes = list({key: place for place, key in enumerate(keys.tolist())}.values())
    return edges[probes], rows[probes]


def _characters(run: Run) -> int:
    """Characters of a run; what has no words is a picture or a table, and never a cell."""
    return sum(len(word.text) + 1 for word in run.words) if run.words else _PROSE_CHARACTERS * 4


def _share(runs: list[Run], test: Any) -> float:
    return sum(1 for run in runs if test(run)) / len(runs)


def _is_number(run: Run) -> bool:
    return 0 < len(run.words) < 4 and _NUMBER.fullmatch(run.text) is not None


def _is_label(run: Run) -> bool:
    return bool(run.words) and (run.words[-1].text.endswith(":") or BULLET.fullmatch(run.text) is not None)

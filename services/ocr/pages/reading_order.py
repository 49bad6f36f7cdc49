"""The order in which a person reads lines: rows from the top, columns of prose one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees

import numpy as np

from services.ocr.engines.protocol import Line, PageText, Quad

#: A strip without text so many line heights wide may part columns.
_GUTTER_HEIGHTS = 1.0
#: Prose: so many lines on each side, and half of them wider than so many heights. What is not is a table, read by rows.
_LEAST_LINES, _PROSE_HEIGHTS = 4, 9.0
#: Lines whose middles are nearer than so many heights stand side by side.
_SAME_ROW_HEIGHTS = 0.5
#: Lines at least so many heights wide tell how the page is tilted.
_TELLING_HEIGHTS = 4.0
_DEEP = 12

#: Lines side by side, from left to right.
Row = tuple[Line, ...]


@dataclass(frozen=True)
class _Box:
    line: Line
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def skew_degrees(page: PageText) -> float:
    """How the lines are tilted, clockwise positive, from -45 to 45; 0 where no line tells."""
    angles = []
    for line in page.lines:
        top_left, top_right, bottom_right, bottom_left = line.quad
        along = (top_right - top_left + bottom_right - bottom_left) / 2
        if np.hypot(*along) > _TELLING_HEIGHTS * np.hypot(*(bottom_left - top_left)) and abs(along[0]) > abs(along[1]):
            angles.append(degrees(atan2(along[1], along[0])))
    return float(np.median(angles)) if angles else 0.0


def rows_of(page: PageText) -> list[Row]:
    """The lines of a page as rows in reading order."""
    angle = np.radians(-skew_degrees(page))
    cosine, sine = np.cos(angle), np.sin(angle)
    level = np.array([[cosine, -sine], [sine, cosine]])
    return _ordered([_box(line, line.quad @ level.T) for line in page.lines], _DEEP)


def _box(line: Line, quad: Quad) -> _Box:
    (left, top), (right, bottom) = quad.min(0), quad.max(0)
    return _Box(line, float(left), float(top), float(right), float(bottom))


def _ordered(boxes: list[_Box], deep: int) -> list[Row]:
    """Cut at gutters between columns of prose where there are any, else at the first gap that frees one."""
    if deep and len(boxes) >= 2 * _LEAST_LINES:
        if parts := _columns(boxes):
            return [row for part in parts for row in _ordered(part, deep - 1)]
        for above, below in _cuts(boxes):
            if _columns(above) or _columns(below):
                return [*_ordered(above, deep - 1), *_ordered(below, deep - 1)]
    return _rows(boxes)


def _columns(boxes: list[_Box]) -> list[list[_Box]] | None:
    height = float(np.median([box.height for box in boxes])) if boxes else 0.0
    reach, ordered = -np.inf, sorted(boxes, key=lambda box: box.left)
    for index, box in enumerate(ordered):
        if box.left - reach > _GUTTER_HEIGHTS * height and index:
            left, right = ordered[:index], ordered[index:]
            if _is_prose(left, height) and _is_prose(right, height):
                return [left, right]
        reach = max(reach, box.right)
    return None


def _is_prose(boxes: Sequence[_Box], height: float) -> bool:
    if len(boxes) < _LEAST_LINES:
        return False
    return float(np.median([box.right - box.left for box in boxes])) > _PROSE_HEIGHTS * height


def _cuts(boxes: list[_Box]) -> list[tuple[list[_Box], list[_Box]]]:
    """The ways to cut the lines between two rows, those around the widest gaps first."""
    ordered = sorted(boxes, key=lambda box: box.top)
    reach, gaps = -np.inf, []
    for index, box in enumerate(ordered):
        if index and box.top > reach:
            gaps.append((box.top - reach, index))
        reach = max(reach, box.bottom)
    return [(ordered[:index], ordered[index:]) for _, index in sorted(gaps, reverse=True)]


def _rows(boxes: list[_Box]) -> list[Row]:
    rows: list[list[_Box]] = []
    for box in sorted(boxes, key=lambda box: box.middle):
        if rows and _beside(rows[-1], box):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [tuple(box.line for box in sorted(row, key=lambda box: box.left)) for row in rows]


def _beside(row: list[_Box], box: _Box) -> bool:
    middle = float(np.mean([other.middle for other in row]))
    height = min(box.height, float(np.mean([other.height for other in row])))
    overlap = any(min(other.right, box.right) - max(other.left, box.left) > height for other in row)
    return abs(box.middle - middle) < _SAME_ROW_HEIGHTS * height and not overlap

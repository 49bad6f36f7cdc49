"""Which parts of a page must go, and whether a thing on it lies there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.file_ops.protection.content.geometry import Point, Rect

#: A glyph under a rectangle that a person drew goes when at least this share of it is covered. What is covered less
#: can be read beside the box anyway.
SHARE_UNDER_DRAWN_BOX = 0.2
#: Beside a match stand letters whose slanted or kerned parts reach over; they stay.
SHARE_UNDER_MATCH = 0.5
#: Points per side of the grid on which the covered share of a glyph is measured.
_GRID = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """One glyph where a page shows it."""

    text: str
    origin: Point
    #: Its cell: advance by ascent and descent; counter-clockwise from the start of the base line.
    quad: tuple[Point, Point, Point, Point]
    rect: Rect
    #: Height of the font in points of the page.
    size: float


@dataclass(frozen=True)
class Area:
    """A rectangle to clear, and the share of a glyph that must lie in it for the glyph to go."""

    rect: Rect
    share: float = SHARE_UNDER_DRAWN_BOX


class Areas:
    """All rectangles to clear on one page."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._areas = list(areas)
        rects = [area.rect for area in self._areas]
        self._hull = Rect.around(corner for rect in rects for corner in rect.corners) if rects else None

    def __bool__(self) -> bool:
        return bool(self._areas)

    def meeting(self, rect: Rect) -> list[Rect]:
        """The rectangles that this one meets."""
        if self._hull is None or not self._hull.meets(rect):
            return []
        return [area.rect for area in self._areas if area.rect.meets(rect)]

    def takes(self, glyph: Placed) -> bool:
        """Whether a glyph lies under one of the rectangles."""
        if self._hull is None or not self._hull.meets(glyph.rect):
            return False
        return any(area.rect.meets(glyph.rect) and _covers(area, glyph) for area in self._areas)


def _covers(area: Area, glyph: Placed) -> bool:
    if area.rect.holds(glyph.rect.center):
        return True
    start, along, _, up = glyph.quad
    inside = 0
    for row in range(_GRID):
        v = (row + 0.5) / _GRID
        for column in range(_GRID):
            u = (column + 0.5) / _GRID
            inside += area.rect.holds(
                (
                    start[0] + u * (along[0] - start[0]) + v * (up[0] - start[0]),
                    start[1] + u * (along[1] - start[1]) + v * (up[1] - start[1]),
                )
            )
    return inside >= area.share * _GRID * _GRID

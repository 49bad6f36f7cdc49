"""How a page is seen: its size upright, and the way from what is seen to the page's own coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Matrix

from shared.pdf.inheritance import inherited

#: A page without a usable box is shown as US Letter by every viewer.
_LETTER = (0.0, 0.0, 612.0, 792.0)
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PageView:
    """A page as a reader sees it: width to the right, height upwards, from its lower left corner, in points."""

    width_points: float
    height_points: float
    #: From points as seen to the page's coordinates; turns, moves and scales, so that marks stand upright.
    to_page: Matrix

    @classmethod
    def of(cls, page: pikepdf.Page) -> PageView:
        """The view of a page: CropBox within MediaBox, turned by Rotate, scaled by UserUnit (ISO 32000-2, 8.3.2.3)."""
        left, bottom, right, top = visible_box(page)
        unit = _user_unit(page.obj)
        width, height, k = (right - left) * unit, (top - bottom) * unit, 1 / unit
        turn = rotation(page)
        if turn == 90:
            return cls(height, width, Matrix(0, k, -k, 0, right, bottom))
        if turn == 180:
            return cls(width, height, Matrix(-k, 0, 0, -k, right, top))
        if turn == 270:
            return cls(height, width, Matrix(0, -k, k, 0, left, top))
        return cls(width, height, Matrix(k, 0, 0, k, left, bottom))


def visible_box(page: pikepdf.Page) -> Box:
    """What of the page is shown, in its own coordinates: left, bottom, right, top."""
    media = _box(inherited(page.obj, "/MediaBox")) or _LETTER
    crop = _box(inherited(page.obj, "/CropBox"))
    if crop is None:
        return media
    both = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    return both if both[0] < both[2] and both[1] < both[3] else media


def rotation(page: pikepdf.Page) -> int:
    """How far viewers turn the page with the clock: 0, 90, 180 or 270 degrees."""
    turn = inherited(page.obj, "/Rotate")
    try:
        return round(float(turn) / 90) * 90 % 360
    except (TypeError, ValueError, OverflowError):
        return 0


def _box(box: Any) -> Box | None:
    try:
        if not isinstance(box, Array) or len(box) != 4:
            return None
        x0, y0, x1, y1 = (float(corner) for corner in box)
    except (TypeError, ValueError):
        return None
    left, right, bottom, top = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    return (left, bottom, right, top) if left < right and bottom < top else None


def _user_unit(page: Any) -> float:
    try:
        unit = float(page.get("/UserUnit", 1))
    except (TypeError, ValueError):
        return 1.0
    return unit if unit > 0 else 1.0

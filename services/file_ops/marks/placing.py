"""Where a mark stands: anchors, turned rectangles, and the matrix that puts a mark there."""

from __future__ import annotations

import math

from pikepdf import Matrix

from services.file_ops.contracts.marks import Placed, Position
from services.file_ops.marks.page_view import PageView

_SMALLEST_PART = 0.1


def turned_size(width: float, height: float, degrees: float) -> tuple[float, float]:
    """Width and height of the upright box around a rectangle that is turned."""
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    return width * cosine + height * sine, width * sine + height * cosine


def room(view: PageView, margin_points: float) -> tuple[float, float]:
    """Width and height within the margin; of a page that has no room for it, a tenth."""
    return (
        max(view.width_points - 2 * margin_points, view.width_points * _SMALLEST_PART),
        max(view.height_points - 2 * margin_points, view.height_points * _SMALLEST_PART),
    )


def scale_to_fit(width: float, height: float, degrees: float, view: PageView, margin_points: float) -> float:
    """The factor that makes a turned rectangle fill the page within its margin."""
    turned = turned_size(width, height, degrees)
    space = room(view, margin_points)
    return min(space[0] / max(turned[0], 1e-6), space[1] / max(turned[1], 1e-6))


def place(
    view: PageView, position: Position, placed: Placed, width: float, height: float, scale: float, degrees: float
) -> Matrix:
    """The matrix from a mark's own rectangle (0, 0, width, height) to the page's coordinates.

    The mark is scaled and turned; the upright box around it then stands at its position on the page as seen.
    """
    box_width, box_height = turned_size(width * scale, height * scale, degrees)
    x, y = _centre(view, position, placed.margin_points, box_width, box_height)
    about_centre = Matrix(1, 0, 0, 1, -width / 2, -height / 2) @ Matrix(scale, 0, 0, scale, 0, 0)
    moved = Matrix(1, 0, 0, 1, x + placed.offset_x_points, y + placed.offset_y_points)
    return about_centre @ turned(degrees) @ moved @ view.to_page


def turned(degrees: float) -> Matrix:
    """The matrix of a turn against the clock, exact for quarter turns."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    if degrees % 90 == 0:
        sine, cosine = float(round(sine)), float(round(cosine))
    return Matrix(cosine, sine, -sine, cosine, 0, 0)


def _centre(view: PageView, position: Position, margin: float, width: float, height: float) -> tuple[float, float]:
    words = position.value.split("-")
    x, y = view.width_points / 2, view.height_points / 2
    if "left" in words:
        x = margin + width / 2
    if "right" in words:
        x = view.width_points - margin - width / 2
    if "bottom" in words:
        y = margin + height / 2
    if "top" in words:
        y = view.height_points - margin - height / 2
    return x, y

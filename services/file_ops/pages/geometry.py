"""Numbers, boxes and matrices of PDF pages: read them however malformed, move them, write them short."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from pikepdf import Array, Matrix

#: Left, bottom, right, top.
Box = tuple[float, float, float, float]

_ROUNDING = Decimal("0.001")


def moved_box(matrix: Matrix, box: Box) -> Box:
    """The box around a moved box."""
    left, bottom, right, top = box
    corners = [matrix.transform(point) for point in ((left, bottom), (left, top), (right, bottom), (right, top))]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def scale_of(matrix: Matrix) -> float:
    """How much longer lines become."""
    return math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))


def number(value: Any) -> float | None:
    """A number of a PDF; None for what is none."""
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def numbers(array: Any, count: int | None = None) -> list[float] | None:
    """The numbers of an array; None where it is none, holds something else, or has another length."""
    if not isinstance(array, Array) or (count is not None and len(array) != count):
        return None
    found = [number(value) for value in array]
    return None if any(value is None for value in found) else [value for value in found if value is not None]


def rounded(values: Any) -> Array:
    """An array of numbers to a thousandth of a point."""
    return Array([short(value) for value in values])


def as_array(matrix: Matrix) -> Array:
    """The six numbers of a matrix."""
    return Array([Decimal(f"{value:.6f}") for value in matrix.shorthand])


def short(value: float) -> Decimal:
    """A number to a thousandth of a point."""
    return Decimal(value).quantize(_ROUNDING).normalize() + 0

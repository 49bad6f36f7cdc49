"""Matrices, rectangles and quadrilaterals of a page, in points of its user space."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
UNIT_SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def times(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies `inner` first."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def inverse(matrix: Matrix) -> Matrix | None:
    """The inverse, or None where the matrix flattens the plane."""
    a, b, c, d, e, f = matrix
    determinant = a * d - b * c
    if abs(determinant) < 1e-12:
        return None
    a, b, c, d = d / determinant, -b / determinant, -c / determinant, a / determinant
    return (a, b, c, d, -(e * a + f * c), -(e * b + f * d))


def at(matrix: Matrix, point: Point) -> Point:
    """Where `matrix` takes a point."""
    a, b, c, d, e, f = matrix
    x, y = point
    return (a * x + c * y + e, b * x + d * y + f)


def matrix_of(values: Any, default: Matrix = IDENTITY) -> Matrix:
    """Six PDF numbers as a matrix; `default` for anything else."""
    try:
        a, b, c, d, e, f = (float(value) for value in values)
    except (TypeError, ValueError):
        return default
    return (a, b, c, d, e, f)


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle: left <= right, bottom <= top."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, points: Iterable[Point]) -> Rect:
        """The smallest rectangle that holds all points."""
        xs, ys = zip(*points, strict=True)
        return cls(min(xs), min(ys), max(xs), max(ys))

    @classmethod
    def of(cls, values: Any) -> Rect | None:
        """A PDF rectangle, whichever corners it names; None for anything else."""
        try:
            a, b, c, d = (float(value) for value in values)
        except (TypeError, ValueError):
            return None
        return cls(min(a, c), min(b, d), max(a, c), max(b, d))

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Counter-clockwise from the lower left."""
        return (self.left, self.bottom), (self.right, self.bottom), (self.right, self.top), (self.left, self.top)

    @property
    def center(self) -> Point:
        """The middle."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def holds(self, point: Point) -> bool:
        """Whether a point lies inside or on the edge."""
        return self.left <= point[0] <= self.right and self.bottom <= point[1] <= self.top

    def meets(self, other: Rect) -> bool:
        """Whether the two share more than an edge; a flat rectangle meets what it runs through."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        ) or (
            (self.left == self.right or self.bottom == self.top)
            and self.left <= other.right
            and other.left <= self.right
            and self.bottom <= other.top
            and other.bottom <= self.top
        )

    def grown(self, by_points: float) -> Rect:
        """Larger on all sides; smaller for a negative number, never inside out."""
        x, y = self.center
        return Rect(
            min(self.left - by_points, x),
            min(self.bottom - by_points, y),
            max(self.right + by_points, x),
            max(self.top + by_points, y),
        )

    def through(self, matrix: Matrix) -> Rect:
        """The rectangle around this one once `matrix` has moved it."""
        return Rect.around(at(matrix, corner) for corner in self.corners)

"""Places of lines and words: their size, and parts of them."""

from __future__ import annotations

import numpy as np

from services.ocr.engines.protocol import Quad


def size_of(quad: Quad) -> tuple[float, float]:
    """Width and height of a place, along its own sides."""
    top, right, bottom, left = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    return float(max(top, bottom)), float(max(left, right))


def within(quad: Quad, extent: tuple[float, float, float, float]) -> Quad:
    """The part of a place between shares of its length and height: left, top, right, bottom."""
    left, top, right, bottom = extent
    top_left, top_right, bottom_right, bottom_left = quad

    def at(along: float, down: float) -> Quad:
        above, below = top_left + along * (top_right - top_left), bottom_left + along * (bottom_right - bottom_left)
        return np.asarray(above + down * (below - above), np.float32)

    return np.stack([at(left, top), at(right, top), at(right, bottom), at(left, bottom)])


def part_of(quad: Quad, left: float, right: float) -> Quad:
    """The stretch of a place between two shares of its length."""
    return within(quad, (left, 0.0, right, 1.0))

"""Tiling patterns: what of their cells falls under the rectangles goes from the cell, and so from every tile."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pikepdf import Stream

from services.file_ops.protection.content.geometry import Matrix, Rect, inverse, matrix_of, times

if TYPE_CHECKING:
    from services.file_ops.protection.content.walk import Walk

#: Rectangles that cover more tiles than this clear text from wherever they fall in the first ones.
_MOST_TILES = 64
#: A cell that repeats more often under one rectangle is a texture: its pictures and lines stay, its text goes.
_TEXTURE_TILES = 4


def erased(walk: Walk, pattern: Any, base: Matrix, inherited: Any, depth: int) -> Stream | None:
    """A copy of the pattern without what lies under the rectangles, or None where nothing does."""
    box = Rect.of(pattern.get("/BBox"))
    matrix = times(matrix_of(pattern.get("/Matrix")), base)
    back = inverse(matrix)
    if box is None or back is None:
        return None
    if not walk.eraser.areas:
        return walk.form(pattern, matrix, inherited, depth + 1)
    step_x = abs(float(pattern.get("/XStep", 0))) or (box.right - box.left) or 1.0
    step_y = abs(float(pattern.get("/YStep", 0))) or (box.top - box.bottom) or 1.0
    tiles = _tiles(walk, box, back, step_x, step_y)
    current: Any = pattern
    for column, row in tiles[:_MOST_TILES]:
        placed = times((1.0, 0.0, 0.0, 1.0, column * step_x, row * step_y), matrix)
        current = walk.form(current, placed, inherited, depth + 1, drawings=len(tiles) <= _TEXTURE_TILES) or current
    return None if current is pattern else current


def _tiles(walk: Walk, box: Rect, back: Matrix, step_x: float, step_y: float) -> list[tuple[int, int]]:
    """Columns and rows of the tiles that meet a rectangle."""
    everywhere = Rect(-1e9, -1e9, 1e9, 1e9)
    found: dict[tuple[int, int], None] = {}
    for rect in walk.eraser.areas.meeting(everywhere):
        there = rect.through(back)
        columns = range(math.ceil((there.left - box.right) / step_x), math.floor((there.right - box.left) / step_x) + 1)
        rows = range(math.ceil((there.bottom - box.top) / step_y), math.floor((there.top - box.bottom) / step_y) + 1)
        for column in columns[: _MOST_TILES + 1]:
            for row in rows[: _MOST_TILES + 1]:
                found[column, row] = None
        if len(found) > _MOST_TILES:
            break
    return list(found)

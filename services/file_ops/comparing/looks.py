"""Pixel by pixel: where two versions of a page look different, smoothed edges apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2

from services.file_ops.protection.content.geometry import Rect
from shared.errors import TooComplex

#: A larger page is looked at in a lower resolution.
_MAX_RASTER_PIXELS = 4_000_000
#: Side of the squares that differences are gathered in, in pixels, and the fewest pixels that make one differ.
_CELL_PIXELS, _FEWEST_PIXELS = 8, 2

#: Rows, columns, and red, green, blue from 0 to 255.
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Difference:
    """Where two pages look different."""

    changed_pixels: int
    pixels: int
    #: Rectangles on the shown page, in points from its upper left corner.
    places: list[Rect]


def compare_looks(first: Any, second: Any, dpi: int, tolerance: int) -> Difference:
    """Render two pages of pdfium and compare them.

    A pixel differs when its colour lies outside of what the other page shows in the 3 x 3 pixels around it, by more
    than `tolerance` levels: edges that moved by less than a pixel are no difference.

    Raises:
        TooComplex: a page cannot be rendered.
    """
    sizes = [page.get_size() for page in (first, second)]
    width, height = (max(size[axis] for size in sizes) for axis in (0, 1))
    scale = min(dpi / 72, (_MAX_RASTER_PIXELS / max(width * height, 1.0)) ** 0.5)
    shape = max(1, round(width * scale)), max(1, round(height * scale))
    pictures = [_on_canvas(page, scale, shape) for page in (first, second)]
    if np.array_equal(pictures[0], pictures[1]):
        return Difference(0, shape[0] * shape[1], [])
    differs = _outside(pictures[0], pictures[1], tolerance) | _outside(pictures[1], pictures[0], tolerance)
    places = [
        Rect(left / scale, top / scale, right / scale, bottom / scale) for left, top, right, bottom in _boxes(differs)
    ]
    return Difference(int(differs.sum()) if places else 0, differs.size, places)


def _on_canvas(page: Any, scale: float, shape: tuple[int, int]) -> Pixels:
    """A page on white paper of the size of the larger one."""
    try:
        picture = page.render(scale=scale, rev_byteorder=True).to_numpy()[..., :3]
    except (pypdfium2.PdfiumError, MemoryError) as error:
        raise TooComplex("A page cannot be rendered.") from error
    canvas = np.full((shape[1], shape[0], 3), 255, np.uint8)
    height, width = min(shape[1], picture.shape[0]), min(shape[0], picture.shape[1])
    canvas[:height, :width] = picture[:height, :width]
    return canvas


def _outside(picture: Pixels, other: Pixels, tolerance: int) -> npt.NDArray[np.bool_]:
    """Where a picture is darker or lighter than all that the other one shows around the same place."""
    shown = picture.astype(np.int16)
    low, high = _around(other, np.minimum).astype(np.int16), _around(other, np.maximum).astype(np.int16)
    return np.asarray(((shown < low - tolerance) | (shown > high + tolerance)).any(axis=2))


def _around(pixels: Pixels, extreme: np.ufunc) -> Pixels:
    """The smallest or largest level in the 3 x 3 pixels around each one."""
    rows = pixels.copy()
    extreme(rows[1:], pixels[:-1], out=rows[1:])
    extreme(rows[:-1], pixels[1:], out=rows[:-1])
    both = rows.copy()
    extreme(both[:, 1:], rows[:, :-1], out=both[:, 1:])
    extreme(both[:, :-1], rows[:, 1:], out=both[:, :-1])
    return both


def _boxes(differs: npt.NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """Rectangles in pixels around groups of neighbouring squares that differ."""
    rows, columns = (-(-side // _CELL_PIXELS) for side in differs.shape)
    padded = np.zeros((rows * _CELL_PIXELS, columns * _CELL_PIXELS), bool)
    padded[: differs.shape[0], : differs.shape[1]] = differs
    counts = padded.reshape(rows, _CELL_PIXELS, columns, _CELL_PIXELS).sum(axis=(1, 3))
    waiting = {(int(row), int(column)) for row, column in np.argwhere(counts >= _FEWEST_PIXELS)}
    boxes: list[tuple[int, int, int, int]] = []
    while waiting:
        group, edge = [], [waiting.pop()]
        while edge:
            row, column = edge.pop()
            group.append((row, column))
            # Two squares apart is still one difference: the letters of a word.
            near = {(row + down, column + right) for down in (-1, 0, 1) for right in (-2, -1, 0, 1, 2)} & waiting
            waiting -= near
            edge += near
        tops, lefts = [row for row, _ in group], [column for _, column in group]
        left, top, right, bottom = min(lefts), min(tops), max(lefts) + 1, max(tops) + 1
        boxes.append((left * _CELL_PIXELS, top * _CELL_PIXELS, right * _CELL_PIXELS, bottom * _CELL_PIXELS))
    return sorted(boxes, key=lambda box: (box[1], box[0]))

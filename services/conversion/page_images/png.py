"""Writes PNG files of page images, row band by row band: gray, palette and one-bit pages are found and stored as such.

Ten to twenty times as fast as the usual encoders at no more bytes: deflate comes from isal, filters from numpy.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

from services.conversion.page_images.colors import Painted, paint

Rows = npt.NDArray[np.uint8]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Rows that are filtered and deflated at once: small enough for the processor's cache.
_BAND_ROWS = 64
#: So many samples of so many rows are deflated on trial to choose the filter.
_SAMPLES, _SAMPLE_ROWS = 10, 6
#: Level 2 of isal's 0 to 3: level 3 takes four times as long and is no smaller on pages.
_LEVEL = 2
#: The Paeth predictor costs several times as much as the others, so that it has to gain something.
_PAETH_MUST_SAVE = 0.01
_METRES_PER_INCH = 0.0254
#: zlib takes five times as long as isal.
_ZLIB_MUST_SAVE = 0.1
# Colour types of PNG (W3C PNG, 11.2.1) by samples per pixel; a palette has one of its own.
_COLOR_TYPES = {1: 0, 3: 2, 4: 6}
_PALETTE_TYPE = 3


def write_png(target: BinaryIO, pixels: Rows, dpi: float) -> str:
    """Write pixels of rows x columns (gray), or x 3 (red, green, blue), or x 4 (and alpha); return how they are kept.

    The answer is `bitonal`, `gray`, `palette`, `rgb` or `rgba`: always the smallest that keeps every pixel.
    """
    painted = paint(pixels)
    height, width = pixels.shape[:2]
    target.write(_SIGNATURE)
    color_type = _PALETTE_TYPE if painted.palette is not None else _COLOR_TYPES[painted.samples]
    _chunk(target, b"IHDR", struct.pack(">IIBBBBB", width, height, painted.bits, color_type, 0, 0, 0))
    per_metre = round(dpi / _METRES_PER_INCH)
    _chunk(target, b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
    if painted.palette is not None:
        _chunk(target, b"PLTE", painted.palette.tobytes())
    number = _best_filter(painted, height)
    deflater = _best_deflater(painted, height, number)
    for filtered in _filtered_bands(painted, height, number):
        _data_chunk(target, deflater.compress(filtered))
    _data_chunk(target, deflater.flush())
    _chunk(target, b"IEND", b"")
    return painted.kind


def _chunk(target: BinaryIO, name: bytes, data: bytes) -> None:
    target.write(struct.pack(">I", len(data)) + name)
    target.write(data)
    target.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(name))))


def _data_chunk(target: BinaryIO, data: bytes) -> None:
    if data:
        _chunk(target, b"IDAT", data)


def _filtered_bands(painted: Painted, height: int, number: int) -> Iterator[memoryview]:
    """Rows with the byte before each that names its filter (W3C PNG, 9)."""
    above: Rows | None = None
    for top in range(0, height, _BAND_ROWS):
        rows = painted.rows(top, min(top + _BAND_ROWS, height))
        out = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
        out[:, 0] = number
        _FILTERS[number](rows, np.zeros_like(rows[:1]) if above is None else above, painted.samples, out[:, 1:])
        above = rows[-1:]
        yield out.data


def _best_filter(painted: Painted, height: int) -> int:
    """The one filter that makes samples of rows smallest: several in one image spoil the repetitions deflate finds."""
    if painted.bits < 8 or painted.palette is not None:
        return 0
    sizes = {number: _sample_bytes(painted, height, number, isal_zlib.compressobj(1)) for number in _FILTERS}
    sizes[_PAETH] *= 1 + _PAETH_MUST_SAVE
    return min(sizes, key=sizes.__getitem__)


def _best_deflater(painted: Painted, height: int, number: int) -> Any:
    """isal, but where zlib gains much: it finds that text in colour says each gray three times."""
    quick = isal_zlib.compressobj(_LEVEL)
    if painted.samples != 3 or number != 0:
        return quick
    small_bytes = _sample_bytes(painted, height, number, zlib.compressobj(1))
    quick_bytes = _sample_bytes(painted, height, number, quick)
    gains = small_bytes < quick_bytes * (1 - _ZLIB_MUST_SAVE)
    return zlib.compressobj(1) if gains else isal_zlib.compressobj(_LEVEL)


def _sample_bytes(painted: Painted, height: int, number: int, deflater: Any) -> float:
    """What samples of rows take."""
    size = 0.0
    for place in range(_SAMPLES):
        top = height * place // _SAMPLES
        rows = painted.rows(top, min(top + _SAMPLE_ROWS + 1, height))
        out = np.empty_like(rows[1:])
        _FILTERS[number](rows[1:], rows[:1], painted.samples, out)
        size += len(deflater.compress(out.data))
    return size + len(deflater.flush())


def _none(rows: Rows, above: Rows, step: int, out: Rows) -> None:
    out[:] = rows


def _sub(rows: Rows, above: Rows, step: int, out: Rows) -> None:
    out[:, :step] = rows[:, :step]
    np.subtract(rows[:, step:], rows[:, :-step], out=out[:, step:])


def _up(rows: Rows, above: Rows, step: int, out: Rows) -> None:
    np.subtract(rows[:1], above, out=out[:1])
    np.subtract(rows[1:], rows[:-1], out=out[1:])


def _average(rows: Rows, above: Rows, step: int, out: Rows) -> None:
    upper = np.concatenate((above, rows[:-1]))
    left, up = rows[:, :-step], upper[:, step:]
    np.subtract(rows[:, :step], upper[:, :step] >> np.uint8(1), out=out[:, :step])
    # Half of the sum without its ninth bit: what both have, and half of what one has.
    np.subtract(rows[:, step:], (left & up) + ((left ^ up) >> np.uint8(1)), out=out[:, step:])


def _paeth(rows: Rows, above: Rows, step: int, out: Rows) -> None:
    """Predict from left, above or above left, whichever is nearest to left + above - above left; in bytes only."""
    upper = np.concatenate((above, rows[:-1]))
    _up(rows, above, step, out)
    left, up, corner = rows[:, :-step], upper[:, step:], upper[:, :-step]
    # The distances to left and above are |up - corner| and |left - corner|. The one to the corner is their sum where
    # both differ from it in the same direction, and then never the least; else their difference.
    to_left = np.maximum(up, corner) - np.minimum(up, corner)
    to_up = np.maximum(left, corner) - np.minimum(left, corner)
    apart = np.maximum(to_left, to_up) - np.minimum(to_left, to_up)
    one_way = (up >= corner) == (left >= corner)
    to_corner = apart | np.negative(one_way.view(np.uint8))
    nearest = np.where(to_up <= to_corner, up, corner)
    predicted = np.where((to_left <= to_up) & (to_left <= to_corner), left, nearest)
    np.subtract(rows[:, step:], predicted, out=out[:, step:])


_PAETH = 4
_FILTERS: dict[int, Callable[[Rows, Rows, int, Rows], None]] = {0: _none, 1: _sub, 2: _up, 3: _average, _PAETH: _paeth}

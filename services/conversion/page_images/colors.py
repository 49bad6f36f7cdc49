"""Finds the least that keeps every pixel of a page image: one bit, gray, a palette, or colours as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint32]

_BAND_ROWS = 128
_MOST_COLORS = 256
#: Every so many rows are looked at before all are.
_SAMPLE_STEP = 16
#: Knuth's multiplier: spreads the 24 bits of a colour over the upper 16 of 32.
_SPREAD = np.uint32(2654435761)
#: No colour has more than 24 bits.
_NO_COLOR = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True)
class Painted:
    """An image and the way in which its rows are stored."""

    kind: str
    pixels: Pixels
    samples: int
    bits: int
    #: Up to 256 colours (rows of red, green, blue); `pixels` are then places in it.
    palette: Pixels | None = None

    def rows(self, top: int, bottom: int) -> Pixels:
        """Rows `top` to `bottom` as they are stored, bytes side by side."""
        band = self.pixels[top:bottom]
        if self.bits == 1:
            return np.packbits(band if self.palette is not None else band >> 7, axis=1)
        if self.bits == 4:
            even = band if band.shape[1] % 2 == 0 else np.pad(band, ((0, 0), (0, 1)))
            nibbles: Pixels = (even[:, 0::2] << np.uint8(4)) | even[:, 1::2]
            return nibbles
        if band.ndim == 3:
            return np.ascontiguousarray(band[..., : self.samples]).reshape(len(band), -1)
        return np.ascontiguousarray(band)


def paint(pixels: Pixels, *, palettes: bool = True) -> Painted:
    """Choose for pixels of rows x columns (gray), or x 3 (red, green, blue), or x 4 (and alpha)."""
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        if not (pixels[..., 3] == 255).all():
            return Painted("rgba", pixels, 4, 8)
        pixels = pixels[..., :3]
    if pixels.ndim == 2 or is_gray(pixels):
        plane = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 0])
        return Painted("bitonal", plane, 1, 1) if is_bitonal(plane) else Painted("gray", plane, 1, 8)
    if palettes and _has_few_colors(pixels) and (found := _indexed(pixels)) is not None:
        return found
    return Painted("rgb", pixels, 3, 8)


def is_gray(pixels: Pixels) -> bool:
    """Whether red, green and blue are equal in every pixel."""
    for band in _bands(pixels):
        if (band[..., 0] != band[..., 1]).any() or (band[..., 0] != band[..., 2]).any():
            return False
    return True


def is_bitonal(plane: Pixels) -> bool:
    """Whether every pixel is black or white."""
    # 255 and 0 are the two values of which the next one, in a byte, is 0 or 1.
    return not any((band + np.uint8(1) > 1).any() for band in _bands(plane))


def _bands(pixels: Pixels) -> Iterator[Pixels]:
    return (pixels[top : top + _BAND_ROWS] for top in range(0, len(pixels), _BAND_ROWS))


def _has_few_colors(pixels: Pixels) -> bool:
    """Whether a palette may hold them all; exact but for rare collisions, and it ends where there are too many."""
    seen = np.zeros(1 << 16, bool)
    # Pages with too many colours show it in a few rows: these come first.
    for rows in (pixels[::_SAMPLE_STEP], *_bands(pixels)):
        seen[_places(_words(rows))] = True
        if np.count_nonzero(seen) > _MOST_COLORS:
            return False
    return True


def _words(rows: Pixels) -> _Words:
    red, green, blue = (rows[..., channel].astype(np.uint32) for channel in range(3))
    words: _Words = red | green << np.uint32(8) | blue << np.uint32(16)
    return words


def _places(words: _Words) -> _Words:
    places: _Words = (words * _SPREAD) >> np.uint32(16)
    return places


def _indexed(pixels: Pixels) -> Painted | None:
    """The image by places in a palette; None when two of its colours share a hash."""
    owner = np.full(1 << 16, _NO_COLOR)
    for band in _bands(pixels):
        words = _words(band)
        places = _places(words)
        former = owner[places]
        owner[places] = words
        if ((former != words) & (former != _NO_COLOR)).any() or (owner[places] != words).any():
            return None
    used = np.flatnonzero(owner != _NO_COLOR)
    number = np.zeros(1 << 16, np.uint8)
    number[used] = np.arange(len(used))
    numbers = np.concatenate([number[_places(_words(band))] for band in _bands(pixels)])
    palette = owner[used].astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3]
    bits = 1 if len(used) <= 2 else 4 if len(used) <= 16 else 8
    return Painted("palette", numbers, 1, bits, np.ascontiguousarray(palette))

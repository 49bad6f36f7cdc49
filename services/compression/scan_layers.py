"""Take a scanned page apart: which pixels are ink, what colour the ink has, and the paper behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Bits = npt.NDArray[np.uint8]

#: Resolution of the ink's edges. Scans below `_ENLARGE_BELOW_DPI` are enlarged, because one bit at their own
#: resolution would show steps.
INK_DPI = 300
_ENLARGE_BELOW_DPI = 200
#: Paper is stored at a quarter of the ink's resolution, the ink's colour at a twelfth.
PAPER_FACTOR = 4
COLOUR_FACTOR = 12

#: Sauvola and Pietikainen 2000: window of 0.2 inch, k = 0.3, R = 128. The spread is the mean absolute deviation,
#: which is 0.8 of the standard deviation for the noise of paper.
_WINDOW_IN = 0.2
_K = 0.30
_R = 128.0
_DEVIATION_TO_SPREAD = 1.25
#: Where levels vary less than this there is only paper.
_FLAT_SPREAD = 9.0
#: Ink needs this many dark pixels among its 5 x 5 neighbours, or it is dust.
_DUST_BELOW_PIXELS = 5
#: A cell of paper is known when at least this share of it is free of ink.
_KNOWN_SHARE = 0.05
_BAND_ROWS = 240


@dataclass(frozen=True)
class Layers:
    """A page as paper, ink and the ink's colour; each covers the whole page."""

    ink: Bits
    paper: Image.Image
    colour: Image.Image
    dpi: float

    @property
    def ink_share(self) -> float:
        """The share of the page that is ink."""
        return float(self.ink.mean())


def separate(page: Image.Image, dpi: float) -> Layers:
    """Split a page in mode L or RGB of `dpi` into its layers, at most `INK_DPI` for the ink."""
    scale = INK_DPI / dpi if dpi > INK_DPI or dpi < _ENLARGE_BELOW_DPI else 1.0
    if scale != 1.0:
        size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
        page = page.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC, reducing_gap=2.0)
    ink_dpi = dpi * scale
    padded = _padded(page)
    ink = _find_ink(padded.convert("L"), ink_dpi)
    paper = _means(padded, 1 - _grown(ink, 2), PAPER_FACTOR)
    core = _shrunk(ink)
    if int(core.sum()) * 10 < int(ink.sum()):
        core = ink
    colour = _means(padded, core, COLOUR_FACTOR)
    ink = _at_half_depth(padded, ink, paper, colour)[: page.height, : page.width]
    paper, colour = (_fitted(layer, factor, page) for layer, factor in ((paper, PAPER_FACTOR), (colour, COLOUR_FACTOR)))
    return Layers(ink, paper, colour, ink_dpi)


def _fitted(layer: Image.Image, factor: int, page: Image.Image) -> Image.Image:
    """Take the padding off: renderers place an image by its outer pixels, so that all layers must have one box."""
    box = (0.0, 0.0, page.width / factor, page.height / factor)
    return layer.resize(layer.size, Image.Resampling.BILINEAR, box=box)


def _padded(page: Image.Image) -> Image.Image:
    """The page with sides that are multiples of the largest cell, its last pixels repeated."""
    right, bottom = -page.width % COLOUR_FACTOR, -page.height % COLOUR_FACTOR
    if not right and not bottom:
        return page
    padded = Image.new(page.mode, (page.width + right, page.height + bottom))
    padded.paste(page, (0, 0))
    if right:
        padded.paste(
            page.crop((page.width - 1, 0, page.width, page.height)).resize((right, page.height)), (page.width, 0)
        )
    if bottom:
        last = padded.crop((0, page.height - 1, padded.width, page.height))
        padded.paste(last.resize((padded.width, bottom)), (0, page.height))
    return padded


def _find_ink(gray: Image.Image, dpi: float) -> Bits:
    radius = max(1, round(dpi * _WINDOW_IN / 2))
    local_mean = gray.filter(ImageFilter.BoxBlur(radius))
    levels, means = np.asarray(gray), np.asarray(local_mean)
    deviation = np.where(levels > means, levels - means, means - levels)
    spread = np.asarray(Image.fromarray(deviation, "L").filter(ImageFilter.BoxBlur(radius)))
    ink = np.empty(levels.shape, np.uint8)
    for top in range(0, levels.shape[0], _BAND_ROWS):
        rows = slice(top, top + _BAND_ROWS)
        spreads = spread[rows] * np.float32(_DEVIATION_TO_SPREAD)
        threshold = means[rows] * (1 + _K * (spreads / _R - 1))
        ink[rows] = (levels[rows] < threshold) & (spreads > _FLAT_SPREAD)
    return _without_dust(ink)


def _at_half_depth(page: Image.Image, ink: Bits, paper: Image.Image, colour: Image.Image) -> Bits:
    """Move the edges of the ink to where the page is half way from paper to ink, so that strokes keep their weight.

    A threshold that finds ink well lies nearer to the paper, and draws it too bold.
    """
    levels = np.asarray(page.convert("L"))
    bright, dark = (
        np.asarray(layer.convert("L").resize(page.size, Image.Resampling.BILINEAR)) for layer in (paper, colour)
    )
    half = (bright >> 1) + (dark >> 1)
    refined: Bits = ((levels <= half) & (_grown(ink, 1) != 0)).astype(np.uint8)
    return refined


def _without_dust(ink: Bits) -> Bits:
    padded = np.pad(ink, 2)
    columns = padded[:, :-4] + padded[:, 1:-3] + padded[:, 2:-2] + padded[:, 3:-1] + padded[:, 4:]
    count = columns[:-4] + columns[1:-3] + columns[2:-2] + columns[3:-1] + columns[4:]
    seeds = (ink & (count >= _DUST_BELOW_PIXELS)).astype(np.uint8)
    return ink & _grown(seeds, 2)


def _grown(bits: Bits, by_px: int) -> Bits:
    for axis in (0, 1):
        out = bits.copy()
        for step in range(1, by_px + 1):
            ahead, behind = _shifts(axis, step)
            out[ahead] |= bits[behind]
            out[behind] |= bits[ahead]
        bits = out
    return bits


def _shrunk(bits: Bits) -> Bits:
    return 1 - _grown(1 - bits, 1)


def _shifts(axis: int, step: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    later, earlier, everything = slice(step, None), slice(None, -step), slice(None)
    if axis == 0:
        return (later, everything), (earlier, everything)
    return (everything, later), (everything, earlier)


def _means(page: Image.Image, chosen: Bits, factor: int) -> Image.Image:
    """Mean colour of the chosen pixels in each cell of `factor` pixels; cells without any take their neighbours'."""
    rows, columns = page.height // factor, page.width // factor
    channels = len(page.getbands())
    sums = np.empty((rows, columns, channels), np.float32)
    counts = np.empty((rows, columns, 1), np.float32)
    step = _BAND_ROWS // factor
    for top in range(0, rows, step):
        below = min(rows, top + step)
        weights = chosen[top * factor : below * factor]
        band = np.asarray(page.crop((0, top * factor, page.width, below * factor)))
        weighted = band.reshape(*weights.shape, channels) * weights[..., None]
        sums[top:below] = _cells(weighted, factor)
        counts[top:below] = _cells(weights[..., None], factor)
    known = counts >= max(1.0, _KNOWN_SHARE * factor * factor)
    filled = _filled(np.where(known, sums, 0), np.where(known, counts, 0))
    levels = np.clip(filled + 0.5, 0, 255).astype(np.uint8)
    return Image.fromarray(levels[..., 0] if channels == 1 else levels, page.mode)


def _cells(values: npt.NDArray[np.uint8], factor: int) -> npt.NDArray[np.uint32]:
    height, width, channels = values.shape
    rows = values.reshape(height // factor, factor, width, channels).sum(axis=1, dtype=np.uint32)
    cells: npt.NDArray[np.uint32] = rows.reshape(height // factor, width // factor, factor, channels).sum(axis=2)
    return cells


def _filled(sums: npt.NDArray[np.float32], counts: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Divide sums by counts; unknown cells take the mean of a square twice as large, again and again."""
    means = (sums / np.maximum(counts, 1)).astype(np.float32, copy=False)
    if counts.all() or max(counts.shape[:2]) == 1:
        return means
    height, width = counts.shape[:2]
    pad = ((0, height % 2), (0, width % 2), (0, 0))
    coarse = _filled(*(_halved(np.pad(values, pad)) for values in (sums, counts)))
    spread = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    filled: npt.NDArray[np.float32] = np.where(counts > 0, means, spread)
    return filled


def _halved(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    rows = values[0::2] + values[1::2]
    halved: npt.NDArray[np.float32] = rows[:, 0::2] + rows[:, 1::2]
    return halved

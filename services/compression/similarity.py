"""How alike two pictures look: structural similarity of luma, and the largest shift of a region's colour."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Luma = npt.NDArray[np.uint8]

#: Side of a window in pixels, and the distance from one window to the next. A step of half a window makes the
#: windows straddle the 8 x 8 blocks of JPEG, whose edges are where its damage shows.
_WINDOW = 8
_STEP = 4

# The constants of Wang, Bovik, Sheikh, Simoncelli 2004 for values from 0 to 255: (0.01 * 255)^2 and (0.03 * 255)^2.
_C1 = 6.5025
_C2 = 58.5225


def similarity(before: Luma, after: Luma) -> float:
    """Return the mean SSIM over windows of 8 x 8 pixels in steps of 4; 1.0 is identical.

    Source: Wang et al. 2004 with uniform windows, whose sums are shared by neighbours. Pictures that are smaller
    than one window are compared by their mean difference.

    Raises:
        ValueError: the pictures differ in size.
    """
    if before.shape != after.shape:
        raise ValueError(f"pictures of {before.shape} and {after.shape} cannot be compared")
    if min(before.shape) < _WINDOW:
        return 1.0 - float(np.abs(before.astype(np.int16) - after).mean()) / 255 if before.size else 1.0
    return float(_windows(before, after).mean())


def _windows(before: Luma, after: Luma) -> npt.NDArray[np.float32]:
    a, b = before.astype(np.float32), after.astype(np.float32)
    count = float(_WINDOW * _WINDOW)
    mean_a, mean_b = _sums(a) / count, _sums(b) / count
    square_a, square_b, product = mean_a * mean_a, mean_b * mean_b, mean_a * mean_b
    variance = _sums(a * a) / count + _sums(b * b) / count - square_a - square_b
    covariance = _sums(a * b) / count - product
    result: npt.NDArray[np.float32] = ((2 * product + _C1) * (2 * covariance + _C2)) / (
        (square_a + square_b + _C1) * (np.maximum(variance, 0) + _C2)
    )
    return result


def _sums(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Sums over windows: first over cells of one step, then over the two by two cells of a window."""
    height, width = (side // _STEP * _STEP for side in values.shape)
    rows = np.add.reduce(values[:height, :width].reshape(height // _STEP, _STEP, width), axis=1)
    cells = rows[:, 0::_STEP] + rows[:, 1::_STEP] + rows[:, 2::_STEP] + rows[:, 3::_STEP]
    pairs = cells[:-1] + cells[1:]
    windows: npt.NDArray[np.float32] = pairs[:, :-1] + pairs[:, 1:]
    return windows


def largest_shift(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8], side_px: int = 16) -> float:
    """Return the largest change of mean level, 0 to 255, of any square of `side_px` in any channel.

    An image that lost its mask, its inversion or its colour space shifts whole regions, which a mean SSIM over a
    page of white paper hides.
    """
    height, width = (side // side_px * side_px for side in before.shape[:2])
    if not height or not width:
        return 0.0
    difference = before[:height, :width].astype(np.float32) - after[:height, :width]
    squares = difference.reshape(height // side_px, side_px, width // side_px, side_px, -1).mean(axis=(1, 3))
    return float(np.abs(squares).max())


#: Ink is darker than the paper around it by at least this many levels.
_INK_CONTRAST = 50
#: A stroke has at least this share of the contrast of the page's darkest ink.
_STROKE_SHARE = 0.5
#: A stroke that keeps less than this share of its contrast can no longer be read.
_FAINT_SHARE = 0.4
#: Renderers draw the outermost pixels of a page in different ways.
_MARGIN_PIXELS = 4


def lost_stroke_share(before: Luma, after: Luma) -> float:
    """Return which share of the ink of a page of text has faded or gone, from 0 to 1.

    Mean similarity hardly sees it: hair lines and thin parts of letters are a small part of a page.
    """
    inner = (slice(_MARGIN_PIXELS, -_MARGIN_PIXELS),) * 2
    paper = Image.fromarray(before).filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.BoxBlur(6))
    light = np.asarray(paper)[inner].astype(np.int16)
    had, has = light - before[inner], light - after[inner]
    ink = had > _INK_CONTRAST
    if not ink.any():
        return 0.0
    # Strokes proper, without the grey pixels along their edges, which each renderer draws differently.
    ink = had > max(_INK_CONTRAST, _STROKE_SHARE * float(np.percentile(had[ink], 90)))
    return float((has[ink] < _FAINT_SHARE * had[ink]).mean())

"""How much of a line's cut-out its ink fills: detection draws places larger than they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from services.ocr.engines.protocol import Pixels

#: Ink is where rows or columns differ from the paper by this share of their darkest.
_INK_SHARE = 0.22
#: Rows and columns are evened out over so many neighbours before: specks are no ink.
_EVENED = 3
#: Fonts leave so much above and below, and letters so much before and behind; shares of the ink's height.
_ABOVE, _BEFORE = 0.2, 0.12

#: Left, top, right, bottom as shares of the cut-out.
Extent = tuple[float, float, float, float]


def ink_extent(line: Pixels) -> Extent:
    """The part of a cut-out that its text takes, dark on light or light on dark."""
    height, width = line.shape[:2]
    green = line[:, :, 1].astype(np.int16)
    ink = np.abs(green - np.int16(np.median(green))).astype(np.float32)
    top, bottom = _reach(ink.mean(1))
    left, right = _reach(ink[top:bottom].mean(0))
    tall = bottom - top
    return (
        max(left - _BEFORE * tall, 0) / width,
        max(top - _ABOVE * tall, 0) / height,
        min(right + _BEFORE * tall, width) / width,
        min(bottom + _ABOVE * tall, height) / height,
    )


def _reach(profile: npt.NDArray[np.float32]) -> tuple[int, int]:
    even = np.convolve(profile, np.full(_EVENED, 1 / _EVENED, np.float32), "same")
    quiet = float(np.percentile(even, 5))
    found = np.flatnonzero(even - quiet > _INK_SHARE * (float(even.max()) - quiet))
    return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, len(profile))

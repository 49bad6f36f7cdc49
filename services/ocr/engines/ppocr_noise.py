"""Grain of scanners and cameras: how much of it a page has, and the page without it."""

from __future__ import annotations

import cv2
import numpy as np

from services.ocr.engines.protocol import Pixels

#: Grain, in grey levels, from which a page is better read smoothed. An ordinary scan has 4 to 6, a good one none.
_MUCH_GRAIN = 8.0
#: As wide as the grain, narrower than a stroke.
_SMOOTHED_PIXELS = 1.0
#: Standard deviation over median absolute deviation, for normal noise.
_TO_DEVIATION = 1.4826


def without_grain(image: Pixels) -> Pixels:
    """The page, smoothed where it has much grain. Letters lose less by it than by the grain: see benchmarks/ocr."""
    if _grain(image) < _MUCH_GRAIN:
        return image
    return np.asarray(cv2.GaussianBlur(image, (0, 0), _SMOOTHED_PIXELS), np.uint8)


def _grain(image: Pixels) -> float:
    """Typical distance of a pixel from the median of its neighbours, on which letters, being few, have no say."""
    green = np.ascontiguousarray(image[:, :, 1])
    return _TO_DEVIATION * float(np.median(cv2.absdiff(cv2.medianBlur(green, 3), green)))

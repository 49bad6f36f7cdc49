"""Where lines of text stand: PP-OCR's detection network and what is made of its map (Liao et al. 2020, DBNet)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from services.ocr.engines.ppocr_models import DETECTION, load
from services.ocr.engines.ppocr_runtimes import Array
from services.ocr.engines.protocol import Pixels, Quad

#: Long side of the image that the network sees. Lines are cut out of the full image afterwards: on A4 more pixels find
#: nothing more, unless letters are small for the page. At 2016 both runtimes would need more than 900 MB.
USUAL_SIDE, FINE_SIDE = 1280, 1664
#: Smaller images are enlarged until their short side has so many pixels, as the network was trained.
_SHORT_SIDE = 736
#: A pixel is text above this, a line needs this mean; both and the growth are those that PP-OCR ships with.
_TEXT, _LINE, _GROWTH = 0.3, 0.5, 1.6
_LEAST_SIDE = 3
#: Grey levels become numbers from -1 to 1.
MEAN_AND_SCALE = 127.5, 1 / 127.5
#: More lines than any page has; what is found beyond is left.
_MOST_LINES = 2000


def detect(image: Pixels, long_side: int = USUAL_SIDE) -> list[Quad]:
    """The lines of an image, in no order, each clockwise from its top left corner."""
    size = small_size(image, long_side)
    method = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_LINEAR
    small = cv2.resize(image, size, interpolation=method).astype(np.float32)
    mean, scale = MEAN_AND_SCALE
    batch = np.ascontiguousarray(((small - mean) * scale).transpose(2, 0, 1)[None])
    return quads_of(load(DETECTION)(batch)[0, 0], image)


def small_size(image: Pixels, long_side: int) -> tuple[int, int]:
    """Columns and rows of the image that the network sees."""
    height, width = image.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    scale = max(scale, min(_SHORT_SIDE / min(height, width), long_side / max(height, width)))
    return max(32, round(width * scale / 32) * 32), max(32, round(height * scale / 32) * 32)


def quads_of(found: Array, image: Pixels) -> list[Quad]:
    """The lines of an image from the network's map of it."""
    height, width = image.shape[:2]
    rows, columns = found.shape
    grow = np.array([width / columns, height / rows], np.float32)
    return [_within(quad * grow, width, height) for quad in _quads(found)]


def _quads(found: Array) -> Iterator[Quad]:
    mask = cv2.dilate((found > _TEXT).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours[:_MOST_LINES]:
        center, (across, along), angle = cv2.minAreaRect(contour)
        if min(across, along) < _LEAST_SIDE:
            continue
        if _mean_within(found, _corners(center, across, along, angle)) < _LINE:
            continue
        # The network draws lines thinner than they are, so that neighbours stay apart.
        grown = 2 * across * along * _GROWTH / (2 * (across + along))
        if min(across, along) + grown < _LEAST_SIDE + 2:
            continue
        yield _clockwise(_corners(center, across + grown, along + grown, angle))


def _corners(center: Sequence[float], across: float, along: float, angle: float) -> Array:
    return cv2.boxPoints((center, (across, along), angle)).astype(np.float32)


def _mean_within(found: Array, corners: Array) -> float:
    low = np.clip(np.floor(corners.min(0)).astype(int), 0, None)
    high = np.ceil(corners.max(0)).astype(int) + 1
    part = found[low[1] : high[1], low[0] : high[0]]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [(corners - low).astype(np.int32)], 1)
    return float(cv2.mean(part, mask)[0])


def _clockwise(corners: Array) -> Quad:
    by_x = corners[np.argsort(corners[:, 0])]
    left, right = by_x[:2], by_x[2:]
    top_left, bottom_left = left[np.argsort(left[:, 1])]
    top_right, bottom_right = right[np.argsort(right[:, 1])]
    return np.array([top_left, top_right, bottom_right, bottom_left], np.float32)


def _within(quad: Quad, width: int, height: int) -> Quad:
    return np.clip(quad, 0, np.array([width - 1, height - 1], np.float32)).astype(np.float32)

"""Takes the paper off a scanned page: its colour, shadows on it, noise and specks; what is printed stays."""

from __future__ import annotations

import cv2
import numpy as np

from services.ocr.engines.protocol import PageImage, Pixels

#: The paper is looked for in a small copy of the page, in windows that are wider than any letter.
_SMALL_SIDE, _WINDOW_PIXELS = 600, 25
#: Nothing is made brighter than the page's usual paper would need by more than this: what is darker is a photograph.
_MOST_GAIN = 1.6
#: Levels from the paper (1) down to which all is white, and up to which all is black.
_WHITE_FROM, _BLACK_TO = 0.88, 0.25
#: Mean difference from the median of its neighbours above which the page is noisy.
_NOISE_LEVELS = 4.0
#: Ink that reaches no further than so many inches is a speck: a full stop is five times as wide.
_SPECK_INCHES = 1 / 150
_INK_LEVEL = 160
#: Rows that are worked on at once: their levels take twelve bytes a pixel.
_BAND_ROWS = 256


def cleaned(image: PageImage) -> PageImage:
    """The page on white paper, of the same size."""
    pixels = _without_noise(image.pixels)
    paper = _paper_of(pixels)
    bright = np.empty_like(pixels)
    for top in range(0, len(pixels), _BAND_ROWS):
        band = slice(top, top + _BAND_ROWS)
        level = (pixels[band] / paper[band].astype(np.float32) - _BLACK_TO) * (255 / (_WHITE_FROM - _BLACK_TO))
        bright[band] = np.clip(level, 0, 255)
    return PageImage(_without_specks(bright, image.dpi), image.dpi)


def _paper_of(pixels: Pixels) -> Pixels:
    """The brightness of the paper at each pixel, of each colour: the brightest around it, smoothed."""
    height, width = pixels.shape[:2]
    scale = min(1.0, _SMALL_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    window = np.ones((_WINDOW_PIXELS, _WINDOW_PIXELS), np.uint8)
    around = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, window), (0, 0), _WINDOW_PIXELS / 4)
    usual = np.percentile(around.reshape(-1, 3), 75, axis=0)
    bounded = np.maximum(around, np.maximum(usual / _MOST_GAIN, 1).astype(np.uint8))
    paper: Pixels = cv2.resize(bounded, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
    return paper


def _without_noise(pixels: Pixels) -> Pixels:
    smooth: Pixels = cv2.medianBlur(pixels, 3).astype(np.uint8, copy=False)
    # Where there is ink letters differ from their median too: most of a page is paper.
    difference = cv2.absdiff(pixels, smooth)[::4, ::4]
    return smooth if float(np.median(difference[difference > 0]) if difference.any() else 0) > _NOISE_LEVELS else pixels


def _without_specks(pixels: Pixels, dpi: float) -> Pixels:
    ink = (cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) < _INK_LEVEL).astype(np.uint8)
    most = max(1, round(_SPECK_INCHES * dpi))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    small = (boxes[:, cv2.CC_STAT_WIDTH] <= most) & (boxes[:, cv2.CC_STAT_HEIGHT] <= most)
    small[0] = False
    if count > 1 and small.any():
        specks = small[labels]
        around = cv2.dilate(specks.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        pixels[around & ((ink == 0) | specks)] = 255
    return pixels

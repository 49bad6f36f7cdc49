"""How far the lines of a scanned page are tilted, and its words as they would stand if they were not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from services.ai.figures.value import Box
from shared.pdf.words import Word

#: A page that lies more askew is no page that a scanner took.
_MOST_DEGREES = 8.0
#: Steps of the search, in degrees: over the whole range, then around the best.
_COARSE, _FINE = 0.25, 0.05
#: Fewer words have no lines that would tell.
_FEWEST_WORDS = 12
#: A smaller tilt shifts the ends of a line by less than a third of its height.
_LEAST_DEGREES = 0.15
#: Lines are looked for in bands of this share of a word's height.
_BAND_HEIGHTS = 0.25


def tilt_of(words: Sequence[Word]) -> float:
    """The angle of the lines in degrees, clockwise positive; 0 where they are level or nothing tells.

    Finds the angle at which the middles of words fall into fewest lines (projection profile, Postl 1986).
    """
    if len(words) < _FEWEST_WORDS:
        return 0.0
    across = np.array([(word.left + word.right) / 2 for word in words])
    along = np.array([(word.top + word.bottom) / 2 for word in words])
    height = float(np.median([word.bottom - word.top for word in words]))
    weights = np.array([len(word.text) for word in words], float)

    def sharpness(degrees: float) -> float:
        bands = (along - across * math.tan(math.radians(degrees))) / max(_BAND_HEIGHTS * height, 0.5)
        first = np.floor(bands).astype(int)
        part = bands - first
        # Each word counts in the two bands that it is nearest to, so that none jumps from one to the next.
        start = int(first.min())
        counts = np.bincount(first - start, weights * (1 - part), minlength=1)
        counts = np.append(counts, 0.0) + np.append(0.0, np.bincount(first - start, weights * part, minlength=1))
        return float((counts**2).sum())

    best = max(np.arange(-_MOST_DEGREES, _MOST_DEGREES + _COARSE, _COARSE), key=sharpness)
    best = max(np.arange(best - _COARSE, best + _COARSE + _FINE, _FINE), key=sharpness)
    # Few lines may fit several angles: without gain over a level page it is level.
    if abs(best) < _LEAST_DEGREES or sharpness(best) < 1.1 * sharpness(0.0):
        return 0.0
    return round(float(best), 2)


def levelled(words: Sequence[Word], degrees: float) -> list[Word]:
    """Copies of words of tilted lines, turned back around the page's corner. The box of a tilted word is too high."""
    sine, cosine = abs(math.sin(math.radians(degrees))), math.cos(math.radians(degrees))
    found = []
    for word in words:
        x, y = turned_point((word.left + word.right) / 2, (word.top + word.bottom) / 2, -degrees)
        width, height = word.right - word.left, word.bottom - word.top
        half_width = max(width - height * sine, 0.5 * width) / cosine / 2
        half_height = max(height - width * sine, 0.5 * height) / cosine / 2
        left, right, top, bottom = x - half_width, x + half_width, y - half_height, y + half_height
        found.append(replace(word, left=left, right=right, top=top, bottom=bottom))
    return found


def tilted(box: Box, degrees: float) -> Box:
    """The box around a level box on the tilted page."""
    corners = [turned_point(x, y, degrees) for x in (box[0], box[2]) for y in (box[1], box[3])]
    columns, rows = [x for x, _ in corners], [y for _, y in corners]
    return min(columns), min(rows), max(columns), max(rows)


def turned_point(x: float, y: float, degrees: float) -> tuple[float, float]:
    """A point turned clockwise around the upper left corner, as a page with y downwards shows it."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return x * cosine - y * sine, x * sine + y * cosine

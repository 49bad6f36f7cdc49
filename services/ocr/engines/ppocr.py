"""PP-OCRv6 on onnxruntime: finds lines, turns the page upright, reads each line. Latin script, Chinese, Japanese."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from services.ocr.contracts.languages import SCRIPTS
from services.ocr.engines import ppocr_models
from services.ocr.engines.ppocr_detection import FINE_SIDE, USUAL_SIDE, detect
from services.ocr.engines.ppocr_noise import without_grain
from services.ocr.engines.ppocr_recognition import Reading, as_line, cut_out, make_plans, recognise
from services.ocr.engines.protocol import PageImage, PageText, Pixels, Quad
from services.ocr.engines.quads import size_of

#: A page read less surely is looked at again: upside down, and with more pixels.
_SURE = 0.88
#: So much surer must the page be upside down: letters like o, x and s read the same both ways.
_SURER = 0.04
#: Lines on which the direction is tried: the longest, up to this length in heights.
_TRIED_LINES, _TRIED_HEIGHTS = 6, 25
#: A line is upright text on a turned page, or one letter, unless so many times higher than wide.
_TALL = 1.5
#: What is shorter and cannot be read is a speck, an icon or a part of a drawing.
_LONG_HEIGHTS = 3.0
_SCRIPTS = ("Latin", "Han", "Japanese")
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

cv2.setNumThreads(1)


class PpOcr:
    """The default engine: its models come with the installation, and nothing is fetched."""

    name = "ppocr"

    def unavailable(self) -> str | None:
        """None: what is missing stops the worker's start."""
        return None

    def version(self) -> str:
        """Models and runtime."""
        return ppocr_models.versions()

    def languages(self) -> frozenset[str]:
        """Those of the scripts that the one recognition model was trained on."""
        return frozenset(code for code, script in SCRIPTS.items() if script in _SCRIPTS and code != "epo")

    def read(self, pages: Sequence[PageImage], languages: Sequence[str] = ()) -> list[PageText]:
        """Read pages; one model reads all its languages. Raises ModelChanged."""
        return [_read(page.pixels) for page in pages]


def warm_up() -> None:
    """Load both models. Raises ModelChanged."""
    ppocr_models.load(ppocr_models.DETECTION)
    ppocr_models.load(ppocr_models.RECOGNITION)
    if ppocr_models.runtime() == "openvino":
        make_plans()


def _read(image: Pixels) -> PageText:
    image = without_grain(image)
    turn, quads = 0, detect(image)
    if _runs_up_or_down(quads):
        turn, image = 90, _turned(image, 90)
        quads = detect(image)
        if _is_upside_down(image, quads):
            turn, image, quads = 270, *_upside_down(image, quads)
    page = _lines(image, quads, turn)
    if page.confidence < _SURE and turn == 0 and _is_upside_down(image, quads):
        turn, image, quads = 180, *_upside_down(image, quads)
        page = _lines(image, quads, turn)
    if page.confidence >= _SURE or not quads or max(image.shape[:2]) <= USUAL_SIDE:
        return page
    # Noise, or letters that are small for the page: more pixels may tell more.
    finer = _lines(image, detect(image, FINE_SIDE), turn)
    return max(page, finer, key=_certain_characters)


def _certain_characters(page: PageText) -> float:
    return sum(word.confidence**2 * len(word.text) for word in page.words)


def _lines(image: Pixels, quads: Sequence[Quad], turn: int) -> PageText:
    heights = [min(size_of(quad)) for quad in quads]
    usual = float(np.median(heights)) if heights else 0.0
    placed = [_along_text(quad, usual) for quad in quads]
    cuts = [cut_out(image, quad) for quad in placed]
    lines = list(map(as_line, placed, cuts, recognise(cuts)))
    unread = sum(line is None and _is_long(quad) for line, quad in zip(lines, placed, strict=True))
    return PageText(tuple(line for line in lines if line), turn, unread)


def _is_long(quad: Quad) -> bool:
    width, height = size_of(quad)
    return width > _LONG_HEIGHTS * height


def _along_text(quad: Quad, usual_height: float) -> Quad:
    """The place from where its text begins: a line that stands on end is taken to run down."""
    width, height = size_of(quad)
    return quad[[1, 2, 3, 0]] if height / max(width, 1) >= _TALL and height > 2 * usual_height else quad


def _runs_up_or_down(quads: Sequence[Quad]) -> bool:
    sizes = [size_of(quad) for quad in quads]
    across = sum(width for width, height in sizes if width > _TALL * height)
    down = sum(height for width, height in sizes if height > _TALL * width)
    return down > across


def _is_upside_down(image: Pixels, quads: Sequence[Quad]) -> bool:
    lengths = [(width / max(height, 1), index) for index, (width, height) in enumerate(map(size_of, quads))]
    longest = sorted((entry for entry in lengths if entry[0] <= _TRIED_HEIGHTS), reverse=True)[:_TRIED_LINES]
    lines = [line for _, index in longest if (line := cut_out(image, quads[index])) is not None]
    if not lines:
        return False
    upright = _mean(recognise(lines))
    turned = _mean(recognise([np.ascontiguousarray(line[::-1, ::-1]) for line in lines]))
    return turned > upright + _SURER


def _mean(readings: Sequence[Reading]) -> float:
    return float(np.mean([reading.confidence for reading in readings]))


def _upside_down(image: Pixels, quads: Sequence[Quad]) -> tuple[Pixels, list[Quad]]:
    height, width = image.shape[:2]
    # The places stay; what was the bottom right corner of each is now its top left.
    turned = [(np.array([width, height], np.float32) - quad)[[2, 3, 0, 1]] for quad in quads]
    return _turned(image, 180), turned


def _turned(image: Pixels, degrees: int) -> Pixels:
    return cv2.rotate(image, _TURNS[degrees]).astype(np.uint8, copy=False)

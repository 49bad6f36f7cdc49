"""What lines say: PP-OCR's recognition network, its output decoded into words with places and confidences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from services.ocr.engines.ppocr_ink import Extent, ink_extent
from services.ocr.engines.ppocr_models import RECOGNITION, characters, load
from services.ocr.engines.ppocr_runtimes import Array
from services.ocr.engines.protocol import Line, Pixels, Quad, Word
from services.ocr.engines.quads import size_of, within

#: Height of a line as the network sees it.
_HEIGHT = 48
#: Widths are rounded up to multiples of the step, wide ones to the wider: runtimes keep a plan for each shape.
_STEP_WIDTH, _WIDE, _WIDE_STEP = 64, 512, 128
_MOST_WIDTH = 6400
#: No line of an ordinary page is wider.
_USUAL_WIDTH = 2048
#: Lines of one width read at once. On a CPU more cost memory and no less time.
_BATCH = 1
#: A line that the engine is less sure of is no text.
_LEAST_CONFIDENCE = 0.5
#: How Unicode's names of the letters begin that the model reads, and how many letters tell a script.
_KNOWN_LETTERS = ("LATIN", "CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "HALFWIDTH", "FEMININE", "MASCULINE", "MICRO")
_TELLING_LETTERS = 4
#: A dot alone before a small letter, which no sentence has.
_LOOSE_DOT = re.compile(r"(?<!\S)\.(?= [a-z])")


@dataclass(frozen=True)
class Reading:
    """The characters of a line, the place of each along it (0 to 1), and how sure each is."""

    text: str
    places: Array
    confidences: Array

    @property
    def confidence(self) -> float:
        """Mean over the characters; 0 without any."""
        return float(self.confidences.mean()) if self.text else 0.0


NOTHING = Reading("", np.zeros(0, np.float32), np.zeros(0, np.float32))


def cut_out(image: Pixels, quad: Quad) -> Pixels | None:
    """A line made straight and as high as the network wants it; None for a line without area."""
    width, height = size_of(quad)
    if min(width, height) < 2:
        return None
    columns = min(max(16, int(np.ceil(_HEIGHT * width / height))), _MOST_WIDTH)
    corners = np.array([[0, 0], [columns, 0], [columns, _HEIGHT], [0, _HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, corners)
    method = cv2.INTER_LINEAR if height < 2 * _HEIGHT else cv2.INTER_AREA
    straight = cv2.warpPerspective(image, matrix, (columns, _HEIGHT), flags=method, borderMode=cv2.BORDER_REPLICATE)
    return straight.astype(np.uint8, copy=False)


def recognise(lines: Sequence[Pixels | None], at_once: int = _BATCH) -> list[Reading]:
    """Read lines as `cut_out` gives them, those of one width together."""
    readings = [NOTHING] * len(lines)
    by_width: dict[int, list[int]] = {}
    for index, line in enumerate(lines):
        if line is not None:
            width = _rounded_up(line.shape[1])
            by_width.setdefault(width, []).append(index)
    for width, indexes in by_width.items():
        for start in range(0, len(indexes), at_once):
            part = indexes[start : start + at_once]
            batch = np.zeros((len(part), 3, _HEIGHT, width), np.float32)
            for place, index in enumerate(part):
                line = lines[index]
                assert line is not None
                batch[place, :, :, : line.shape[1]] = (line.astype(np.float32) * (1 / 127.5) - 1).transpose(2, 0, 1)
            for index, output in zip(part, load(RECOGNITION)(batch), strict=True):
                line = lines[index]
                assert line is not None
                readings[index] = _decoded(output, width / line.shape[1])
    return readings


def _rounded_up(width: int) -> int:
    step = _STEP_WIDTH if width <= _WIDE else _WIDE_STEP
    return -(-width // step) * step


def make_plans() -> None:
    """Read an empty line of each ordinary width: a plan takes openvino some 50 ms, and a fork has those of its host."""
    for width in sorted({_rounded_up(width) for width in range(_STEP_WIDTH, _USUAL_WIDTH + 1, _STEP_WIDTH)}):
        load(RECOGNITION)(np.zeros((1, 3, _HEIGHT, width), np.float32))


def _decoded(output: Array, padded: float) -> Reading:
    """Connectionist temporal classification, the best class of each step; `padded` is the batch's width over ours."""
    known = characters()
    classes, steps = output.argmax(1), len(output)
    kept = (classes != 0) & np.concatenate([[True], classes[1:] != classes[:-1]])
    indexes = np.flatnonzero(kept)
    text = "".join(known[index] for index in classes[indexes])
    places = np.minimum((indexes + 0.5) / steps * padded, 1.0).astype(np.float32)
    confidences = output[indexes, classes[indexes]]
    # Some classes are more than one character; each gets the place of the whole.
    if len(text) != len(indexes):
        lengths = [len(known[index]) for index in classes[indexes]]
        places, confidences = np.repeat(places, lengths), np.repeat(confidences, lengths)
    return Reading(text, places, confidences)


def as_line(quad: Quad, cut: Pixels | None, reading: Reading) -> Line | None:
    """A line with its words; None where there is nothing sure enough to be text."""
    if cut is None or reading.confidence < _LEAST_CONFIDENCE or not reading.text.strip() or _is_foreign(reading.text):
        return None
    extent = ink_extent(cut)
    return Line(within(quad, extent), tuple(_words(quad, extent, _joined(reading))))


def _joined(reading: Reading) -> Reading:
    """The reading with names that begin with a dot in one piece: the model reads ". tar" for ".tar"."""
    loose = [found.end() for found in _LOOSE_DOT.finditer(reading.text)]
    kept = [index for index in range(len(reading.text)) if index not in loose]
    text = "".join(reading.text[index] for index in kept)
    return Reading(text, reading.places[kept], reading.confidences[kept])


def _is_foreign(text: str) -> bool:
    """Whether it is of a script of which the model knows some letters, for formulas, and no words: Greek."""
    letters = [character for character in text if character.isalpha()]
    foreign = sum(not unicodedata.name(letter, "").startswith(_KNOWN_LETTERS) for letter in letters)
    return len(letters) >= _TELLING_LETTERS and 2 * foreign > len(letters)


def _words(quad: Quad, extent: Extent, reading: Reading) -> list[Word]:
    text, places = reading.text, reading.places
    first, top, last, bottom = extent
    words, start = [], 0
    for end in [*(index for index, character in enumerate(text) if character == " "), len(text)]:
        if end > start:
            # Half way between the last letter and the middle of the space; the line's own end at its end.
            left = first if start == 0 else float(places[start - 1] + places[start]) / 2
            right = last if end == len(text) else float(places[end - 1] + places[end]) / 2
            place = within(quad, (left, top, max(right, left), bottom))
            words.append(Word(place, text[start:end], float(reading.confidences[start:end].mean())))
        start = end + 1
    return words

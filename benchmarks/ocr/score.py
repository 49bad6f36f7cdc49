"""How much of a page was read rightly: characters, words, places and order, each found word laid on the line it covers.

The order in which a page with columns or tables is read is a matter of taste, and programs that merge two columns into
one line would only be told by luck. So text is compared where it stands: each found word belongs to the true line that
it covers most, and to its place along it. What covers no line is an insertion; a word far from its place costs twice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import cv2
import numpy as np

from benchmarks.ocr.truth import Truth, plain

#: A found box and a true one are the same place from this intersection over union on.
_SAME_PLACE = 0.5
#: Matches of text that tell how a program moved the page.
_LEAST_ANCHORS = 8


@dataclass(frozen=True)
class FoundWord:
    """A word that a program found; its corners, 4 x 2, in pixels of the picture that it was given."""

    text: str
    corners: Any


@dataclass
class Score:
    """Sums over pages; rates are theirs."""

    pages: int = 0
    characters: int = 0
    character_edits: int = 0
    #: The same without spaces.
    letters: int = 0
    letter_edits: int = 0
    words: int = 0
    word_edits: int = 0
    found_words: int = 0
    common_words: int = 0
    placed_words: int = 0
    words_in_order: int = 0
    ordered_words: int = 0

    def __iadd__(self, other: Score) -> Score:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        return self

    @property
    def cer_percent(self) -> float:
        return 100 * self.character_edits / max(self.characters, 1)

    @property
    def letters_percent(self) -> float:
        return 100 * self.letter_edits / max(self.letters, 1)

    @property
    def wer_percent(self) -> float:
        return 100 * self.word_edits / max(self.words, 1)

    @property
    def bag_f1_percent(self) -> float:
        return 200 * self.common_words / max(self.words + self.found_words, 1)

    @property
    def placed_percent(self) -> float:
        return 100 * self.placed_words / max(self.words, 1)

    @property
    def order_percent(self) -> float:
        """Share of the found words that need not be moved to stand in the order of the file."""
        return 100 * self.words_in_order / max(self.ordered_words, 1)


def scored(truth: Truth, found: Sequence[FoundWord], places: Any, *, was_moved: bool = False) -> Score:
    """Compare one page; `places` leads from points of the page to the pixels of the found words.

    `was_moved`: the program straightened the picture, so that where words stand is taken from the words themselves.
    """
    words = [(plain(word.text), word.corners) for word in found]
    words = [(text, corners) for text, corners in words if text]
    if was_moved:
        places = _moved(truth, words, places)
    boxes = _boxes_on_page([corners for _, corners in words], places)
    texts, order = _laid_on_lines(truth, words, boxes)
    score = Score(pages=1, found_words=sum(len(text.split()) for text, _ in words))
    for line, text in zip([*(line.text for line in truth.lines), ""], texts, strict=True):
        score.characters += len(line)
        score.character_edits += edits(line, text)
        score.letters += len(line.replace(" ", ""))
        score.letter_edits += edits(line.replace(" ", ""), text.replace(" ", ""))
        score.words += len(line.split())
        score.word_edits += edits(line.split(), text.split())
    true = Counter(word for line in truth.lines for word in line.text.split())
    score.common_words = sum((true & Counter(word for text, _ in words for word in text.split())).values())
    score.placed_words = _placed(truth, boxes, score.words)
    score.ordered_words, score.words_in_order = len(order), _longest_run(order)
    return score


def _boxes_on_page(corners: Sequence[Any], places: Any) -> Any:
    if not corners:
        return np.zeros((0, 4))
    back = np.linalg.inv(places)
    points = cv2.perspectiveTransform(np.asarray(corners, np.float64).reshape(-1, 1, 2), back).reshape(-1, 4, 2)
    return np.concatenate([points.min(1), points.max(1)], 1)


def _laid_on_lines(truth: Truth, words: Sequence[tuple[str, Any]], boxes: Any) -> tuple[list[str], list[int]]:
    """What was found on each true line, and beside them all; the lines in the order of the found words."""
    lines = np.array([line.box for line in truth.lines]).reshape(-1, 4)
    parts: list[list[tuple[float, str]]] = [[] for _ in range(len(lines) + 1)]
    order = []
    for (text, _), box in zip(words, boxes, strict=True):
        shared = _intersections(box, lines)
        line = int(shared.argmax()) if len(shared) and shared.max() > 0 else len(lines)
        parts[line].append((float(box[0]), text))
        if line < len(lines):
            order.append(line)
    return [" ".join(text for _, text in sorted(part)) for part in parts], order


def _intersections(box: Any, others: Any) -> Any:
    across = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    down = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    return np.clip(across, 0, None) * np.clip(down, 0, None)


def _placed(truth: Truth, boxes: Any, words: int) -> int:
    """How many of the true words have a found box at their place, be it as high as their letters or as their line."""
    high = truth.line_high or tuple(box for _, box in truth.words)
    count = sum(
        max(_likeness(ink, boxes), _likeness(line, boxes)) >= _SAME_PLACE
        for (_, ink), line in zip(truth.words, high, strict=True)
    )
    # Bullets and leaders are boxes without a word; a word may be several to `plain`.
    return round(count * words / max(len(truth.words), 1))


def _likeness(box: Any, boxes: Any) -> float:
    """The best intersection over union of a box with others."""
    if not len(boxes):
        return 0.0
    shared = _intersections(np.array(box), boxes)
    both = _area(np.array([box]))[0] + _area(boxes) - shared
    return float((shared / np.maximum(both, 1e-9)).max())


def _area(boxes: Any) -> Any:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _moved(truth: Truth, words: Sequence[tuple[str, Any]], places: Any) -> Any:
    """The matrix that fits best to words that are found once and stand on the page once."""
    true, found = Counter(text for text, _ in truth.words), Counter(text for text, _ in words)
    here = {text: np.array(box).reshape(2, 2).mean(0) for text, box in truth.words if true[text] == 1}
    pairs = [(here[text], np.mean(corners, 0)) for text, corners in words if text in here and found[text] == 1]
    if len(pairs) < _LEAST_ANCHORS:
        return places
    one, other = (np.array(side, np.float32) for side in zip(*pairs, strict=True))
    matrix, _ = cv2.findHomography(one, other, cv2.RANSAC, 6.0)
    return places if matrix is None else matrix


def edits(true: Sequence[object], found: Sequence[object]) -> int:
    """Levenshtein distance, a row at a time."""
    if not true or not found or true == found:
        return 0 if true == found else len(true) + len(found)
    codes: dict[object, int] = {}
    one = np.array([codes.setdefault(item, len(codes)) for item in true], np.int64)
    other = np.array([codes.setdefault(item, len(codes)) for item in found], np.int64)
    steps = np.arange(len(other) + 1)
    row = steps.copy()
    for number, item in enumerate(one, start=1):
        best = np.minimum(row[1:] + 1, row[:-1] + (other != item))
        # Insertions run along the row: the least of what lies to the left plus its distance.
        row = np.minimum.accumulate(np.concatenate([[number], best]) - steps) + steps
    return int(row[-1])


def _longest_run(order: Sequence[int]) -> int:
    """Length of the longest part, not necessarily without gaps, that never steps back."""
    tails: list[int] = []
    for line in order:
        place = bisect_right(tails, line)
        tails[place : place + 1] = [line]
    return len(tails)

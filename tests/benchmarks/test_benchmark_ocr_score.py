"""The scores of the OCR benchmark: what stands where it should costs nothing, in whatever order it comes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ocr.score import FoundWord, edits, scored
from benchmarks.ocr.truth import TrueLine, Truth, plain
from benchmarks.ocr.wear import CONDITIONS, worn

_WORDS = (
    ("one", (10, 10, 30, 20)),
    ("two", (35, 10, 55, 20)),
    ("three", (110, 10, 140, 20)),
    ("four", (10, 30, 32, 40)),
)
_LINES = (
    TrueLine("one two", (10, 10, 55, 20)),
    TrueLine("three", (110, 10, 140, 20)),
    TrueLine("four", (10, 30, 32, 40)),
)
_TRUTH = Truth(_LINES, _WORDS)


def _found(*words: tuple[str, tuple[float, ...]], matrix: np.ndarray | None = None) -> list[FoundWord]:
    result = []
    for text, (left, top, right, bottom) in words:
        corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1.0]])
        moved = corners @ (np.eye(3) if matrix is None else matrix).T
        result.append(FoundWord(text, moved[:, :2] / moved[:, 2:]))
    return result


def test_a_page_read_rightly_in_another_order_has_no_errors_but_is_out_of_order() -> None:
    score = scored(_TRUTH, _found(*reversed(_WORDS)), np.eye(3))

    assert (score.character_edits, score.word_edits, score.placed_words) == (0, 0, 4)
    assert score.order_percent == 50


def test_a_word_at_a_wrong_place_costs_where_it_is_missing_and_where_it_is() -> None:
    score = scored(_TRUTH, _found(*_WORDS[:3], ("four", (300, 300, 322, 310))), np.eye(3))

    assert score.character_edits == 2 * len("four")
    assert score.placed_words == 3
    assert score.bag_f1_percent == 100


def test_a_merged_word_costs_one_space_and_two_places() -> None:
    score = scored(_TRUTH, _found(("onetwo", (10, 10, 55, 20)), *_WORDS[2:]), np.eye(3))

    assert (score.character_edits, score.letter_edits, score.word_edits) == (1, 0, 2)
    assert score.placed_words == 2


@pytest.mark.parametrize("name", list(CONDITIONS))
def test_places_are_known_in_every_condition(name: str) -> None:
    how = CONDITIONS[name]
    scale = how.dpi / 72
    page = np.full((round(200 * scale), round(150 * scale)), 255, np.uint8)
    left, top, right, bottom = (round(edge * scale) for edge in (110, 10, 140, 20))
    page[top:bottom, left:right] = 0

    result = worn(page, how, seed=1)

    (box,) = _found(("", (110, 10, 140, 20)), matrix=result.places)
    (x0, y0), (x1, y1) = box.corners.min(0), box.corners.max(0)
    inside = result.pixels[int(y0) + 6 : int(y1) - 5, int(x0) + 6 : int(x1) - 5]
    assert inside.mean() < result.pixels.mean() - 60


def test_distance_and_plain_text() -> None:
    assert edits("kitten", "sitting") == 3
    assert edits("", "abc") == 3
    assert plain("\u201cA\u201d \u2022 b \u2013 c ......... 7 \ufb01x") == '"A" b - c 7 fix'

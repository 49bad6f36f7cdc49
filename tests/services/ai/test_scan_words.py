"""Figures that recognition tore apart are one figure; words that stand apart stay apart."""

from __future__ import annotations

import pytest

from services.ai.reading.scan_words import rejoined
from shared.pdf.words import Word


def row(*texts: str, gap: float) -> list[Word]:
    """Words of one line of ten points' height, so far apart."""
    words, left = [], 40.0
    for text in texts:
        right = left + 5 * len(text)
        words.append(Word(text, left, 100, right, 110))
        left = right + gap
    return words


@pytest.mark.parametrize(
    "parts",
    [("1", ".250,00"), ("1", ".284", ",50"), ("1.894,", "50"), ("-640", ",00"), ("03", ".03", ".2025"),
     ("03.03.", "2025"), ("31", "/12/2024"), ("12,", "345.67-"), ("9", "'876.50")],
)  # fmt: skip
def test_a_torn_figure_or_date_is_one_word(parts: tuple[str, ...]) -> None:
    (word,) = rejoined(row(*parts, gap=3))

    assert word.text == "".join(parts)
    assert (word.left, word.right) == (40, row(*parts, gap=3)[-1].right)


@pytest.mark.parametrize(
    "parts",
    [("3", "Apples"), ("April", "3,", "2025"), ("4,", "20095", "Hamburg"), ("No.", "17"), ("12.50", "13.50"),
     ("2", "1.85"), ("page", "1", "of", "3")],
)  # fmt: skip
def test_words_of_their_own_stay_apart(parts: tuple[str, ...]) -> None:
    assert [word.text for word in rejoined(row(*parts, gap=3))] == list(parts)


def test_figures_of_two_columns_stay_apart() -> None:
    assert len(rejoined(row("12", ".50", gap=20))) == 2

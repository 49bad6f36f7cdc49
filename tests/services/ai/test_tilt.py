"""Scans that lie askew are read as if they lay straight; places stay where the page shows them."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from services.ai.reading.document import read
from shared.pdf.reading import open_for_reading, open_page
from shared.pdf.text_page import open_text
from shared.pdf.words import words_of
from tests.services.ai.extractions import page_of

ROWS = [(f"Item number {number}", f"{number}.50") for number in range(1, 9)]


def askew(target: Path, degrees: float, *, mode: int = 3, turn: int = 0) -> Path:
    """A page whose lines rise by so many degrees, over a picture of noise."""
    lines = [
        (x, 250 - 18 * number, text) for number, row in enumerate(ROWS) for x, text in zip((40, 330), row, strict=True)
    ]
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    page_of(target, lines, mode=mode, matrix=f"{cosine} {sine} {-sine} {cosine} 0 0 cm")
    with pikepdf.open(target, allow_overwriting_input=True) as pdf:
        noise = random.Random(1).randbytes(200 * 150)
        picture = pdf.make_stream(noise, Type=Name.XObject, Subtype=Name.Image, Width=200, Height=150)
        picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
        pdf.pages[0].Resources.XObject = Dictionary(I=picture)
        pdf.pages[0].contents_add(b"q 400 0 0 300 0 0 cm /I Do Q", prepend=True)
        pdf.pages[0].rotate(turn, relative=False)
        pdf.save(target)
    return target


@pytest.mark.parametrize("degrees", [-4.0, -1.0, -0.4, 0.0, 0.7, 2.5, 4.5])
def test_the_cells_of_a_line_stand_in_one_row_however_the_scan_lies(tmp_path: Path, degrees: float) -> None:
    (page,) = read(askew(tmp_path / "page.pdf", degrees), None, None).pages

    assert [[run.text for run in row.runs] for row in page.rows] == [list(row) for row in ROWS]
    assert page.tilt_degrees == pytest.approx(-degrees, abs=0.3)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_places_are_those_of_the_page_as_it_is_shown(tmp_path: Path, turn: int) -> None:
    source = askew(tmp_path / "page.pdf", 3.0, turn=turn)
    (page,) = read(source, None, None).pages
    with open_for_reading(source, None) as document, open_page(document, 0) as shown, open_text(shown) as text:
        there = {word.text: (word.left, word.top, word.right, word.bottom) for word in words_of(text)}
    for row in page.rows:
        (word,) = row.runs[-1].words
        assert page.evidence([word]).box == pytest.approx(there[word.text], abs=2.5)


def test_pages_with_visible_text_are_left_as_they_are(tmp_path: Path) -> None:
    (page,) = read(askew(tmp_path / "page.pdf", 3.0, mode=0), None, None).pages

    assert page.tilt_degrees == 0

"""Numbers lose only digits that cannot be seen."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from services.compression.content_numbers import shorten_numbers
from tests.services.compression.font_documents import add_page, pictures, saved, texts


def _drawing(scale: float = 1.0, points: int = 600) -> bytes:
    ragged = Random(3)
    lines = ["0.5 w", "20 20 m"]
    lines += [f"{ragged.uniform(5, 390) / scale:.12f} {ragged.uniform(5, 190) / scale:.12f} l" for _ in range(points)]
    return "\n".join([*lines, "S"]).encode()


def _worst_difference(before: bytes, after: bytes, scale: float = 2.0) -> int:
    old, new = (pictures(data, scale=scale)[0].astype(np.int16) for data in (before, after))
    return int(np.abs(old - new).max())


def _compared(pdf: pikepdf.Pdf) -> tuple[int, int]:
    """Shorten; return the bytes saved and the largest difference of any pixel, of 255."""
    before = saved(pdf)
    saved_bytes = shorten_numbers(pdf)
    return saved_bytes, _worst_difference(before, saved(pdf))


def test_long_numbers_shrink_and_nobody_sees_it() -> None:
    pdf = pikepdf.new()
    add_page(pdf, _drawing())
    saved_bytes, difference = _compared(pdf)
    assert saved_bytes > 2000
    assert difference <= 6


@pytest.mark.parametrize("scale", [1000.0, 50.0, 0.01])
def test_a_magnified_drawing_keeps_the_digits_that_it_needs(scale: float) -> None:
    pdf = pikepdf.new()
    add_page(pdf, f"q {scale} 0 0 {scale} 0 0 cm {0.5 / scale:.9f} w ".encode() + _drawing(scale)[6:] + b" Q")
    saved_bytes, difference = _compared(pdf)
    assert saved_bytes > 1000
    assert difference <= 6


def test_scales_within_scales_multiply() -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"q 40 0 0 40 0 0 cm q 25 0 0 25 0 0 cm .0005 w " + _drawing(1000.0)[6:] + b" Q Q")
    assert _compared(pdf)[1] <= 6


def test_a_form_of_one_unit_keeps_the_digits_that_it_needs() -> None:
    pdf = pikepdf.new()
    form = pdf.make_stream(
        b".001 w " + _drawing(400.0)[6:], Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1])
    )
    add_page(pdf, b"400 0 0 400 0 0 cm /X Do", XObject=Dictionary(X=form))
    saved_bytes, difference = _compared(pdf)
    assert saved_bytes > 1000
    assert difference <= 6


def test_strings_names_comments_and_inline_images_stay_as_they_are() -> None:
    kept = (
        rb"BT (1.23456789 2.3456789 m \) 3.456789 4.5678901 l) Tj [(9.87654321 8.7654321 l)-1.234567] TJ ET "
        rb"/N1.23456789 gs <</K 1.23456789>> /L 5.4321098 6.5432109 Td "
    )
    pdf = pikepdf.new()
    add_page(pdf, kept + _drawing())
    assert shorten_numbers(pdf) > 0
    assert pdf.pages[0].Contents.read_bytes().startswith(kept)
    pdf = pikepdf.new()
    image = b"q 10 0 0 10 0 0 cm BI /W 16 /H 1 /CS /G /BPC 8 ID 1.2345678 2.345 m EI Q "
    add_page(pdf, image + _drawing())
    before = pdf.pages[0].Contents.read_bytes()
    shorten_numbers(pdf)
    assert pdf.pages[0].Contents.read_bytes() == before


def test_a_small_shape_does_not_vanish() -> None:
    pdf = pikepdf.new()
    add_page(pdf, _drawing() + b"\n0.000123456 0.00000098 m 0.00023456 0.000123 l S")
    shorten_numbers(pdf)
    assert b".0001 " in pdf.pages[0].Contents.read_bytes()


def test_a_page_whose_content_is_in_parts_stays_as_it_is() -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"")
    parts = [pdf.make_stream(b"100 0 0 100 0 0 cm "), pdf.make_stream(_drawing(100.0))]
    pdf.pages[0].obj.Contents = Array(parts)
    assert shorten_numbers(pdf) == 0


def test_real_drawings_look_and_read_the_same(corpus: Path) -> None:
    for name in ("vector__vector.pdf", "damaged__comments.pdf", "office__us_constitution.pdf"):
        with pikepdf.open(corpus / "pdf" / name) as pdf:
            before = saved(pdf)
            assert shorten_numbers(pdf) > 0
            after = saved(pdf)
        for old, new in zip(pictures(before, pages=3), pictures(after, pages=3), strict=True):
            assert (np.abs(old.astype(np.int16) - new) > 8).mean() < 2e-4
        assert texts(before) == texts(after)
        assert pikepdf.open(io.BytesIO(after)).pages

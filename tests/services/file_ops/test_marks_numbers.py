"""Page numbers say what was asked for, stand where they should, and Bates numbers go on from file to file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pydantic import ValidationError

from services.file_ops.contracts.marks import NumberPages
from services.file_ops.marks.number_pages import number_pages
from tests.services.file_ops.page_pixels import assert_opens, ink, pixels, text


def _numbered(folder: Path, page_count: int, rotate: int = 0, **options: Any) -> tuple[list[str], dict[str, Any]]:
    pdf = pikepdf.new()
    for _ in range(page_count):
        pdf.add_blank_page(page_size=(300, 400)).obj.Rotate = rotate
    pdf.save(folder / "in.pdf")
    result = number_pages(folder / "in.pdf", folder / "out.pdf", NumberPages(**options))
    assert_opens(folder / "out.pdf")
    return [text(folder / "out.pdf", page) for page in range(page_count)], result


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({}, ["1 / 4", "2 / 4", "3 / 4", "4 / 4"]),
        ({"format": "Page {page}", "skip_first": 1}, ["", "Page 2", "Page 3", "Page 4"]),
        ({"skip_first": 1, "start": 1}, ["", "1 / 3", "2 / 3", "3 / 3"]),
        (
            {"format": "ACME-{page}", "digits": 6, "start": 98},
            ["ACME-000098", "ACME-000099", "ACME-000100", "ACME-000101"],
        ),
        ({"format": "{page}", "numerals": "roman", "start": 8}, ["viii", "ix", "x", "xi"]),
        ({"format": "{page}", "numerals": "roman-upper", "pages": "2-3"}, ["", "II", "III", ""]),
        ({"format": "{{{page}}}", "pages": "even"}, ["", "{2}", "", "{4}"]),
        ({"format": "Größe {page}", "pages": "1"}, ["Größe 1", "", "", ""]),
    ],
)
def test_numbers_are_written_as_asked(tmp_path: Path, options: dict[str, Any], seen: list[str]) -> None:
    assert _numbered(tmp_path, 4, **options)[0] == seen


def test_the_result_tells_where_the_next_file_goes_on(tmp_path: Path) -> None:
    _, first = _numbered(tmp_path, 3, format="A{page}", digits=4, start=7)
    seen, second = _numbered(tmp_path, 2, format="A{page}", digits=4, start=first["next_number"])

    assert (first["first"], first["last"], first["next_number"]) == ("A0007", "A0009", 10)
    assert seen == ["A0010", "A0011"]
    assert second["numbered_pages"] == 2


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_number_stands_upright_at_the_foot_of_a_turned_page(tmp_path: Path, turn: int) -> None:
    _numbered(tmp_path, 1, turn, format="{page}00000", font_size_points=20, margin_points=10)

    picture = pixels(tmp_path / "out.pdf")
    left, top, right, bottom = ink(picture)
    assert abs((left + right) / 2 - picture.shape[1] / 2) <= 2
    assert 12 <= picture.shape[0] - bottom <= 16
    assert right - left > 3 * (bottom - top)


def test_mirrored_numbers_change_sides_on_even_pages(tmp_path: Path) -> None:
    _numbered(tmp_path, 2, format="{page}", position="bottom-right", mirror=True)

    assert ink(pixels(tmp_path / "out.pdf", 0))[0] > 250
    assert ink(pixels(tmp_path / "out.pdf", 1))[2] < 50


def test_skipping_all_pages_numbers_none(tmp_path: Path) -> None:
    seen, result = _numbered(tmp_path, 2, skip_first=5)

    assert seen == ["", ""]
    assert (result["numbered_pages"], result["first"]) == (0, None)


@pytest.mark.parametrize("text_with_fault", ["{name}", "{page", "{page!r}", "{page:>9}", "{0}", "{}"])
def test_a_format_that_names_something_else_is_refused(text_with_fault: str) -> None:
    with pytest.raises(ValidationError):
        NumberPages(format=text_with_fault)

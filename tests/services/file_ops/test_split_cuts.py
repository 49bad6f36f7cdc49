"""Where documents are cut and what the parts are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Dictionary, Name, OutlineItem
from pydantic import ValidationError

from services.file_ops.assembly.cut_points import NoOutline, OnlyBlankPages
from services.file_ops.assembly.fitting import fit_into
from services.file_ops.assembly.split import split
from services.file_ops.contracts.assembly import SplitOptions
from shared.operation import ignore
from shared.pdf.page_ranges import PagesOutOfRange
from tests.services.file_ops.assembled_documents import rich_document, task_of, text_document, texts


def cut(folder: Path, source: Path, **options: Any) -> tuple[list[str], dict[str, Any]]:
    result = split(task_of(folder, source), SplitOptions(**options))
    return [part["pages"] for part in result["parts"]], result


def test_every_so_many_pages_the_last_part_takes_the_rest(tmp_path: Path) -> None:
    pages, _ = cut(tmp_path, text_document(tmp_path / "text.pdf", "text", pages=7), by="every", every_pages=3)

    assert pages == ["1-3", "4-6", "7"]


def test_ranges_are_parts_in_their_own_order(tmp_path: Path) -> None:
    source = text_document(tmp_path / "text.pdf", "text", pages=5)

    pages, _ = cut(tmp_path, source, by="ranges", ranges=["-1", "3-1", "1-2,4"])

    assert pages == ["5", "3,2,1", "1-2,4"]
    with pytest.raises(PagesOutOfRange, match="5 pages"):
        cut(tmp_path, source, by="ranges", ranges=["1", "6"])


@pytest.mark.parametrize(
    "options",
    [{"by": "every"}, {"by": "ranges"}, {"by": "size"}, {"by": "page", "every_pages": 2}, {"every_pages": 2}],
)
def test_a_way_of_splitting_and_what_it_needs_belong_together(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        SplitOptions(**options)


def test_outline_entries_start_parts_that_bear_their_titles(tmp_path: Path) -> None:
    source = text_document(tmp_path / "book.pdf", "book", pages=6)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        with pdf.open_outline() as outline:
            first = OutlineItem("../One: \u202eStart", 1)
            first.children.append(OutlineItem("One and a half", 2))
            outline.root.extend([first, OutlineItem("Two", 4), OutlineItem("Two again", 4)])
        pdf.save(source)

    pages, result = cut(tmp_path, source, by="outline")
    assert pages == ["1", "2-4", "5-6"]
    assert [part["name"] for part in result["parts"]] == [
        "book-1.pdf", "book-2 ..-One_ Start.pdf", "book-3 Two.pdf"
    ]  # fmt: skip

    deeper, _ = cut(tmp_path, source, by="outline", outline_level=2)
    assert deeper == ["1", "2", "3-4", "5-6"]


def test_a_document_without_an_outline_cannot_be_split_by_it(tmp_path: Path) -> None:
    with pytest.raises(NoOutline):
        cut(tmp_path, text_document(tmp_path / "text.pdf", "text"), by="outline")


def blank_document(path: Path, pages: str) -> Path:
    """T: text. b: nothing at all. w: a white picture. n: a scan of an empty sheet with grain, a hole and an edge."""
    text_document(path, "text", pages=len(pages))
    grain = np.random.default_rng(7).normal(225, 6, (400, 300)).clip(0, 255).astype(np.uint8)
    grain[:, :8] = 30
    grain[190:210, 2:12] = 0
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for page, kind in zip(pdf.pages, pages, strict=True):
            if kind == "b":
                del page.obj.Contents
            elif kind in "wn":
                data = grain.tobytes() if kind == "n" else b"\xff" * grain.size
                picture = pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Image, Width=300, Height=400)
                picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
                page.obj.Resources.XObject = Dictionary(Im0=picture)
                page.obj.Contents = pdf.make_stream(b"300 0 0 410 0 0 cm /Im0 Do")
        pdf.save(path)
    return path


def test_blank_pages_part_what_stands_between_them(tmp_path: Path) -> None:
    source = blank_document(tmp_path / "stack.pdf", "bTTwTnnTb")

    pages, _ = cut(tmp_path, source, by="blank")
    assert pages == ["2-3", "5", "8"]

    kept, _ = cut(tmp_path, source, by="blank", keep_blank=True)
    assert kept == ["2-4", "5-6", "8-9"]


def test_a_page_with_a_lonely_number_is_not_blank(tmp_path: Path) -> None:
    source = text_document(tmp_path / "number.pdf", "text", pages=3)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[1].obj.Contents = pdf.make_stream(b"BT /F1 9 Tf 150 40 Td (2) Tj ET")
        pdf.save(source)

    pages, _ = cut(tmp_path, source, by="blank")

    assert pages == ["1-3"]


def test_nothing_but_blank_pages_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(OnlyBlankPages, match="All 2 pages"):
        cut(tmp_path, blank_document(tmp_path / "blank.pdf", "bw"), by="blank")


def test_parts_are_as_long_as_their_limit_of_bytes_allows(tmp_path: Path) -> None:
    source = rich_document(tmp_path / "rich.pdf", "rich", pages=40)
    limit_bytes = source.stat().st_size // 6

    pages, result = cut(tmp_path, source, by="size", max_bytes=limit_bytes)

    assert all(part["bytes"] <= limit_bytes for part in result["parts"])
    assert result["over_limit"] == []
    longer = [f"{part.partition('-')[0]}-{int(part.rpartition('-')[2]) + 1}" for part in pages[:-1]]
    _, beyond = cut(tmp_path, source, by="ranges", ranges=longer)
    assert all(part["bytes"] > limit_bytes for part in beyond["parts"])


def test_a_page_beyond_the_limit_is_a_part_of_its_own_and_named(tmp_path: Path) -> None:
    pages, result = cut(tmp_path, text_document(tmp_path / "text.pdf", "text"), by="size", max_bytes=100)

    assert pages == ["1", "2", "3"]
    assert result["over_limit"] == ["text-1.pdf", "text-2.pdf", "text-3.pdf"]


@settings(max_examples=100, deadline=None)
@given(
    weights=st.lists(st.integers(1, 100), min_size=1, max_size=60),
    limit=st.integers(1, 400),
    guess=st.floats(0.01, 1000),
)
def test_fitted_runs_cover_every_page_once_and_respect_the_limit(weights: list[int], limit: int, guess: float) -> None:
    def weigh(cut: Any) -> int:
        return sum(weights[page] for page in cut.pages)

    cuts = fit_into(limit, len(weights), guess, weigh, report=ignore)

    assert [page for each in cuts for page in each.pages] == list(range(len(weights)))
    assert all(weigh(each) <= limit or len(each.pages) == 1 for each in cuts)


def test_names_are_safe_sort_as_the_parts_do_and_none_comes_twice(tmp_path: Path) -> None:
    source = text_document(tmp_path / "a.pdf", "text", pages=12)
    task = task_of(tmp_path, source)

    split(task, SplitOptions())

    names = [output.name for output in task.outputs]
    assert names == sorted(names)
    assert names[0] == "a-01.pdf"
    assert len(set(names)) == 12
    assert [texts(output.path) for output in task.outputs] == [[text] for text in texts(source)]

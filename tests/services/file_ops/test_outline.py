"""An outline is read as the data that makes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String
from pydantic import ValidationError

from services.file_ops.contracts.metadata import EditOutlineOptions
from services.file_ops.metadata.edit_outline import edit_outline, read_outline_as_data
from shared.pdf.page_ranges import PagesOutOfRange
from tests.services.file_ops.assembled_documents import (
    check,
    link_targets,
    opened,
    outline_of,
    page_content,
    rich_document,
    text_document,
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return text_document(tmp_path / "source.pdf", "source", pages=5)


def edited(source: Path, outline: list[dict[str, Any]]) -> Path:
    target = source.with_name("edited.pdf")
    edit_outline(source, target, EditOutlineOptions(outline=outline))
    check(target)
    return target


def test_a_tree_of_entries_becomes_the_outline(source: Path) -> None:
    tree = [
        {"title": "Teil 1 — ü", "page": 1, "children": [{"title": "1.1", "page": 2}, {"title": "1.2", "page": -1}]},
        {"title": "Group", "children": [{"title": "Web", "url": "https://example.org/"}]},
    ]

    pdf = opened(edited(source, tree))

    assert outline_of(pdf) == [
        (1, "Teil 1 — ü", 1), (2, "1.1", 2), (2, "1.2", 5), (1, "Group", None), (2, "Web", None)
    ]  # fmt: skip
    assert str(pdf.Root.Outlines.Last.First.A.URI) == "https://example.org/"


def test_a_flat_list_nests_by_its_levels(source: Path) -> None:
    flat = [{"title": "abcdef"[number], "page": 1, "level": level} for number, level in enumerate([1, 2, 3, 2, 1, 5])]

    levels = [(level, title) for level, title, _ in outline_of(opened(edited(source, flat)))]

    assert levels == [(1, "a"), (2, "b"), (3, "c"), (2, "d"), (1, "e"), (2, "f")]


def test_looks_and_places_of_entries_are_written(source: Path) -> None:
    entry = {"title": "x", "page": 3, "top_points": 120.5, "bold": True, "italic": True, "color": "#ff8000"}

    node = opened(edited(source, [entry])).Root.Outlines.First

    assert int(node.F) == 3
    assert [float(part) for part in node.C] == pytest.approx([1, 0.502, 0], abs=1e-3)
    assert (str(node.Dest[1]), float(node.Dest[3])) == ("/XYZ", 120.5)


def test_counts_say_how_many_entries_show(source: Path) -> None:
    tree = [
        {"title": "a", "open": True, "children": [{"title": "b", "children": [{"title": "c"}]}, {"title": "d"}]},
        {"title": "e", "children": [{"title": "f"}]},
    ]

    root = opened(edited(source, tree)).Root.Outlines

    assert (int(root.Count), int(root.First.Count), int(root.First.First.Count), int(root.Last.Count)) == (4, 2, -1, -1)


def test_an_empty_list_removes_the_outline_and_nothing_else(tmp_path: Path) -> None:
    source = rich_document(tmp_path / "rich.pdf", "rich")

    pdf = opened(edited(source, []))

    assert "/Outlines" not in pdf.Root
    assert page_content(pdf) == page_content(opened(source))
    assert link_targets(pdf) == link_targets(opened(source))


def test_an_entry_may_not_lead_to_a_page_that_is_not_there(source: Path) -> None:
    with pytest.raises(PagesOutOfRange, match="page 6; the document has 5 pages"):
        edited(source, [{"title": "a", "children": [{"title": "b", "page": 6}]}])


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title": "a", "page": 0}, {"title": "a", "page": 1, "url": "x"}, {"title": "a", "color": "red"}],
)
def test_wrong_entries_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EditOutlineOptions(outline=[wrong])


def test_named_destinations_are_read_as_pages(tmp_path: Path) -> None:
    source = rich_document(tmp_path / "rich.pdf", "rich")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.Root.Outlines.First.Dest = String("last")
        del pdf.Root.Outlines.Last.Dest
        pdf.Root.Outlines.Last.A = Dictionary(S=Name.GoTo, D=Name.second)
        pdf.save(source)

    found = read_outline_as_data(source)

    assert [(entry["title"], entry["page"]) for entry in found["outline"]] == [("rich part 1", 4), ("rich part 2", 2)]
    assert (found["items"], found["levels"]) == (3, 2)


def test_an_outline_that_runs_in_circles_ends(source: Path) -> None:
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        first, second = (pdf.make_indirect(Dictionary(Title=String(title))) for title in "ab")
        first.Next, second.Next, second.First = second, first, second
        pdf.Root.Outlines = Dictionary(First=first, Count=Array([]))
        pdf.save(source)

    found = read_outline_as_data(source)

    assert [entry["title"] for entry in found["outline"]] == ["a", "b"]


def test_a_document_without_an_outline_says_so(source: Path) -> None:
    assert read_outline_as_data(source) == {"outline": [], "items": 0, "levels": 0, "truncated": False}


_ENTRIES = st.recursive(
    st.builds(
        dict,
        title=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
        page=st.integers(1, 5),
        open=st.booleans(),
        bold=st.booleans(),
        color=st.sampled_from([None, "#102030", "#ffffff"]),
    ),
    lambda below: st.builds(dict, title=st.just("above"), page=st.integers(1, 5), children=st.lists(below, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outline=st.lists(_ENTRIES, max_size=5))
def test_what_is_read_makes_the_same_outline_again(source: Path, outline: list[dict[str, Any]]) -> None:
    once = source.with_name("once.pdf")
    edit_outline(source, once, EditOutlineOptions(outline=outline))
    found = read_outline_as_data(once)

    again = read_outline_as_data(edited(once, found["outline"]))

    assert again == found
    assert found["outline"] == [_plain(entry) for entry in outline]


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry as it is read: what has its default is left out, and what has nothing below it is not open."""
    children = [_plain(child) for child in entry.get("children", [])]
    kept = {name: value for name, value in entry.items() if value and name != "children"}
    if not children:
        kept.pop("open", None)
    return kept | {"children": children}

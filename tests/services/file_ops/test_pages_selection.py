"""Reordered, shortened and repeated pages keep all that belongs to them, and nothing leads to what is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name

from services.file_ops.contracts.pages import DeleteOptions, RemoveBlankOptions, ReorderOptions
from services.file_ops.pages.actors import delete_pages, remove_blank_pages, reorder_pages
from services.file_ops.pages.selection import NoPageLeft
from shared.errors import DamagedFile, EncryptedPdf, SignedPdf
from shared.operation import Result
from shared.pdf.page_ranges import PagesOutOfRange
from tests.services.file_ops.page_documents import add_page, field, rich_document, save, task_of, text, texts_of
from tests.services.file_ops.test_protection_locks import assert_sound


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return rich_document(tmp_path / "rich.pdf")


def reordered(source: Path, folder: Path, password: str | None = None, **options: Any) -> tuple[Result, Path]:
    task = task_of(source, folder, password)
    return reorder_pages(task, ReorderOptions(**options)), task.outputs[0].path


def shortened(source: Path, folder: Path, **options: Any) -> tuple[Result, Path]:
    task = task_of(source, folder)
    return delete_pages(task, DeleteOptions(**options)), task.outputs[0].path


def links(pdf: pikepdf.Pdf) -> list[tuple[int, int]]:
    """From which page to which the links lead."""
    numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    return [
        (number, numbers[annotation.Dest[0].objgen])
        for number, page in enumerate(pdf.pages, start=1)
        for annotation in page.obj.get("/Annots", ())
        if annotation.Subtype == Name.Link
    ]


def outline(pdf: pikepdf.Pdf) -> list[tuple[str, int]]:
    numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    with pdf.open_outline() as found:
        return [(item.title, numbers[item.destination[0].objgen]) for item in found.root]


def test_pages_in_a_new_order_keep_everything(rich: Path, tmp_path: Path) -> None:
    result, path = reordered(rich, tmp_path, pages="4-1")

    assert texts_of(path) == ["Page 4", "Page 3", "Page 2", "Page 1"]
    assert_sound(path)
    with pikepdf.open(path) as pdf:
        assert sorted(links(pdf)) == [(1, 4), (2, 1), (3, 2), (4, 3)]
        assert outline(pdf) == [("To page 1", 4), ("To page 2", 3), ("To page 3", 2), ("To page 4", 1)]
        assert [page.label for page in pdf.pages] == ["iv", "iii", "ii", "i"]
        assert sorted(str(each.T) for each in pdf.Root.AcroForm.Fields) == [f"field-{n}" for n in (1, 2, 3, 4)]
        assert [str(page.obj.Annots[1].T) for page in pdf.pages] == [f"field-{n}" for n in (4, 3, 2, 1)]
        assert {str(item.Pg.Contents.read_bytes()[25:31], "ascii") for item in pdf.Root.StructTreeRoot.K}
        assert len(pdf.Root.StructTreeRoot.K) == 4
        assert bytes(pdf.attachments["note.txt"].get_file().read_bytes()) == b"attached"
        assert str(pdf.docinfo["/Title"]) == "A title"
    assert result["dropped"] == {"links": 0, "outline_entries": 0, "named_destinations": 0, "form_fields": 0}


def test_what_led_to_a_deleted_page_goes_with_it_and_is_counted(rich: Path, tmp_path: Path) -> None:
    result, path = shortened(rich, tmp_path, pages="2,-1")

    assert texts_of(path) == ["Page 1", "Page 3"]
    assert_sound(path)
    with pikepdf.open(path) as pdf:
        # Page 1 led to page 2 and page 3 to page 4.
        assert links(pdf) == []
        assert outline(pdf) == [("To page 1", 1), ("To page 3", 2)]
        assert [page.label for page in pdf.pages] == ["i", "iii"]
        assert [str(each.T) for each in pdf.Root.AcroForm.Fields] == ["field-1", "field-3"]
        assert b"Page 2" not in b"".join(
            thing.read_bytes() for thing in pdf.objects if isinstance(thing, pikepdf.Stream)
        )
    assert result["dropped"] == {"links": 2, "outline_entries": 2, "named_destinations": 2, "form_fields": 2}
    assert (result["pages_before"], result["pages"], result["pages_left_out"]) == (4, 2, 2)


def test_a_repeated_page_has_annotations_and_fields_of_its_own(rich: Path, tmp_path: Path) -> None:
    result, path = reordered(rich, tmp_path, pages="1,2,1", append_rest=True)

    assert texts_of(path) == ["Page 1", "Page 2", "Page 1", "Page 3", "Page 4"]
    assert_sound(path)
    with pikepdf.open(path) as pdf:
        first, second = pdf.pages[0].obj.Annots, pdf.pages[2].obj.Annots
        assert {each.objgen for each in first}.isdisjoint(each.objgen for each in second)
        assert {each.P.objgen for each in second} == {pdf.pages[2].obj.objgen}
        assert sorted(links(pdf)) == [(1, 2), (2, 4), (3, 2), (4, 5), (5, 1)]
        fields = [str(each.T) for each in pdf.Root.AcroForm.Fields]
        assert len(fields) == len(set(fields)) == 5
        assert [page.label for page in pdf.pages] == ["i", "ii", "i", "iii", "iv"]
        assert outline(pdf) == [("To page 1", 1), ("To page 2", 2), ("To page 3", 4), ("To page 4", 5)]
        assert "/StructParents" not in pdf.pages[2].obj
    assert result["pages_repeated"] == 1
    assert result["left_out"] == ["tags of repeated pages: the first of each keeps them"]


@settings(max_examples=15, deadline=None)
@given(order=st.lists(st.integers(1, 5), min_size=1, max_size=9))
def test_any_order_gives_the_pages_of_that_order(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    folder = tmp_path_factory.mktemp("order")

    _, path = reordered(rich_document(folder / "five.pdf", pages=5), folder, pages=",".join(map(str, order)))

    assert texts_of(path) == [f"Page {number}" for number in order]
    with pikepdf.open(path) as pdf:
        assert len({page.obj.objgen for page in pdf.pages}) == len(order)


def test_not_every_page_can_be_deleted(rich: Path, tmp_path: Path) -> None:
    with pytest.raises(NoPageLeft):
        shortened(rich, tmp_path, pages="all")


def test_pages_that_are_not_there_are_named(rich: Path, tmp_path: Path) -> None:
    with pytest.raises(PagesOutOfRange, match="4 pages"):
        shortened(rich, tmp_path, pages="5")


def test_inherited_size_turn_and_resources_come_along(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    for number in (1, 2):
        add_page(pdf, text(f"Page {number}"))
    tree = pdf.Root.Pages
    tree.Resources, tree.Rotate, tree.MediaBox = pdf.pages[0].obj.Resources, 90, Array([0, 0, 300, 200])
    for page in pdf.pages:
        for key in ("/Resources", "/MediaBox"):
            del page.obj[key]

    _, path = reordered(save(pdf, tmp_path / "in.pdf"), tmp_path, pages="2,1,1")

    assert texts_of(path) == ["Page 2", "Page 1", "Page 1"]
    with pikepdf.open(path) as out:
        assert [page.rotation for page in out.pages] == [90, 90, 90]
        assert [list(map(int, page.mediabox)) for page in out.pages] == [[0, 0, 300, 200]] * 3


def test_a_locked_document_stays_locked(rich: Path, tmp_path: Path) -> None:
    with pikepdf.open(rich) as pdf:
        locked = save(pdf, tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))

    with pytest.raises(EncryptedPdf):
        reordered(locked, tmp_path, pages="2,1")
    result, path = reordered(locked, tmp_path, pages="2,1", password="u")

    assert result["protected"] is True
    assert result["left_out"] == ["the owner's password, and the restrictions that it lifts"]
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(path)
    assert texts_of(path, "u") == ["Page 2", "Page 1"]


def signed_document(path: Path) -> Path:
    pdf = pikepdf.new()
    page = add_page(pdf, text("Signed"))
    add_page(pdf, text("Second"))
    signature = field(pdf, "signature", (20, 20, 80, 40))
    signature.FT = Name.Sig
    signature.V = pdf.make_indirect(
        Dictionary(Type=Name.Sig, ByteRange=[0, 1, 2, 3], Contents=pikepdf.String(b"0" * 9))
    )
    page.Annots = Array([signature])
    pdf.Root.AcroForm = Dictionary(Fields=[signature], SigFlags=3)
    return save(pdf, path)


def test_a_signed_document_is_only_changed_by_who_accepts_that(tmp_path: Path) -> None:
    source = signed_document(tmp_path / "signed.pdf")

    with pytest.raises(SignedPdf):
        reordered(source, tmp_path, pages="2,1")
    result, _ = reordered(source, tmp_path, pages="2,1", break_signature=True)

    assert result["signatures_removed"] == 1


def blank_document(path: Path) -> Path:
    """Text and a box, nothing, gray paper with grain, a page number alone, a shadow at the edge, a faint line."""
    pdf = pikepdf.new()
    add_page(pdf, text("Text") + b" 0 g 20 20 100 60 re f")
    add_page(pdf)
    add_page(
        pdf, b"0.8 g 0 0 300 200 re f " + b"".join(b"0.78 g %d %d 1 1 re f " % (x, x % 190) for x in range(0, 290, 3))
    )
    add_page(pdf, b"BT /F 8 Tf 150 30 Td (4) Tj ET")
    add_page(pdf, b"0 g 0 0 3 200 re f")
    add_page(pdf, b"0.6 g 50 100 200 1 re f")
    return save(pdf, path)


def test_pages_on_which_nothing_can_be_seen_are_removed_and_named(tmp_path: Path) -> None:
    task = task_of(blank_document(tmp_path / "blank.pdf"), tmp_path)

    result = remove_blank_pages(task, RemoveBlankOptions())

    assert [each["page"] for each in result["blank_pages"]] == [2, 3, 5]
    assert result["pages"] == 3
    assert texts_of(task.outputs[0].path) == ["Text", "4", ""]


def test_a_higher_threshold_takes_faint_pages_too_and_only_chosen_pages_go(tmp_path: Path) -> None:
    source = blank_document(tmp_path / "blank.pdf")
    first, second = task_of(source, tmp_path), task_of(source, tmp_path)

    coarse = remove_blank_pages(first, RemoveBlankOptions(max_ink_percent=1))
    chosen = remove_blank_pages(second, RemoveBlankOptions(pages="3-"))

    assert [each["page"] for each in coarse["blank_pages"]] == [2, 3, 4, 5, 6]
    assert [each["page"] for each in chosen["blank_pages"]] == [3, 5]


def test_a_document_of_blank_pages_only_is_refused(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf)

    with pytest.raises(NoPageLeft, match="blank"):
        remove_blank_pages(task_of(save(pdf, tmp_path / "in.pdf"), tmp_path), RemoveBlankOptions())


def test_a_page_with_an_unfilled_field_that_shows_is_not_blank(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, text("Text"))
    page = add_page(pdf)
    page.Annots = Array([field(pdf, "name", (100, 80, 160, 100))])
    pdf.Root.AcroForm = Dictionary(Fields=page.Annots)

    result = remove_blank_pages(task_of(save(pdf, tmp_path / "in.pdf"), tmp_path), RemoveBlankOptions())

    assert result["blank_pages"] == []


def test_no_blank_page_is_an_answer(rich: Path, tmp_path: Path) -> None:
    result = remove_blank_pages(task_of(rich, tmp_path), RemoveBlankOptions())

    assert result["blank_pages"] == []
    assert result["pages"] == 4


def test_damage_is_told(tmp_path: Path) -> None:
    (tmp_path / "in.pdf").write_bytes(b"%PDF-1.7 nothing")

    with pytest.raises(DamagedFile):
        reordered(tmp_path / "in.pdf", tmp_path, pages="1")

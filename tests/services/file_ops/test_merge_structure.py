"""Merged tagged files are one tagged file: every rule of a structure tree holds, conflicts are resolved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Dictionary, Name, String

from services.file_ops.assembly.merge import merge
from services.file_ops.contracts.assembly import MergeOptions
from tests.services.file_ops.assembled_documents import (
    add_tags,
    given,
    opened,
    paragraphs_of,
    rich_document,
    text_document,
)


def merged(tmp_path: Path, *paths: Path, **options: Any) -> pikepdf.Pdf:
    merge(given(*paths), tmp_path / "merged.pdf", MergeOptions(**options))
    return opened(tmp_path / "merged.pdf")


def tagged(path: Path, *, heading: Any = Name.H1, of_class: Any = None, language: str | None = None) -> Path:
    text_document(path, path.stem)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        add_tags(pdf, heading=heading, of_class=of_class)
        if language:
            pdf.Root.Lang = String(language)
        pdf.save(path)
    return path


@pytest.mark.parametrize("pages", [None, ["1-4", "4,3,2,1"]], ids=["whole trees", "reordered pages"])
def test_every_mark_and_link_is_owned_by_its_element_in_one_tree(tmp_path: Path, pages: list[str] | None) -> None:
    paths = [rich_document(tmp_path / f"{name}.pdf", name) for name in ("one", "two")]

    pdf = merged(tmp_path, *paths, pages=pages)

    assert sorted(page for _, page in paragraphs_of(pdf)) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert Name.Document == pdf.Root.StructTreeRoot.K.S
    assert bool(pdf.Root.MarkInfo.Marked) is True
    assert "/Suspects" not in pdf.Root.MarkInfo


def test_a_part_of_the_pages_brings_their_elements_and_no_others(tmp_path: Path) -> None:
    paths = [rich_document(tmp_path / f"{name}.pdf", name) for name in ("one", "two")]

    pdf = merged(tmp_path, *paths, pages=["2,3", "1"])

    assert sorted(page for _, page in paragraphs_of(pdf)) == [1, 2, 3]


def test_one_name_for_two_roles_becomes_two_names(tmp_path: Path) -> None:
    paths = [tagged(tmp_path / "one.pdf", heading=Name.H1), tagged(tmp_path / "two.pdf", heading=Name.P)]

    pdf = merged(tmp_path, *paths)

    assert sorted(paragraphs_of(pdf), key=lambda found: found[1]) == [
        ("/H1", 1), ("/H1", 2), ("/H1", 3), ("/P", 4), ("/P", 5), ("/P", 6)
    ]  # fmt: skip


def test_one_name_for_two_classes_becomes_two_names(tmp_path: Path) -> None:
    classes = [Dictionary(O=Name.Layout, Width=width) for width in (100, 200)]
    paths = [tagged(tmp_path / f"{n}.pdf", of_class=each) for n, each in enumerate(classes)]

    pdf = merged(tmp_path, *paths)

    tree = pdf.Root.StructTreeRoot
    elements = [document.K[0] for document in tree.K.K]
    assert [int(tree.ClassMap[str(element.C)].Width) for element in elements] == [100, 200]


def test_ids_stay_unique_and_headers_refer_to_their_own_cells(tmp_path: Path) -> None:
    paths = [tagged(tmp_path / "one.pdf"), tagged(tmp_path / "two.pdf")]

    pdf = merged(tmp_path, *paths)

    paragraphs_of(pdf)
    for document in pdf.Root.StructTreeRoot.K.K:
        first, second, third = document.K
        assert [bytes(each.A.Headers[0]) for each in (second, third)] == [bytes(first.ID), bytes(second.ID)]


def test_another_language_is_said_where_it_begins(tmp_path: Path) -> None:
    paths = [tagged(tmp_path / "one.pdf", language="en"), tagged(tmp_path / "two.pdf", language="de")]

    pdf = merged(tmp_path, *paths)

    assert str(pdf.Root.Lang) == "en"
    assert [str(document.get("/Lang")) for document in pdf.Root.StructTreeRoot.K.K] == ["None", "de"]


def test_a_file_without_tags_makes_the_whole_suspect_and_gets_no_wrong_ones(tmp_path: Path) -> None:
    plain = text_document(tmp_path / "plain.pdf", "plain")
    with pikepdf.open(plain, allow_overwriting_input=True) as pdf:
        # A number without a tree, as careless tools leave it.
        pdf.pages[0].obj.StructParents = 0
        pdf.save(plain)

    pdf = merged(tmp_path, tagged(tmp_path / "one.pdf"), plain)

    assert [page for _, page in paragraphs_of(pdf)] == [1, 2, 3]
    assert bool(pdf.Root.MarkInfo.Suspects) is True
    assert "/StructParents" not in pdf.pages[3].obj


def test_marks_within_forms_keep_their_owner(tmp_path: Path) -> None:
    paths = [tagged(tmp_path / "one.pdf"), tagged(tmp_path / "two.pdf")]
    for path in paths:
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            form = pdf.make_stream(b"/Span <</MCID 0>> BDC EMC", Type=Name.XObject, Subtype=Name.Form)
            form.BBox, form.StructParents, form.Resources = pikepdf.Array([0, 0, 9, 9]), 50, Dictionary()
            page = pdf.pages[0].obj
            page.Resources.XObject = Dictionary(Fm0=form)
            page.Contents = pikepdf.Array([page.Contents, pdf.make_stream(b"/Fm0 Do")])
            tree = pdf.Root.StructTreeRoot
            held = Dictionary(Type=Name.MCR, Pg=page, Stm=form, MCID=0)
            element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Span, P=tree.K, K=held))
            tree.K.K.append(element)
            pikepdf.NumberTree(tree.ParentTree)[50] = pikepdf.Array([element])
            pdf.save(path)

    for pages in (None, ["1", "1"]):
        pdf = merged(tmp_path, *paths, pages=pages)
        owners = dict(pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree).items())
        forms = [page.obj.Resources.XObject.Fm0 for page in pdf.pages if "/XObject" in page.obj.Resources]
        assert len({form.StructParents for form in forms}) == 2
        assert [owners[form.StructParents][0].K.Stm.objgen for form in forms] == [form.objgen for form in forms]

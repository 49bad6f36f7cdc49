"""Every kind of structure that a benchmark says was kept is one that it can see missing."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from benchmarks.structure import KINDS, counted


@pytest.fixture
def furnished(tmp_path: Path) -> Path:
    """A PDF that has every kind of structure at least once."""
    path = tmp_path / "furnished.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        field = pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), Rect=Array([0, 0, 9, 9]))
        )
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
        page.obj.Annots = Array([field, pdf.make_indirect(link)])
        pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array([field]), XFA=pdf.make_stream(b"<xdp/>")))
        pdf.attachments["note.txt"] = b"attached"
        pdf.Root.Names.Dests = Dictionary(Names=Array([String("top"), Array([page.obj, Name.Fit])]))
        pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r)]))
        pdf.Root.Lang = String("en")
        pdf.Root.OCProperties = Dictionary(OCGs=Array([pdf.make_indirect(Dictionary(Type=Name.OCG))]))
        element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P))
        pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([element])))
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Chapter", 0))
        pdf.save(path, encryption=pikepdf.Encryption(owner="owner"))
    return path


def test_all_twelve_kinds_are_seen(furnished: Path) -> None:
    with pikepdf.open(furnished) as pdf:
        assert counted(pdf) == dict.fromkeys(KINDS, 1)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("AcroForm", "/AcroForm"),
        ("outline", "/Outlines"),
        ("tags", "/StructTreeRoot"),
        ("lang", "/Lang"),
        ("layers", "/OCProperties"),
        ("page labels", "/PageLabels"),
        ("attachments", "/Names"),
        ("named dests", "/Names"),
    ],
)
def test_a_kind_that_was_dropped_counts_zero(furnished: Path, kind: str, path: str) -> None:
    with pikepdf.open(furnished) as pdf:
        del pdf.Root[path]
        assert counted(pdf)[kind] == 0


def test_annotations_that_were_dropped_count_zero(furnished: Path) -> None:
    with pikepdf.open(furnished) as pdf:
        del pdf.pages[0].obj.Annots
        now = counted(pdf)
        assert (now["links"], now["widgets"]) == (0, 0)

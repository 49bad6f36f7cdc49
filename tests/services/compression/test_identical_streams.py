"""Equal things are stored once; what differs in one byte, or has an identity of its own, never becomes one."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object

from services.compression.fonts import shrink_fonts
from services.compression.identical_streams import share_identical
from tests.services.compression.font_documents import add_page, assert_looks_and_reads_the_same, saved


def _picture(pdf: pikepdf.Pdf, data: bytes, **entries: object) -> Object:
    return pdf.make_stream(
        data,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=100,
        Height=100,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
        **entries,
    )


def _page_with(pdf: pikepdf.Pdf, item: Object) -> pikepdf.Page:
    return add_page(pdf, b"q 100 0 0 100 0 0 cm /X Do Q", XObject=Dictionary(X=item))


def _reopened(pdf: pikepdf.Pdf) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(saved(pdf)))


def _shown(pdf: pikepdf.Pdf) -> list[tuple[int, int]]:
    return [page.Resources.XObject.X.objgen for page in _reopened(pdf).pages]


_GREY = bytes(range(100)) * 100


def test_equal_pictures_are_stored_once() -> None:
    pdf = pikepdf.new()
    for _ in range(3):
        _page_with(pdf, _picture(pdf, _GREY))
    before = saved(pdf)
    assert share_identical(pdf) > 0
    assert len(set(_shown(pdf))) == 1
    assert_looks_and_reads_the_same(before, saved(pdf))


@pytest.mark.parametrize("place", [0, 5_000, len(_GREY) - 1])
def test_pictures_that_differ_in_one_byte_stay_apart(place: int) -> None:
    pdf = pikepdf.new()
    other = bytearray(_GREY)
    other[place] ^= 1
    _page_with(pdf, _picture(pdf, _GREY))
    _page_with(pdf, _picture(pdf, bytes(other)))
    share_identical(pdf)
    assert len(set(_shown(pdf))) == 2


def test_pictures_of_equal_bytes_but_other_entries_stay_apart() -> None:
    pdf = pikepdf.new()
    _page_with(pdf, _picture(pdf, _GREY))
    _page_with(pdf, _picture(pdf, _GREY, Decode=Array([1, 0])))
    share_identical(pdf)
    assert len(set(_shown(pdf))) == 2


def test_what_refers_to_equal_things_becomes_equal_itself() -> None:
    pdf = pikepdf.new()
    for _ in range(2):
        mask = _picture(pdf, _GREY)
        form = pdf.make_stream(
            b"/X Do",
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 1, 1]),
            Resources=Dictionary(XObject=Dictionary(X=_picture(pdf, _GREY[::-1], SMask=mask))),
        )
        _page_with(pdf, form)
    share_identical(pdf)
    assert len(set(_shown(pdf))) == 1


def test_a_string_that_looks_like_a_reference_is_not_one() -> None:
    pdf = pikepdf.new()
    first, second = (pdf.make_stream(b"the same data, twice") for _ in range(2))
    for stream in (first, second):
        _page_with(pdf, _picture(pdf, _GREY, Note=pikepdf.String(f"{stream.objgen[0]} 0 R"), Used=stream))
    share_identical(pdf)
    notes = [str(page.Resources.XObject.X.Note) for page in _reopened(pdf).pages]
    assert len(set(notes)) == 2


def test_a_forty_fold_merged_invoice_is_hardly_larger_than_one(corpus: Path) -> None:
    with pikepdf.open(corpus / "pdf/office__syn_merged_invoices_40x.pdf") as pdf:
        before = saved(pdf)
        share_identical(pdf)
        shrink_fonts(pdf, lossless=True)
        after = saved(pdf)
    assert len(before) > 5_900_000
    assert len(after) < 100_000
    assert_looks_and_reads_the_same(before, after)


def _with_widgets(kind: str, count: int = 2) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    page = add_page(pdf, b"")
    fields = Array()
    for _ in range(count):
        appearance = pdf.make_stream(
            b"/Tx BMC EMC " * 20, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 90, 20])
        )
        states = Dictionary(N=appearance) if kind == "/Tx" else Dictionary(N=Dictionary(On=appearance))
        fields.append(
            pdf.make_indirect(
                Dictionary(
                    Type=Name.Annot, Subtype=Name.Widget, FT=Name(kind), T="a", Rect=[10, 10, 100, 30], AP=states
                )
            )
        )
    page.Annots = fields
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=fields))
    return pdf


def test_equal_widgets_stay_two_widgets() -> None:
    pdf = _with_widgets("/Tx")
    share_identical(pdf)
    with _reopened(pdf) as kept:
        assert len({widget.objgen for widget in kept.pages[0].Annots}) == 2


def test_fields_to_fill_in_keep_an_appearance_of_their_own() -> None:
    pdf = _with_widgets("/Tx")
    share_identical(pdf)
    with _reopened(pdf) as kept:
        assert len({widget.AP.N.objgen for widget in kept.pages[0].Annots}) == 2


def test_tick_boxes_share_the_picture_of_a_tick() -> None:
    pdf = _with_widgets("/Btn")
    share_identical(pdf)
    with _reopened(pdf) as kept:
        assert len({widget.AP.N.On.objgen for widget in kept.pages[0].Annots}) == 1


def test_equal_pages_layers_and_tags_keep_their_identity() -> None:
    pdf = pikepdf.new()
    for _ in range(2):
        add_page(pdf, b"0 0 9 9 re f")
    layers = Array([pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Layer")) for _ in range(2)])
    pdf.Root.OCProperties = Dictionary(OCGs=layers, D=Dictionary(Order=layers))
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    root.K = Array([pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=root)) for _ in range(2)])
    pdf.Root.StructTreeRoot = root
    share_identical(pdf)
    kept = _reopened(pdf)
    assert len(kept.pages) == 2
    assert len({layer.objgen for layer in kept.Root.OCProperties.OCGs}) == 2
    assert len({tag.objgen for tag in kept.Root.StructTreeRoot.K}) == 2


def test_forms_that_belong_to_different_tags_stay_apart() -> None:
    pdf = pikepdf.new()
    for number in range(2):
        form = pdf.make_stream(
            b"0 0 1 1 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1]), StructParents=7
        )
        _page_with(pdf, form)
        assert number < 2
    share_identical(pdf)
    assert len(set(_shown(pdf))) == 2


def test_sharing_twice_changes_nothing_more() -> None:
    pdf = pikepdf.new()
    for _ in range(3):
        _page_with(pdf, _picture(pdf, _GREY))
    share_identical(pdf)
    with _reopened(pdf) as again:
        assert share_identical(again) == 0


@pytest.mark.heavy
def test_every_document_of_the_corpus_looks_and_reads_the_same_with_equal_things_shared(corpus: Path) -> None:
    opened = 0
    for path in sorted((corpus / "pdf").glob("*.pdf")):
        try:
            pdf = pikepdf.open(path)
        except (pikepdf.PdfError, pikepdf.PasswordError):
            continue
        with pdf:
            before = saved(pdf)
            share_identical(pdf)
            assert_looks_and_reads_the_same(before, saved(pdf), pages=6)
        opened += 1
    assert opened > 50


def test_long_resources_of_forms_are_stored_once_and_packed() -> None:
    pdf = pikepdf.new()
    resources = {f"/Gs{number}": Dictionary(CA=number / 1000, Type=Name.ExtGState) for number in range(100)}
    for number in range(20):
        form = pdf.make_stream(
            b"/Gs7 gs %d 0 9 9 re f" % number,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 400, 200]),
            Resources=Dictionary(ExtGState=Dictionary(resources)),
        )
        _page_with(pdf, form)
    before = saved(pdf)
    share_identical(pdf)
    after = saved(pdf)
    assert len(after) < len(before) / 5
    with _reopened(pdf) as kept:
        assert len({page.Resources.XObject.X.Resources.objgen for page in kept.pages}) == 1
    assert_looks_and_reads_the_same(before, after)

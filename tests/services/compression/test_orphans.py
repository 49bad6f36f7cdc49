"""What no viewer shows goes; what anything can still show or mean stays."""

from __future__ import annotations

import io
from random import Random

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.compression.orphans import drop_orphaned_content
from tests.services.compression.font_documents import add_page, assert_looks_and_reads_the_same, saved

_HEAVY = Random(1).randbytes(10_000)


def _heavy(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.make_stream(b"% " + _HEAVY.hex().encode() + b"\n0 0 50 50 re f")


def _with_orphan() -> tuple[pikepdf.Pdf, pikepdf.Object]:
    """Return a document whose second page was deleted, while a tag still points at it."""
    pdf = pikepdf.new()
    add_page(pdf, b"10 10 50 50 re f")
    orphan = add_page(pdf, b"").obj
    orphan.Contents = _heavy(pdf)
    del pdf.pages[1]
    orphan.Parent = pdf.Root.Pages
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    root.K = Array([pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=root, Pg=orphan))])
    pdf.Root.StructTreeRoot = root
    return pdf, orphan


def test_the_content_of_a_deleted_page_goes_and_the_tag_still_points_at_a_page() -> None:
    pdf, orphan = _with_orphan()
    before = saved(pdf)
    assert drop_orphaned_content(pdf, drop_output_intents=False) > 10_000
    after = saved(pdf)
    assert "/Contents" not in orphan
    with pikepdf.open(io.BytesIO(after)) as kept:
        assert kept.Root.StructTreeRoot.K[0].Pg.Type == Name.Page
    assert len(after) < len(before) / 3
    assert_looks_and_reads_the_same(before, after)


def test_a_page_that_a_form_script_can_spawn_stays_whole() -> None:
    pdf, orphan = _with_orphan()
    pdf.Root.Names = Dictionary(Templates=Dictionary(Kids=Array([Dictionary(Names=Array(["one", orphan]))])))
    drop_orphaned_content(pdf, drop_output_intents=False)
    assert "/Contents" in orphan


def test_thumbnails_and_private_data_go() -> None:
    pdf = pikepdf.new()
    page = add_page(pdf, b"10 10 50 50 re f").obj
    page.Thumb = pdf.make_stream(_HEAVY)
    page.PieceInfo = Dictionary(Editor=Dictionary(Private=pdf.make_stream(_HEAVY)))
    assert drop_orphaned_content(pdf, drop_output_intents=False) > 0
    assert "/Thumb" not in page
    assert "/PieceInfo" not in page


def _with_intent(colours: int) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    add_page(pdf, b"")
    profile = pdf.make_stream(_HEAVY, N=colours)
    pdf.Root.OutputIntents = Array(
        [Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier="x", DestOutputProfile=profile)]
    )
    return pdf


def test_an_output_intent_goes_only_when_asked() -> None:
    pdf = _with_intent(3)
    drop_orphaned_content(pdf, drop_output_intents=False)
    assert "/OutputIntents" in pdf.Root
    drop_orphaned_content(pdf, drop_output_intents=True)
    assert "/OutputIntents" not in pdf.Root


def test_the_output_intent_of_pdf_a_pdf_x_and_cmyk_stays() -> None:
    archive = _with_intent(3)
    archive.Root.Metadata = archive.make_stream(b"<pdfaid:part>2</pdfaid:part>", Type=Name.Metadata)
    printing = _with_intent(3)
    printing.docinfo["/GTS_PDFXVersion"] = "PDF/X-1a:2001"
    inks = _with_intent(4)
    for pdf in (archive, printing, inks):
        drop_orphaned_content(pdf, drop_output_intents=True)
        assert "/OutputIntents" in pdf.Root

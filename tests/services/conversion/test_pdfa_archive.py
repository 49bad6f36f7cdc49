"""PDF/A that we make: examined, looking as before, with what went told; what cannot conform is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from services.conversion.to_pdf.pdfa.archive import DynamicForm, NotConforming
from services.conversion.to_pdf.pdfa.colours import ink_profile
from services.conversion.to_pdf.pdfa_rules.check import check_pdfa
from shared.errors import SignedPdf
from tests.services.conversion.conversion_task import converted

_KINDS = ("pdfa-1b", "pdfa-2b", "pdfa-3b")


def _document(path: Path, change: Callable[[pikepdf.Pdf, pikepdf.Page], None], content: bytes = b"") -> Path:
    """A page with text in fonts that it does not bring, changed by a test."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, 200))
        names = ("Helvetica", "Times-BoldItalic", "Courier", "Symbol", "ZapfDingbats")
        fonts = {
            f"/F{number}": Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{name}"))
            for number, name in enumerate(names)
        }
        page.Resources = Dictionary(Font=Dictionary(fonts))
        lines = b"".join(b"BT /F%d 14 Tf 20 %d Td (Hamburg) Tj ET\n" % (n, 170 - 25 * n) for n in range(5))
        page.Contents = pdf.make_stream(lines + content)
        change(pdf, page)
        pdf.save(path)
    return path


def _plain(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    return None


def _pixels(pdf: Path, page: int = 0) -> np.ndarray:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    drawn = np.asarray(document[page].render(scale=2, may_draw_forms=True).to_pil().convert("RGB"), int)
    document.close()
    return drawn


def _text(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = str(document[0].get_textpage().get_text_range())
    document.close()
    return text


@pytest.mark.parametrize("kind", _KINDS)
def test_a_document_without_fonts_gets_them_and_looks_and_reads_as_before(tmp_path: Path, kind: str):
    source = _document(tmp_path / "a.pdf", _plain)

    made, told = converted(source, tmp_path, to=kind)

    assert check_pdfa(made, int(kind[5])) == []
    assert told["validation"]["conforms"]
    assert set(told["fonts"]["embedded"]) == {"Helvetica", "Times-BoldItalic", "Courier", "Symbol", "ZapfDingbats"}
    assert np.abs(_pixels(source) - _pixels(made)).mean() < 2
    assert _text(made).split()[:3] == ["Hamburg"] * 3
    with pikepdf.open(made) as pdf:
        assert pdf.pdf_version == ("1.4" if kind == "pdfa-1b" else "1.7")


def test_inks_keep_the_colours_that_they_were_drawn_in(tmp_path: Path):
    def ink(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        image = pdf.make_stream(bytes(range(256)) * 4, Type=Name.XObject, Subtype=Name.Image, Width=16, Height=16)
        image.ColorSpace, image.BitsPerComponent = Name.DeviceCMYK, 8
        page.Resources.XObject = Dictionary(I=image)
        tint = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[0, 1, 0.5, 0], N=1)
        page.Resources.ColorSpace = Dictionary(S=Array([Name.Separation, Name.Spot, Name.DeviceCMYK, tint]))

    paints = b"0.2 0.8 0.1 0.1 k 150 20 40 40 re f /S cs 0.7 scn 200 20 40 40 re f q 60 0 0 60 200 100 cm /I Do Q"
    source = _document(tmp_path / "a.pdf", ink, paints)

    made, _ = converted(source, tmp_path, to="pdfa-2b")

    assert np.abs(_pixels(source) - _pixels(made)).mean() < 2
    assert ink_profile()[36:40] == b"acsp"


def test_groups_blend_in_definite_colours(tmp_path: Path):
    def group(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        _transparent(pdf, page)
        page.obj.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceCMYK)

    made, _ = converted(_document(tmp_path / "a.pdf", group, _SEE_THROUGH), tmp_path, to="pdfa-2b")

    with pikepdf.open(made) as pdf:
        assert pdf.pages[0].obj.Group.CS[0] == Name.ICCBased


def test_scripts_actions_and_embedded_files_go_and_are_told(tmp_path: Path):
    def spoil(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=b"app.alert(1)")
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([])))
        pdf.attachments["a.txt"] = b"attached"
        page.obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=b"calc.exe"))
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
        link.A = Dictionary(S=Name.URI, URI=b"https://example.org")
        bad = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([9, 9, 19, 19]), A=Dictionary(S=Name.Launch))
        page.obj.Annots = Array([pdf.make_indirect(link), pdf.make_indirect(bad)])

    made, told = converted(_document(tmp_path / "a.pdf", spoil), tmp_path, to="pdfa-2b")

    assert told["removed"]["scripts"] == 1
    assert told["removed"]["actions"] >= 2
    assert told["removed"]["embedded files"] >= 1
    data = made.read_bytes()
    with pikepdf.open(made) as pdf:
        assert "/OpenAction" not in pdf.Root
        first, second = pdf.pages[0].Annots
        assert first.A.URI == "https://example.org"
        assert "/A" not in second
    assert b"JavaScript" not in data
    assert b"Launch" not in data


def test_an_encrypted_document_opens_without_a_password_afterwards(tmp_path: Path):
    plain = _document(tmp_path / "plain.pdf", _plain)
    with pikepdf.open(plain) as pdf:
        pdf.save(tmp_path / "a.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))

    made, _ = converted(tmp_path / "a.pdf", tmp_path, password="u", to="pdfa-1b")

    with pikepdf.open(made) as pdf:
        assert not pdf.is_encrypted


def test_information_and_metadata_say_the_same(tmp_path: Path):
    def describe(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        pdf.docinfo.Title = pikepdf.String("Grüße & <Söhne>\x01")
        pdf.docinfo.Author = pikepdf.String("Ä. Muster")
        pdf.docinfo.CreationDate = pikepdf.String("D:20200102030405+02'00'")

    made, _ = converted(_document(tmp_path / "a.pdf", describe), tmp_path, to="pdfa-1b")

    with pikepdf.open(made) as pdf:
        metadata = pdf.open_metadata()
        assert metadata["dc:title"] == str(pdf.docinfo.Title) == "Grüße & <Söhne>"
        assert metadata["dc:creator"] == ["Ä. Muster"]
        assert metadata["xmp:CreateDate"] == "2020-01-02T03:04:05+02:00"
        assert metadata.pdfa_status == "1B"


def _transparent(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.Resources.ExtGState = Dictionary(G=Dictionary(Type=Name.ExtGState, ca=0.5))


_SEE_THROUGH = b"/G gs 1 0 0 rg 20 100 100 60 re f"


def test_transparency_is_kept_since_part_2_and_named_in_part_1(tmp_path: Path):
    source = _document(tmp_path / "a.pdf", _transparent, _SEE_THROUGH)

    made, _ = converted(source, tmp_path, to="pdfa-2b")
    assert np.abs(_pixels(source) - _pixels(made)).mean() < 2
    with pytest.raises(NotConforming, match="transparency on page 1") as raised:
        converted(source, tmp_path, to="pdfa-1b")

    assert "rasterize_pages=true" in raised.value.remedy


def test_pages_become_images_only_where_that_was_asked_for_and_needed(tmp_path: Path):
    source = _document(tmp_path / "a.pdf", _transparent, _SEE_THROUGH)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.add_blank_page(page_size=(300, 200))
        pdf.pages[0].Rotate = 90
        pdf.save(source)

    made, told = converted(source, tmp_path, to="pdfa-1b", rasterize_pages=True)

    assert told["pages_turned_into_images"] == [1]
    assert "transparency" in told["reasons"][0]
    assert check_pdfa(made, 1) == []
    before, after = (Image.fromarray(_pixels(path).astype(np.uint8)).resize((200, 300)) for path in (source, made))
    assert np.abs(np.asarray(before, int) - np.asarray(after, int)).mean() < 4


def test_a_font_that_is_nowhere_is_named(tmp_path: Path):
    def strange(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        info = Dictionary(Registry=b"Adobe", Ordering=b"Japan1", Supplement=2)
        inner = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name.Ryumin, CIDSystemInfo=info)
        outer = Dictionary(Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/Ryumin-Light"), Encoding=Name.H)
        outer.DescendantFonts = Array([pdf.make_indirect(inner)])
        page.Resources.Font.J = pdf.make_indirect(outer)

    source = _document(tmp_path / "a.pdf", strange, b"BT /J 12 Tf 20 10 Td <2422> Tj ET")

    with pytest.raises(NotConforming, match=r"Ryumin-Light \(page 1\)"):
        converted(source, tmp_path, to="pdfa-2b")
    _, told = converted(source, tmp_path, to="pdfa-2b", rasterize_pages=True)
    assert told["pages_turned_into_images"] == [1]


def test_signed_documents_and_dynamic_forms_are_refused(tmp_path: Path):
    def sign(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        value = pdf.make_indirect(Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3])))
        field = pdf.make_indirect(Dictionary(FT=Name.Sig, T=b"s", V=value))
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)

    def dynamic(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        pdf.Root.NeedsRendering = True

    with pytest.raises(SignedPdf):
        converted(_document(tmp_path / "a.pdf", sign), tmp_path, to="pdfa-2b")
    _, told = converted(tmp_path / "a.pdf", tmp_path, to="pdfa-2b", break_signature=True)
    assert told["signatures_removed"] == 1
    with pytest.raises(DynamicForm):
        converted(_document(tmp_path / "b.pdf", dynamic), tmp_path, to="pdfa-2b")


@pytest.mark.parametrize("kind", _KINDS)
def test_what_we_make_of_images_and_text_can_be_archived(tmp_path: Path, kind: str):
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "a.jpg")
    (tmp_path / "b.txt").write_text("Grüße aus Köln, Ελληνικά")
    (tmp_path / "c.md").write_text("# Title\n\nText with **bold** and `code`.\n")

    for name in ("a.jpg", "b.txt", "c.md"):
        made, _ = converted(tmp_path / name, tmp_path, to=kind)
        assert check_pdfa(made, int(kind[5])) == [], name


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["pdfa-1b", "pdfa-2b"])
def test_the_whole_corpus_is_archived_or_refused_with_a_reason(corpus: Path, tmp_path: Path, kind: str):
    from shared.errors import BinderyError

    made = refused = 0
    for source in sorted(corpus.rglob("*.pdf")):
        if source.stat().st_size < 4_000_000:
            try:
                converted(source, tmp_path, to=kind, rasterize_pages=True, break_signature=True)
                made += 1
            except BinderyError:
                refused += 1
    assert made > 8 * refused

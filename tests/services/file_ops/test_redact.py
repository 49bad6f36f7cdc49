"""Redaction removes: text, pixels, outlines, words elsewhere; and hands nothing out that it cannot prove."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import numpy as np
import pikepdf
import pydantic
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from services.file_ops.contracts.protection import RedactOptions
from services.file_ops.protection.redaction import redact
from services.file_ops.protection.redaction.finder import Finder, PatternTooSlow
from services.file_ops.protection.redaction.proof import RedactionNotProven
from services.file_ops.protection.redaction.redact import redact_pdf
from shared.errors import SignedPdf
from shared.pdf.page_ranges import PagesOutOfRange
from tests.running_platform import RunningPlatform
from tests.services.file_ops.test_protection_locks import a_document, assert_sound, signed, texts_of

_SECRET = "Miriam Secretson"
_FONT = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
_AS_IT_IS = {"compress_streams": False, "object_stream_mode": pikepdf.ObjectStreamMode.disable}


def drawn(folder: Path, content: bytes, size: tuple[int, int] = (400, 300), **resources: object) -> Path:
    """A page with this content, the font /F and these resources."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=size)
    page.obj.Resources = Dictionary(Font=Dictionary(F=_FONT), **resources)
    page.obj.Contents = pdf.make_stream(content)
    pdf.save(folder / "in.pdf")
    return folder / "in.pdf"


def _redact(source: Path, **options: object) -> dict[str, object]:
    return redact_pdf(source, source.with_name("out.pdf"), RedactOptions(**options))


def a_box(left: float, top: float, right: float, bottom: float, page: int = 1) -> dict[str, float]:
    return {"page": page, "left": left, "top": top, "right": right, "bottom": bottom}


def everything_in(path: Path) -> bytes:
    """All bytes of a file with every stream inflated and every string plain."""
    with pikepdf.open(path) as pdf:
        inflated = io.BytesIO()
        pdf.save(inflated, stream_decode_level=pikepdf.StreamDecodeLevel.specialized, **_AS_IT_IS)
    return inflated.getvalue()


def assert_gone(path: Path, *words: str) -> None:
    """No word is in the text, by pdfium and by a third program, nor anywhere in the inflated bytes."""
    document = " ".join(" ".join(texts_of(path)).split())
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is not installed: the proof by a third program is left out")
    ended = subprocess.run([program, path, "-"], capture_output=True, check=True)
    third = " ".join(ended.stdout.decode("utf-8", "replace").split())
    raw = everything_in(path)
    for word in words:
        assert word.casefold() not in document.casefold()
        assert word.casefold() not in third.casefold()
        for encoded in (word.encode(), word.encode("utf-16-be"), word.encode().hex().encode()):
            assert encoded.lower() not in raw.lower()


def pixels_of(path: Path, page: int = 0) -> np.ndarray:
    """A page at one pixel per point, forms drawn."""
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    pixels = document[page].render(scale=1, rev_byteorder=True).to_numpy()[..., :3].copy()
    document.close()
    return pixels


def test_a_term_goes_and_the_rest_of_its_line_keeps_its_place(tmp_path: Path) -> None:
    source = drawn(tmp_path, b"BT /F 14 Tf 40 200 Td (Paid by Miriam Secretson in cash) Tj 0 -20 Td (Next line) Tj ET")

    result = _redact(source, terms=_SECRET.lower())

    assert result["found"]["term 1"] == 1
    assert_gone(tmp_path / "out.pdf", "Miriam", "Secretson")
    assert_sound(tmp_path / "out.pdf")
    after = texts_of(tmp_path / "out.pdf")[0]
    assert after.split() == ["Paid", "by", "in", "cash", "Next", "line"]
    # Left of the box and right of it not a pixel has moved.
    before, shown = pixels_of(source), pixels_of(tmp_path / "out.pdf")
    assert (before[90:105, 20:85] == shown[90:105, 20:85]).all()
    assert (before[90:105, 210:300] == shown[90:105, 210:300]).all()
    assert (shown[92:98, 110:180] == 0).all()


@pytest.mark.parametrize(
    "show",
    [
        b"(Miriam Secretson) Tj",
        b"[(Mir) -20 (iam) -250 (Secr) 15 (etson)] TJ",
        b"(Miriam) Tj 0 -16 Td (Secretson) Tj",
        b"(Miriam Secret-) Tj 0 -16 Td (son) Tj",
        b"14 TL (Miriam) ' (Secretson) '",
        b'1 .5 (Miriam Secretson) "',
        b"3 Tr (Miriam Secretson) Tj",
        b"60 Tz 4 Tc (Miriam Secretson) Tj",
        b"ET BT /F 14 Tf 0 1 -1 0 200 50 Tm (Miriam Secretson) Tj",
        b"ET BT /F 14 Tf .7 .7 -.7 .7 150 50 Tm (Miriam Secretson) Tj",
        b"ET BT /F 14 Tf 150 100 Td (Secretson) Tj ET BT /F 14 Tf 98 100 Td (Miriam) Tj",
        b"<4d697269616d20536563726574736f6e> Tj",
    ],
)
def test_a_term_is_found_however_it_is_shown(tmp_path: Path, show: bytes) -> None:
    source = drawn(tmp_path, b"BT /F 14 Tf 40 200 Td %s ET BT /F 9 Tf 10 10 Td (Public) Tj ET" % show)

    result = _redact(source, terms=_SECRET)

    assert result["found"]["term 1"] >= 1
    assert_gone(tmp_path / "out.pdf", "Miriam", "Secretson")
    assert "Public" in texts_of(tmp_path / "out.pdf")[0]


@pytest.mark.parametrize("state", [b"9 Tw", b"3 Tc", b"60 Tz", b"2 Tc 7 Tw 80 Tz 4 Ts", b".5 0 .2 .6 20 90 cm 5 Tw"])
def test_what_stays_keeps_its_place_under_every_spacing(tmp_path: Path, state: bytes) -> None:
    source = drawn(tmp_path, b"BT /F 12 Tf %s 10 200 Td (By my Miriam Secretson in cash) Tj ( here) Tj ET" % state)

    _redact(source, terms=_SECRET)

    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        box = re.search(rb"rg ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re", pdf.pages[0].obj.Contents[-1].read_bytes())
    assert box is not None
    left, bottom, width, height = (float(number) for number in box.groups())
    rows, columns = np.nonzero((pixels_of(source) != pixels_of(tmp_path / "out.pdf")).any(axis=2))
    assert left - 2 <= columns.min() <= columns.max() <= left + width + 2
    assert 300 - bottom - height - 2 <= rows.min() <= rows.max() <= 300 - bottom + 2
    assert texts_of(tmp_path / "out.pdf")[0].split() == ["By", "my", "in", "cash", "here"]


def test_letters_under_a_box_go_and_their_neighbours_stay(tmp_path: Path) -> None:
    source = drawn(tmp_path, b"BT /F 14 Tf 40 200 Td (left) Tj 60 0 Td (secret) Tj 60 0 Td (right) Tj ET")

    result = _redact(source, boxes=[a_box(98, 85, 145, 106)], color="#cc0000")

    assert result["erased"]["glyphs"] == len("secret")
    assert_gone(tmp_path / "out.pdf", "secret")
    assert texts_of(tmp_path / "out.pdf")[0].split() == ["left", "right"]
    assert (pixels_of(tmp_path / "out.pdf")[87:104, 100:143] == (204, 0, 0)).all()


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_boxes_are_measured_on_the_page_as_it_is_shown(tmp_path: Path, turned: int) -> None:
    source = drawn(tmp_path, b"BT /F 14 Tf 140 150 Td (secret) Tj 0 60 Td (public) Tj ET")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.CropBox = Array([100, 100, 300, 250])
        pdf.pages[0].obj.Rotate = turned
        pdf.save(source)
    dark = np.argwhere(pixels_of(source).min(axis=2) < 128)
    document = pypdfium2.PdfDocument(source)
    word = document[0].get_textpage().search("secret").get_next()
    assert word is not None
    document.close()
    # The word's place, in the middle of the user space, by the turn of the page.
    x, y = 160 - 100, 155 - 100
    places = {0: (x, 150 - y), 90: (y, x), 180: (200 - x, y), 270: (150 - y, 200 - x)}
    left, top = places[turned]
    assert len(dark)

    _redact(source, boxes=[a_box(left - 28, top - 28, left + 28, top + 28)])

    assert_gone(tmp_path / "out.pdf", "secret")
    assert "public" in texts_of(tmp_path / "out.pdf")[0]


def test_a_box_needs_a_page_that_is_there_and_an_area() -> None:
    with pytest.raises(pydantic.ValidationError, match="right must be greater"):
        RedactOptions(boxes=[a_box(10, 10, 5, 20)])
    with pytest.raises(pydantic.ValidationError, match="Nothing to redact"):
        RedactOptions()


def test_a_box_on_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PagesOutOfRange, match="page 3; the document has 2 pages"):
        _redact(a_document(tmp_path), boxes=[a_box(1, 1, 5, 5, page=3)])


def _form(pdf: pikepdf.Pdf, content: bytes, **resources: object) -> pikepdf.Stream:
    form = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 400, 300]))
    form.Resources = Dictionary(Font=Dictionary(F=_FONT), **resources)
    return form


def test_a_form_that_is_drawn_twice_is_cleared_only_where_the_box_is(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    inner = _form(pdf, b"BT /F 14 Tf 10 10 Td (secret name) Tj ET")
    outer = _form(pdf, b"q 1 0 0 1 20 20 cm /I Do Q", XObject=Dictionary(I=inner))
    for _ in range(2):
        page = pdf.add_blank_page(page_size=(400, 300))
        page.obj.Resources = Dictionary(XObject=Dictionary(O=outer))
        page.obj.Contents = pdf.make_stream(b"/O Do q 1 0 0 1 0 200 cm /O Do Q")
    pdf.save(tmp_path / "in.pdf")

    result = _redact(tmp_path / "in.pdf", boxes=[a_box(0, 200, 400, 300)])

    assert result["erased"]["glyphs"] == len("secret name")
    assert [text.count("secret name") for text in texts_of(tmp_path / "out.pdf")] == [1, 2]


def test_a_term_goes_from_every_form_and_from_what_shares_it(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    form = _form(pdf, b"BT /F 14 Tf 10 10 Td (Miriam Secretson) Tj ET")
    pdf.add_blank_page(page_size=(400, 300))
    pdf.add_blank_page(page_size=(400, 300))
    shared = pdf.make_indirect(Dictionary(XObject=Dictionary(O=form)))
    for page, content in zip(pdf.pages, (b"/O Do", b""), strict=True):
        # The second page lists the form and does not draw it.
        page.obj.Resources, page.obj.Contents = shared, pdf.make_stream(content)
    pdf.save(tmp_path / "in.pdf")

    _redact(tmp_path / "in.pdf", terms=_SECRET)

    assert_gone(tmp_path / "out.pdf", "Miriam", "Secretson")


def _picture() -> Image.Image:
    """Noise, so that what is left of it is told from what is cleared."""
    return Image.fromarray(np.random.default_rng(7).integers(60, 255, (100, 200, 3), dtype=np.uint8))


def _image(pdf: pikepdf.Pdf, coding: str) -> pikepdf.Stream:
    picture, written = _picture(), io.BytesIO()
    how: dict[str, object] = {"ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8}
    data = picture.tobytes()
    if coding in ("JPEG", "JPEG2000"):
        picture.save(written, coding, **({"quality": 90} if coding == "JPEG" else {}))
        data, how["Filter"] = written.getvalue(), Name.DCTDecode if coding == "JPEG" else Name.JPXDecode
    elif coding == "CMYK JPEG":
        picture.convert("CMYK").save(written, "JPEG", quality=90)
        data, how["Filter"], how["ColorSpace"] = written.getvalue(), Name.DCTDecode, Name.DeviceCMYK
        how["Decode"] = Array([1, 0] * 4)
    elif coding == "indexed":
        paletted = picture.quantize(16)
        pixels = np.asarray(paletted)
        data = ((pixels[:, 0::2] << 4) | pixels[:, 1::2]).astype(np.uint8).tobytes()
        table = bytes(paletted.getpalette() or [])[:48]
        how = {"ColorSpace": Array([Name.Indexed, Name.DeviceRGB, 15, pikepdf.String(table)]), "BitsPerComponent": 4}
    elif coding in ("bitonal", "stencil"):
        bits = np.asarray(picture.convert("L")) > 150
        data = np.packbits(bits, axis=1).tobytes()
        how = {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 1}
        if coding == "stencil":
            how = {"ImageMask": True, "BitsPerComponent": 1}
    return pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Image, Width=200, Height=100, **how)


@pytest.mark.parametrize(
    "coding", ["raw", "JPEG", "CMYK JPEG", "JPEG2000", "indexed", "bitonal", "stencil", "soft mask", "inline"]
)
def test_pixels_under_a_box_are_overwritten_in_the_image_itself(tmp_path: Path, coding: str) -> None:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(400, 300))
    image = _image(pdf, "raw" if coding in ("soft mask", "inline") else coding)
    if coding == "soft mask":
        mask = pdf.make_stream(_picture().convert("L").tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=200)
        mask.Height, mask.ColorSpace, mask.BitsPerComponent = 100, Name.DeviceGray, 8
        image.SMask = mask
    page.obj.Resources = Dictionary(XObject=Dictionary(I=image))
    if coding == "inline":
        inline = b"BI /W 200 /H 100 /BPC 8 /CS /RGB ID " + image.read_bytes() + b" EI"
        page.obj.Contents = pdf.make_stream(b"q 200 0 0 100 100 100 cm " + inline + b" Q")
    else:
        page.obj.Contents = pdf.make_stream(b"0 .4 0 rg q 200 0 0 100 100 100 cm /I Do Q")
    pdf.save(tmp_path / "in.pdf")
    before = pixels_of(tmp_path / "in.pdf")

    result = _redact(tmp_path / "in.pdf", boxes=[a_box(150, 120, 250, 160)])

    assert result["erased"]["images"] == 1
    assert "images_blanked" not in result["erased"]
    after = pixels_of(tmp_path / "out.pdf")
    around = np.abs(before.astype(int) - after)[104:115, 104:296]
    assert around.mean() < 8, "what is outside of the box looks as it did"
    _assert_flat_below_the_box(tmp_path)
    assert_sound(tmp_path / "out.pdf")


def _assert_flat_below_the_box(folder: Path) -> None:
    """Without the last content stream, which draws the box, the image itself has nothing there."""
    with pikepdf.open(folder / "out.pdf") as pdf:
        contents = list(pdf.pages[0].obj.Contents)
        assert b"/Artifact" in contents[-1].read_bytes()
        pdf.pages[0].obj.Contents = Array(contents[:-1])
        pdf.save(folder / "uncovered.pdf")
    inside = pixels_of(folder / "uncovered.pdf")[124:156, 154:246]
    # A JPEG blackens with a little noise; a mask that lets the paper through is white.
    assert inside.astype(int).std(axis=(0, 1)).max() < 12


def test_an_image_on_two_pages_is_cleared_on_one(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    image = _image(pdf, "raw")
    for _ in range(2):
        page = pdf.add_blank_page(page_size=(400, 300))
        page.obj.Resources = Dictionary(XObject=Dictionary(I=image))
        page.obj.Contents = pdf.make_stream(b"q 200 0 0 100 100 100 cm /I Do Q")
    pdf.save(tmp_path / "in.pdf")

    _redact(tmp_path / "in.pdf", boxes=[a_box(150, 120, 250, 160)])

    before, after = pixels_of(tmp_path / "in.pdf", 1), pixels_of(tmp_path / "out.pdf", 1)
    assert (before == after).all()
    _assert_flat_below_the_box(tmp_path)


def test_outlines_of_letters_under_a_box_go_and_lines_that_pass_stay(tmp_path: Path) -> None:
    letter = b"110 150 m 130 150 l 120 170 l h f "
    rule = b"10 160 m 390 160 l S "
    reaching = b"0 0 1 rg 60 140 m 140 160 l 60 180 l h f "
    source = drawn(tmp_path, rule + letter + reaching)

    result = _redact(source, boxes=[a_box(100, 120, 200, 160)])

    assert result["erased"]["paths"] == 2
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        content = pdf.pages[0].obj.Contents[0].read_bytes()
    assert b"120 170 l" not in content
    assert b"140 160 l" not in content
    assert b"390 160 l" in content
    before, after = pixels_of(source), pixels_of(tmp_path / "out.pdf")
    assert (np.abs(before[115:165, 10:97].astype(int) - after[115:165, 10:97]) < 40).all()


def test_text_in_a_pattern_goes_with_the_tile_that_the_box_covers(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    cell = pdf.make_stream(b"BT /F 12 Tf 5 5 Td (secret tile) Tj ET", Type=Name.Pattern, PatternType=1, PaintType=1)
    cell.TilingType, cell.BBox, cell.XStep, cell.YStep = 1, Array([0, 0, 100, 50]), 100, 50
    cell.Resources = Dictionary(Font=Dictionary(F=_FONT))
    page = pdf.add_blank_page(page_size=(400, 300))
    page.obj.Resources = Dictionary(Pattern=Dictionary(P=cell))
    page.obj.Contents = pdf.make_stream(b"/Pattern cs /P scn 0 0 400 300 re f")
    pdf.save(tmp_path / "in.pdf")

    result = _redact(tmp_path / "in.pdf", boxes=[a_box(0, 230, 120, 300)])

    assert result["erased"]["pattern_cells"] == 1
    assert b"secret tile" not in everything_in(tmp_path / "out.pdf")


@pytest.mark.parametrize(
    "content",
    [
        b"% Miriam Secretson\n",
        b"BT (Miriam Secretson) Tj ET ",
        b"BT /F 0 Tf 40 200 Td (Miriam Secretson) Tj ET ",
        b"/Tag << /Note (Miriam Secretson) >> DP ",
        b"/Tag << /Note <FEFF004D0069007200690061006D0020005300650063007200650074> >> BDC EMC ",
    ],
)
def test_words_that_the_content_holds_and_does_not_show_go_too(tmp_path: Path, content: bytes) -> None:
    source = drawn(tmp_path, content + b"BT /F 14 Tf 40 200 Td (Public) Tj ET")

    result = _redact(source, terms="Miriam Secret")

    assert result["cleaned_outside_of_pages"]["content_not_shown"] == 1
    assert_gone(tmp_path / "out.pdf", "Miriam", "Secret")
    assert texts_of(tmp_path / "out.pdf") == ["Public"]


def test_words_outside_of_the_pages_go_too(tmp_path: Path) -> None:
    source = drawn(
        tmp_path,
        b"/Span <</MCID 0 /ActualText (Miriam Secretson)>> BDC BT /F 14 Tf 40 200 Td (Miriam Secretson) Tj ET EMC",
    )
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0].obj
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(f"About {_SECRET}", 0))
        with pdf.open_metadata() as xmp:
            xmp["dc:title"] = f"Letter to {_SECRET}"
        pdf.docinfo["/Title"] = f"Letter to {_SECRET}"
        pdf.attachments["list.txt"] = f"1. {_SECRET}".encode()
        element = pdf.make_indirect(Dictionary(S=Name.Span, Pg=page, K=0, ActualText=_SECRET, Alt="A name"))
        pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=element))
        element.P = pdf.Root.StructTreeRoot
        note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[10, 10, 30, 30], Contents=f"Ask {_SECRET}")
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[40, 195, 160, 215])
        link.A = Dictionary(S=Name.URI, URI="https://example.org/miriam-secretson")
        page.Annots = Array([pdf.make_indirect(note), pdf.make_indirect(link)])
        page.Thumb = _image(pdf, "raw")
        pdf.save(source)

    result = _redact(source, terms=_SECRET)

    assert_gone(tmp_path / "out.pdf", "Miriam", "Secretson")
    assert b"A name" not in everything_in(tmp_path / "out.pdf")
    assert result["erased"]["links"] == result["erased"]["annotations"] == 1
    assert {"outline", "metadata", "tags", "thumbnails", "attachments"} <= set(result["cleaned_outside_of_pages"])
    with pikepdf.open(tmp_path / "out.pdf") as pdf, pdf.open_outline() as outline:
        assert outline.root[0].title == "About [redacted]"


def test_a_field_loses_its_value_on_every_page(tmp_path: Path) -> None:
    source = a_document(tmp_path)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        field = pdf.make_indirect(Dictionary(FT=Name.Tx, T="name", V=_SECRET, Kids=Array()))
        for page in pdf.pages:
            look = _form(pdf, b"/Tx BMC BT /F 10 Tf 2 2 Td (Miriam Secretson) Tj ET EMC")
            widget = Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=[10, 10, 110, 30], Parent=field)
            widget.AP = Dictionary(N=look)
            page.obj.Annots = Array([pdf.make_indirect(widget)])
            field.Kids.append(page.obj.Annots[0])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
        pdf.save(source)

    result = _redact(source, boxes=[a_box(0, 160, 120, 200)])

    assert result["erased"]["fields"] == 1
    assert_gone(tmp_path / "out.pdf", "Miriam", "Secretson")


def test_a_map_that_spells_a_word_in_one_glyph_is_cleared(tmp_path: Path) -> None:
    spelled = "".join(f"{ord(letter):04X}" for letter in _SECRET).encode()
    cmap = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
    cmap += b"2 beginbfchar <41> <%s> <42> <0062> endbfchar endcmap" % spelled
    source = drawn(tmp_path, b"BT /G 14 Tf 40 200 Td (AB) Tj ET")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        font = Dictionary(dict(_FONT.items()))
        font.ToUnicode = pdf.make_stream(cmap)
        pdf.pages[0].obj.Resources.Font.G = pdf.make_indirect(font)
        pdf.save(source)

    _redact(source, terms=_SECRET)

    assert_gone(tmp_path / "out.pdf", "Miriam", "Secretson")
    assert "4d697269616d".upper().encode() not in everything_in(tmp_path / "out.pdf").upper()
    assert spelled not in everything_in(tmp_path / "out.pdf")
    assert texts_of(tmp_path / "out.pdf") == ["b"]


def test_earlier_revisions_are_not_written(tmp_path: Path) -> None:
    source = a_document(tmp_path, f"First {_SECRET}", **_AS_IT_IS)
    source.write_bytes(source.read_bytes() + b"\n% an update follows\n")

    _redact(source, terms=_SECRET)

    assert b"Secretson" not in (tmp_path / "out.pdf").read_bytes()


@pytest.mark.parametrize(
    ("kind", "text", "gone", "kept"),
    [
        ("email", "Write to jo.doe+x@mail.example.org now", "jo.doe+x@mail.example.org", "Write"),
        ("iban", "IBAN DE89 3704 0044 0532 0130 00 BIC", "0532 0130", "BIC"),
        ("iban", "Not DE88 3704 0044 0532 0130 00 here", "no such", "0532 0130"),
        ("card", "Card 4111 1111 1111 1111 paid", "4111", "Card"),
        ("card", "Order 4111 1111 1111 1112 sent", "no such", "4111 1111 1111 1112"),
        ("phone", "Call +49 30 1234567 today", "1234567", "today"),
        ("phone", "Year 2024, part 12.5, total 1,234.50", "no such", "1,234.50"),
    ],
)
def test_personal_data_is_known_by_its_form(tmp_path: Path, kind: str, text: str, gone: str, kept: str) -> None:
    result = _redact(a_document(tmp_path, text), kinds=[kind])

    after = " ".join(texts_of(tmp_path / "out.pdf")[0].split())
    assert gone not in after
    assert kept in after
    assert result["nothing_found"] is (gone == "no such")


def test_patterns_match_whole_words_and_case_by_choice(tmp_path: Path) -> None:
    source = a_document(tmp_path, "Case 12-345 case an ant")

    result = _redact(source, patterns=[r"\d\d-\d{3}"], terms="an\nCase", whole_words=True, match_case=True)

    assert result["found"] == {"term 1": 1, "term 2": 1, "pattern 1": 1}
    assert texts_of(tmp_path / "out.pdf")[0].split() == ["case", "ant"]


def test_a_pattern_that_would_run_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.file_ops.protection.redaction.finder._SEARCH_S", 0.2)
    finder = Finder(RedactOptions(patterns=["(a+)+$"]))

    with pytest.raises(PatternTooSlow):
        finder.holds("a" * 60 + "!")


@pytest.mark.parametrize("pattern", ["(", "a*", "[z-a]", ""])
def test_patterns_that_say_nothing_are_refused(pattern: str) -> None:
    with pytest.raises(pydantic.ValidationError):
        RedactOptions(patterns=[pattern])


def test_search_terms_are_secret() -> None:
    options = RedactOptions(terms=_SECRET)

    assert "Miriam" not in options.model_dump_json()
    assert "Miriam" not in repr(options)


def test_pages_that_cannot_be_searched_are_named(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(400, 300))
    page.obj.Resources = Dictionary(XObject=Dictionary(I=_image(pdf, "raw")))
    page.obj.Contents = pdf.make_stream(b"q 400 0 0 300 0 0 cm /I Do Q")
    pdf.save(tmp_path / "in.pdf")

    result = _redact(tmp_path / "in.pdf", terms=_SECRET)

    assert result["pages_not_searched"] == {"drawings_without_text": [1]}
    assert result["nothing_found"] is True


def test_without_the_proof_there_is_no_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A redaction that only covers: what the proof is for.
    monkeypatch.setattr("services.file_ops.protection.content.areas.Areas.takes", lambda *_: False)
    monkeypatch.setattr("services.file_ops.protection.redaction.content_strings.clean", lambda *_: 0)

    with pytest.raises(RedactionNotProven):
        _redact(a_document(tmp_path, f"Hello {_SECRET}"), terms=_SECRET)

    assert not (tmp_path / "out.pdf").exists()
    assert not list(tmp_path.glob("*draft*"))


def test_something_over_a_box_fails_the_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact, "cover", lambda *_: None)

    with pytest.raises(RedactionNotProven, match="shows in a box"):
        _redact(a_document(tmp_path, "Hello"), boxes=[a_box(10, 10, 90, 60)])


def test_labels_are_written_into_the_boxes_and_content_that_leaves_its_state_does_not_move_them(tmp_path: Path) -> None:
    source = drawn(tmp_path, b"Q q .5 0 0 .5 0 0 cm BT /F 28 Tf 80 400 Td (Miriam Secretson) Tj ET q")

    result = _redact(source, terms=_SECRET, label="name")

    assert result["boxes_drawn"] == 1
    assert texts_of(tmp_path / "out.pdf") == ["name"]
    assert (pixels_of(tmp_path / "out.pdf")[90:102, 42:50] == 0).all()
    assert_sound(tmp_path / "out.pdf")


def test_signed_files_are_refused_and_encryption_stays(tmp_path: Path) -> None:
    with pytest.raises(SignedPdf):
        _redact(signed(a_document(tmp_path, _SECRET)), terms=_SECRET)
    lock = pikepdf.Encryption(owner="owner", user="user", R=6)
    source = a_document(tmp_path, f"Hello {_SECRET}", encryption=lock)

    redact_pdf(source, tmp_path / "out.pdf", RedactOptions(terms=_SECRET), password="user")

    assert texts_of(tmp_path / "out.pdf", "user") == ["Hello"]


def test_search_terms_reach_the_engine_and_stand_in_no_record(platform: RunningPlatform, tmp_path: Path) -> None:
    source = a_document(tmp_path, f"Hello {_SECRET}")
    options = {"terms": _SECRET, "patterns": '["x{3}"]', "boxes": '[{"page":1,"left":0,"top":0,"right":9,"bottom":9}]'}

    with httpx.Client(base_url=platform.url, timeout=120) as client:
        job = client.post("/v1/redact", files={"file": ("a.pdf", source.read_bytes())}, data=options).json()
        answer = client.get(f"/v1/jobs/{job['id']}", params={"wait": 60})
        ended = answer.json()
        output = client.get(f"/v1/jobs/{job['id']}/outputs/{ended['outputs'][0]['name']}").content

    assert ended["status"] == "completed", ended["error"]
    assert ended["result"]["found"] == {"term 1": 1, "pattern 1": 0, "boxes": 1}
    assert "Miriam" not in answer.text
    (tmp_path / "out.pdf").write_bytes(output)
    assert_gone(tmp_path / "out.pdf", "Miriam", "Secretson")

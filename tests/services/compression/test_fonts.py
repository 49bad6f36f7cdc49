"""Fonts become smaller, and nobody can tell: every character drawn, typed into forms, or copied stays what it was."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

from services.compression.fonts import shrink_fonts
from services.compression.fonts.embedded import FontUser
from services.compression.fonts.gate import compare_fonts
from tests.services.compression.font_documents import (
    LETTERS,
    add_page,
    add_text,
    assert_looks_and_reads_the_same,
    bare_cff,
    composite_font,
    embedded,
    pictures,
    saved,
    simple_font,
    truetype,
    type1,
)

#: One file for each kind of font program, from real producers.
_REAL_FILES = {
    "TrueType by CID": "font__issue-912.pdf",
    "variable TrueType": "font__fontsampler.pdf",
    "TrueType, symbolic and not": "office__budget.pdf",
    "whole Type 1": "office__assam.pdf",
    "Type 1 of LaTeX": "paper__multi-column.pdf",
    "Type 1 with obsolete operators": "office__AmazonWebServices.pdf",
    "Type 1 without an encoding": "office__free_fiber.pdf",
    "CFF by name": "office__reliance.pdf",
    "CFF by CID": "office__us_constitution.pdf",
    "OpenType": "form__form_210966.pdf",
    "fonts of a form": "form__fancy_fields.pdf",
    "OpenType in a damaged file": "damaged__with_missing_endstream_eol_and_polluted_ctm.pdf",
}


@pytest.mark.parametrize("name", _REAL_FILES.values(), ids=_REAL_FILES.keys())
def test_a_real_document_with_smaller_fonts_looks_and_reads_the_same(corpus: Path, name: str) -> None:
    with pikepdf.open(corpus / "pdf" / name) as pdf:
        before = saved(pdf)
        outcome = shrink_fonts(pdf, lossless=True)
        after = saved(pdf)
    assert outcome.changed > 0
    assert outcome.bytes_after < outcome.bytes_before
    assert len(after) < len(before)
    assert_looks_and_reads_the_same(before, after, pages=3)


@pytest.mark.heavy
def test_every_document_of_the_corpus_looks_and_reads_the_same_with_smaller_fonts(corpus: Path) -> None:
    opened = 0
    for path in sorted((corpus / "pdf").glob("*.pdf")):
        try:
            pdf = pikepdf.open(path)
        except (pikepdf.PdfError, pikepdf.PasswordError):
            continue
        with pdf:
            before = saved(pdf)
            shrink_fonts(pdf, lossless=True)
            assert_looks_and_reads_the_same(before, saved(pdf), pages=12)
        opened += 1
    assert opened > 50


def _letters_document(text: bytes = b"ABC") -> tuple[pikepdf.Pdf, pikepdf.Object]:
    pdf = pikepdf.new()
    data = truetype(LETTERS, [(3, 1, 4, {ord(letter): letter for letter in LETTERS})])
    font = simple_font(pdf, embedded(pdf, "/FontFile2", data), Encoding=Name.WinAnsiEncoding)
    add_text(pdf, font, text)
    return pdf, font


def _shrunk(pdf: pikepdf.Pdf) -> bytes:
    """Shrink the fonts of `pdf`, check that one was changed and that nothing shows, and return the file."""
    before = saved(pdf)
    outcome = shrink_fonts(pdf, lossless=True)
    after = saved(pdf)
    assert (outcome.changed, outcome.undone) == (1, [])
    assert_looks_and_reads_the_same(before, after)
    return after


def _program(data: bytes, key: str = "/FontFile2") -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        font = pdf.pages[0].Resources.Font.F
        inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
        return inner.FontDescriptor[key].read_bytes()


def test_a_cmap_of_format_0_is_kept_because_symbolic_fonts_have_no_other() -> None:
    pdf = pikepdf.new()
    data = truetype(LETTERS, [(1, 0, 0, {number + 1: letter for number, letter in enumerate(LETTERS)})])
    add_text(pdf, simple_font(pdf, embedded(pdf, "/FontFile2", data)), bytes((1, 2, 30)))
    font = TTFont(io.BytesIO(_program(_shrunk(pdf))))
    (table,) = font["cmap"].tables
    assert (table.platformID, table.platEncID, table.format) == (1, 0, 0)
    assert {code: font.getGlyphID(name) for code, name in table.cmap.items() if font.getGlyphID(name)} == {
        1: 1,
        2: 2,
        30: 30,
    }


def test_symbol_codes_in_the_private_use_area_lead_to_the_same_glyphs() -> None:
    pdf = pikepdf.new()
    data = truetype(LETTERS, [(3, 0, 4, {0xF000 + ord(letter): letter for letter in LETTERS})])
    add_text(pdf, simple_font(pdf, embedded(pdf, "/FontFile2", data)), b"Axz")
    assert len(_program(_shrunk(pdf))) < len(data)


def test_a_truetype_font_without_a_cmap_is_found_by_its_glyph_names() -> None:
    pdf = pikepdf.new()
    data = truetype(LETTERS, [])
    font = simple_font(pdf, embedded(pdf, "/FontFile2", data), Encoding=Name.WinAnsiEncoding)
    font.FontDescriptor.Flags = 32
    add_text(pdf, font, b"QWz")
    before = pictures(saved(pdf))
    outcome = shrink_fonts(pdf, lossless=True)
    after = pictures(saved(pdf))
    assert np.array_equal(before[0], after[0])
    assert before[0].min() < 128
    assert outcome.undone == []


def test_names_of_the_encoding_that_no_code_has_are_found() -> None:
    pdf = pikepdf.new()
    data = truetype([*LETTERS, "odd.alt"], [(3, 1, 4, {ord(letter): letter for letter in LETTERS})])
    encoding = Dictionary(BaseEncoding=Name.WinAnsiEncoding, Differences=Array([1, Name("/odd.alt"), Name("/Z")]))
    font = simple_font(pdf, embedded(pdf, "/FontFile2", data), Encoding=encoding)
    font.FontDescriptor.Flags = 32
    add_text(pdf, font, b"\1\2A")
    _shrunk(pdf)


def test_a_cid_to_gid_map_is_followed() -> None:
    pdf = pikepdf.new()
    data = truetype(LETTERS, [])
    places = pdf.make_stream(b"".join((52 - cid).to_bytes(2, "big") for cid in range(52)))
    font = composite_font(pdf, embedded(pdf, "/FontFile2", data), "/CIDFontType2", CIDToGIDMap=places)
    add_text(pdf, font, b"\0\3\0\x10")
    shrunk = TTFont(io.BytesIO(_program(_shrunk(pdf))))
    drawn = {n for n, name in enumerate(shrunk.getGlyphOrder()) if shrunk["glyf"][name].numberOfContours}
    assert drawn == {0, 49, 36}


def test_parts_of_composite_glyphs_stay() -> None:
    pdf = pikepdf.new()
    font = TTFont(io.BytesIO(truetype(LETTERS, [])))
    glyph = font["glyf"]["c"]
    pen_free = font["glyf"]["B"]
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(font.getGlyphSet())
    pen.addComponent("A", (1, 0, 0, 1, 0, 0))
    pen.addComponent("z", (0.5, 0, 0, 0.5, 200, 0))
    font["glyf"]["c"] = pen.glyph()
    assert glyph is not pen_free
    file = io.BytesIO()
    font.save(file)
    number = font.getGlyphID("c")
    composite = composite_font(pdf, embedded(pdf, "/FontFile2", file.getvalue()), "/CIDFontType2")
    add_text(pdf, composite, number.to_bytes(2, "big"))
    _shrunk(pdf)


@pytest.mark.parametrize("subtype", ["/Type1", "/MMType1"])
def test_a_cff_font_keeps_the_glyphs_that_are_named(subtype: str) -> None:
    pdf = pikepdf.new()
    descriptor = embedded(pdf, "/FontFile3", bare_cff(LETTERS), Subtype=Name.Type1C)
    add_text(pdf, simple_font(pdf, descriptor, subtype, Encoding=Name.WinAnsiEncoding), b"HELLOz")
    _shrunk(pdf)


def test_a_cff_font_addressed_by_glyph_number_keeps_the_numbers() -> None:
    pdf = pikepdf.new()
    descriptor = embedded(pdf, "/FontFile3", bare_cff(LETTERS), Subtype=Name.CIDFontType0C)
    add_text(pdf, composite_font(pdf, descriptor, "/CIDFontType0"), b"\0\5\0\x20")
    _shrunk(pdf)


#: hsbw and two stems, a square drawn with lines, endchar. Numbers n from -107 to 107 are the byte n + 139.
_SQUARE = bytes((139 + 20, 247 + 1, 92, 13, 139, 239, 1, 139, 239, 3, 239, 22, 239, 6, 239, 7, 39, 6, 9, 14))
#: A triangle with a flex between its feet and a change of hints on the way.
_FLEX = bytes((139 + 20, 248, 0, 13, 139, 239, 1, 139 + 10, 139 + 30, 21, 239, 239, 5, 139 + 1, 139 + 4, 10)) + bytes(
    (139 + 1, 10, 139, 139 + 5, 21, 139 + 2, 10)
    + (139 + 10, 139 + 2, 21, 139 + 2, 10) * 6
    + (139 + 50, 139 + 99, 139 + 99, 139, 10, 239, 7, 9, 14)
)
_SUBRS = (
    bytes((139 + 3, 139, 12, 16, 12, 17, 12, 17, 12, 33, 11)),
    bytes((139, 139 + 1, 12, 16, 11)),
    bytes((139, 139 + 2, 12, 16, 11)),
    bytes((11,)),
    bytes((139 + 20, 139 + 30, 3, 11)),
)
#: A square with a smaller one above, made of both by seac; and a division.
_ACCENTED = bytes((139 + 20, 247 + 1, 92, 13, 139 + 20, 139 + 30, 139 + 100, 139 + 65, 247, 86, 12, 6))
_DIVIDED = bytes((139, 248, 0, 13, 139 + 100, 139 + 3, 12, 12, 139 + 10, 21, 239, 6, 239, 7, 39, 6, 9, 14))


def test_a_type_1_font_becomes_cff_with_the_same_outlines() -> None:
    filler = {f"filler{number}": _SQUARE * 4 for number in range(120)}
    glyphs = {".notdef": _SQUARE, "A": _SQUARE, "B": _FLEX, "acute": _SQUARE, "Aacute": _ACCENTED, "C": _DIVIDED}
    data, clear, secret = type1(glyphs | filler, _SUBRS)
    pdf = pikepdf.new()
    descriptor = embedded(pdf, "/FontFile", data, Length1=clear, Length2=secret, Length3=512)
    descriptor.CharSet = pikepdf.String("/A/B/C")
    font = simple_font(pdf, descriptor, "/Type1", Encoding=Name.WinAnsiEncoding)
    add_text(pdf, font, b"ABC\xc1")
    assert pictures(saved(pdf))[0].min() < 128
    after = _shrunk(pdf)
    assert len(_program(after, "/FontFile3")) < 400
    with pikepdf.open(io.BytesIO(after)) as shrunk:
        descriptor = shrunk.pages[0].Resources.Font.F.FontDescriptor
        assert "/FontFile" not in descriptor
        assert "/Aacute" in str(descriptor.CharSet)
        assert "/filler1" not in str(descriptor.CharSet)


def test_two_fonts_over_one_program_keep_what_either_draws() -> None:
    pdf, first = _letters_document(b"ABC")
    second = simple_font(pdf, first.FontDescriptor, Encoding=Name.MacRomanEncoding)
    add_text(pdf, second, b"XYZ")
    _shrunk(pdf)


def _form(pdf: pikepdf.Pdf, content: bytes, font: pikepdf.Object) -> pikepdf.Object:
    return pdf.make_stream(
        content,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 400, 200]),
        Resources=Dictionary(Font=Dictionary(F=font)),
    )


_SHOWN = b"BT /F 20 Tf 20 40 Td (XYZ) Tj ET"


def test_text_in_forms_patterns_masks_and_annotations_counts_as_drawn() -> None:
    pdf, font = _letters_document(b"A")
    page = pdf.pages[0]
    pattern = pdf.make_stream(
        _SHOWN.replace(b"XYZ", b"PQ"),
        PatternType=1,
        PaintType=1,
        TilingType=1,
        BBox=Array([0, 0, 80, 80]),
        XStep=80,
        YStep=80,
        Resources=Dictionary(Font=Dictionary(F=font)),
    )
    mask = _form(pdf, b"1 g " + _SHOWN.replace(b"XYZ", b"MN"), font)
    mask.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    page.Resources.XObject = Dictionary(X=_form(pdf, _SHOWN, font))
    page.Resources.Pattern = Dictionary(P=pattern)
    page.Resources.ExtGState = Dictionary(
        G=Dictionary(SMask=Dictionary(Type=Name.Mask, S=Name.Luminosity, G=mask)),
        H=Dictionary(Font=Array([font, 20])),
    )
    appearance = _form(pdf, _SHOWN.replace(b"XYZ", b"st"), font)
    page.Annots = Array(
        [Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[200, 0, 400, 100], F=4, AP=Dictionary(N=appearance))]
    )
    page.contents_add(
        b"/X Do /Pattern cs /P scn 300 0 80 200 re f q /G gs 0 g 0 0 400 90 re f Q q /H gs BT 200 150 Td (uv) Tj ET Q"
    )
    _shrunk(pdf)


def test_text_between_strings_that_look_like_operators_counts_as_drawn() -> None:
    pdf, _font = _letters_document(b"A")
    pdf.pages[0].contents_add(
        rb"q BT /F 10 Tf 5 5 Td [(B\)Q(C) BT) -20 <44 45>] TJ ET q BT /F 10 Tf (G) Tj ET Q BT 20 20 Td (H\111) ' ET Q"
        b" /Span <</ActualText (zz)>> BDC BT /F 12 Tf 40 60 Td % (comment\n (K) Tj ET EMC"
    )
    _shrunk(pdf)


def test_text_of_a_form_without_resources_is_drawn_with_the_fonts_of_the_page() -> None:
    pdf, _font = _letters_document(b"A")
    form = pdf.make_stream(_SHOWN, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 400, 200]))
    pdf.pages[0].Resources.XObject = Dictionary(X=form)
    pdf.pages[0].contents_add(b"/X Do")
    _shrunk(pdf)


def test_a_form_font_can_still_draw_every_character_of_latin_1() -> None:
    characters = {code: bytes((code,)).decode("latin-1") for code in (*range(32, 127), *range(161, 256))}
    names = [f"u{ord(letter):04X}" for letter in characters.values()]
    extra = [f"u{number:04X}" for number in range(0x400, 0x500)]
    data = truetype([*names, *extra], [(3, 1, 4, {int(name[1:], 16): name for name in [*names, *extra]})])
    pdf = pikepdf.new()
    font = simple_font(pdf, embedded(pdf, "/FontFile2", data), Encoding=Name.WinAnsiEncoding)
    font.FontDescriptor.Flags = 32
    add_text(pdf, font, b"A")
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array(), DR=Dictionary(Font=Dictionary(F=font))))
    before = pikepdf.open(io.BytesIO(saved(pdf)))
    outcome = shrink_fonts(pdf, lossless=True)
    assert outcome.changed == 1
    codes = set(characters)
    likeness = compare_fonts(
        [FontUser(before.Root.AcroForm.DR.Font.F, codes)], [FontUser(pdf.Root.AcroForm.DR.Font.F, codes)]
    )
    assert likeness.same_pixels
    assert str(pdf.Root.AcroForm.DR.Font.F.BaseFont) == "/Made"


def test_widths_and_to_unicode_are_not_touched() -> None:
    pdf, font = _letters_document()
    font.ToUnicode = pdf.make_stream(b"1 beginbfchar <41> <0058> endbfchar")
    before = (bytes(font.Widths.unparse()), font.ToUnicode.read_bytes(), str(font.Encoding))
    _shrunk(pdf)
    assert (bytes(font.Widths.unparse()), font.ToUnicode.read_bytes(), str(font.Encoding)) == before


def test_a_subset_is_named_as_one() -> None:
    pdf, font = _letters_document()
    _shrunk(pdf)
    tag, _, name = str(font.BaseFont)[1:].partition("+")
    assert (len(tag), tag.isupper(), name) == (6, True, "Made")
    assert font.FontDescriptor.FontName == font.BaseFont
    assert int(font.FontDescriptor.FontFile2.Length1) == len(font.FontDescriptor.FontFile2.read_bytes())


def test_a_cid_set_lists_the_characters_that_are_left() -> None:
    pdf = pikepdf.new()
    descriptor = embedded(pdf, "/FontFile2", truetype(LETTERS, []))
    descriptor.CIDSet = pdf.make_stream(b"\xff" * 7)
    add_text(pdf, composite_font(pdf, descriptor, "/CIDFontType2"), b"\0\3\0\x0a")
    _shrunk(pdf)
    assert descriptor.CIDSet.read_bytes() == bytes((0b10010000, 0b00100000))


def test_a_type_3_font_is_not_touched() -> None:
    pdf, made = _letters_document(b"A")
    glyph = pdf.make_stream(b"800 0 0 0 700 700 d1 0 0 700 700 re f BT /F 500 Tf (Z) Tj ET")
    type3 = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type3,
            FontBBox=Array([0, 0, 700, 700]),
            FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
            CharProcs=Dictionary(a=glyph),
            Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
            FirstChar=97,
            LastChar=97,
            Widths=Array([800]),
            Resources=Dictionary(Font=Dictionary(F=made)),
        )
    )
    add_text(pdf, type3, b"aa")
    before = type3.unparse(resolved=True), glyph.read_bytes()
    _shrunk(pdf)
    assert (type3.unparse(resolved=True), glyph.read_bytes()) == before


def test_a_font_that_is_no_object_of_its_own_is_left_alone() -> None:
    pdf, font = _letters_document(b"A")
    direct = Dictionary(dict(font.items()))
    add_page(pdf, _SHOWN, Font=Dictionary(F=direct))
    before = font.FontDescriptor.FontFile2.read_raw_bytes()
    outcome = shrink_fonts(pdf, lossless=False)
    assert outcome.changed == 0
    assert list(outcome.left) == ["used by a font that is no object of its own"]
    assert font.FontDescriptor.FontFile2.read_raw_bytes() == before


def test_a_font_encoded_by_another_cmap_is_left_alone() -> None:
    pdf = pikepdf.new()
    font = composite_font(pdf, embedded(pdf, "/FontFile2", truetype(LETTERS, [])), "/CIDFontType2")
    font.Encoding = Name("/UniGB-UCS2-H")
    add_text(pdf, font, b"\0\3")
    assert shrink_fonts(pdf, lossless=False).left == {"encoded by a CMap": 1}


def test_a_subset_that_draws_something_else_is_undone() -> None:
    """Viewers read outlines on to the end where the table of offsets goes backwards, which the subset does not."""
    data = bytearray(truetype(LETTERS, [(3, 1, 4, {ord(letter): letter for letter in LETTERS})]))
    font = TTFont(io.BytesIO(bytes(data)))
    place = font.reader.tables["loca"].offset
    wide = 4 if font["head"].indexToLocFormat else 2
    # The glyph after A begins, by the table, before A does.
    data[place + 2 * wide : place + 3 * wide] = bytes(wide)
    pdf = pikepdf.new()
    broken = simple_font(pdf, embedded(pdf, "/FontFile2", bytes(data)), Encoding=Name.WinAnsiEncoding)
    broken.FontDescriptor.Flags = 32
    add_text(pdf, broken, b"AC")
    before = saved(pdf)
    outcome = shrink_fonts(pdf, lossless=False)
    assert (outcome.changed, outcome.undone) == (0, ["Made"])
    assert outcome.bytes_after == outcome.bytes_before
    assert_looks_and_reads_the_same(before, saved(pdf))


def test_the_gate_sees_one_wrong_letter_among_many() -> None:
    pdf = pikepdf.new()
    codes = {ord(letter): letter for letter in LETTERS}
    right = simple_font(pdf, embedded(pdf, "/FontFile2", truetype(LETTERS, [(3, 1, 4, codes)])))
    wrong = simple_font(pdf, embedded(pdf, "/FontFile2", truetype(LETTERS, [(3, 1, 4, codes | {ord("q"): "r"})])))
    for font in (right, wrong):
        font.FontDescriptor.Flags = 32
        font.Encoding = Name.WinAnsiEncoding
    likeness = compare_fonts([FontUser(right, set(codes))], [FontUser(wrong, set(codes))])
    assert not likeness.passes
    assert likeness.similarity < 0.95
    assert compare_fonts([FontUser(right, set(codes))], [FontUser(right, set(codes))]).passes


def test_the_gate_sees_text_that_reads_differently_though_it_looks_the_same() -> None:
    pdf, font = _letters_document()
    other = pdf.make_indirect(Dictionary(dict(font.items())))
    other.ToUnicode = pdf.make_stream(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <FF> "
        b"endcodespacerange 1 beginbfchar <41> <0058> endbfchar endcmap end end"
    )
    likeness = compare_fonts([FontUser(font, {65, 66})], [FontUser(other, {65, 66})])
    assert likeness.same_pixels
    assert not likeness.passes


def test_content_that_inflates_without_end_leaves_all_fonts_alone() -> None:
    pdf, font = _letters_document()
    import zlib

    bomb = zlib.compressobj(6)
    packed = b"".join(bomb.compress(b" " * (1 << 20)) for _ in range(300)) + bomb.flush()
    add_page(pdf, b"", Font=Dictionary(F=font)).obj.Contents = pdf.make_stream(packed, Filter=Name.FlateDecode)
    outcome = shrink_fonts(pdf, lossless=False)
    assert outcome.changed == 0
    assert list(outcome.left) == ["content that cannot be read: beyond the limit"]


def test_shrinking_twice_changes_nothing_more() -> None:
    pdf, _font = _letters_document()
    _shrunk(pdf)
    assert shrink_fonts(pdf, lossless=True).changed == 0

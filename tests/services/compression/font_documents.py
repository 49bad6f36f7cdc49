"""Documents made by the tests of fonts: programs of every kind with glyphs that cannot be confused."""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterable
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.eexec import encrypt
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from pikepdf import Array, Dictionary, Name

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
Cmap = tuple[int, int, int, dict[int, str]]


def draw_glyph(pen: Any, number: int) -> None:
    """Draw a shape that tells `number`: one ragged bar for each bit that is set. The rags make the font heavy."""
    ragged = Random(number)
    for bit in range(7):
        if number >> bit & 1:
            left, right = 100 * bit + 20, 100 * bit + 90
            pen.moveTo((left, 0))
            for step in range(1, 12):
                pen.lineTo((left + ragged.randrange(30), 60 * step + ragged.randrange(40)))
            pen.lineTo((right, 700))
            pen.lineTo((right, 0))
            pen.closePath()


def truetype(names: Iterable[str], cmaps: Iterable[Cmap], *, keep_post: bool = True) -> bytes:
    """Return a TrueType font with these glyphs; each cmap is platform, encoding, format, glyph name by code."""
    order = [".notdef", *names]
    glyphs = {}
    for number, name in enumerate(order):
        pen = TTGlyphPen(None)
        draw_glyph(pen, number % 127 + 1)
        glyphs[name] = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(order, (800, 20)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupPost(keepGlyphNames=keep_post)
    tables = []
    for platform, encoding, form, codes in cmaps:
        table = CmapSubtable.newSubtable(form)
        table.platformID, table.platEncID, table.format, table.language, table.cmap = platform, encoding, form, 0, codes
        tables.append(table)
    font: TTFont = builder.font
    if tables:
        font["cmap"] = newTable("cmap")
        font["cmap"].tableVersion, font["cmap"].tables = 0, tables
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def bare_cff(names: Iterable[str]) -> bytes:
    """Return a bare CFF font, addressed by name, with these glyphs."""
    order = [".notdef", *names]
    glyphs = {}
    for number, name in enumerate(order):
        pen = T2CharStringPen(800, None)
        draw_glyph(pen, number % 127 + 1)
        glyphs[name] = pen.getCharString()
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder(order)
    builder.setupCFF("Made", {}, glyphs, {})
    return bytes(builder.font["CFF "].compile(builder.font))


def type1(char_strings: dict[str, bytes], subrs: Iterable[bytes] = ()) -> tuple[bytes, int, int]:
    """Return a Type 1 font of these plain charstrings, with the lengths of its clear and its encrypted part."""
    clear = (
        b"%!PS-AdobeFont-1.0: Made\n/FontName /Made def /PaintType 0 def /FontType 1 def\n"
        b"/FontMatrix [0.001 0 0 0.001 0 0] readonly def /FontBBox {0 0 1000 1000} readonly def\n"
        b"/Encoding StandardEncoding def\ncurrentfile eexec\n"
    )
    parts = [b"dup /Private 8 dict dup begin /BlueValues [-10 0 700 710] def /StdHW [70] def /lenIV 4 def\n"]
    codes = [encrypt(b"\0\0\0\0" + code, 4330)[0] for code in subrs]
    parts.append(b"/Subrs %d array\n" % len(codes))
    parts += [b"dup %d %d RD %b NP\n" % (number, len(code), code) for number, code in enumerate(codes)]
    parts.append(b"ND 2 index /CharStrings %d dict dup begin\n" % len(char_strings))
    for name, plain in char_strings.items():
        code = encrypt(b"\0\0\0\0" + plain, 4330)[0]
        parts.append(b"/%b %d RD %b ND\n" % (name.encode(), len(code), code))
    parts.append(b"end end readonly put noaccess put dup/FontName get exch definefont pop mark currentfile closefile\n")
    secret = encrypt(b"\0\0\0\0" + b"".join(parts), 55665)[0]
    return clear + secret + b"0" * 512 + b"\ncleartomark\n", len(clear), len(secret)


def embedded(pdf: pikepdf.Pdf, key: str, data: bytes, **entries: Any) -> pikepdf.Object:
    """Return a font descriptor with the program `data` under `key`."""
    stream = pdf.make_stream(zlib.compress(data), Filter=Name.FlateDecode, **entries)
    return pdf.make_indirect(
        Dictionary(
            {
                "/Type": Name.FontDescriptor,
                "/FontName": Name("/Made"),
                "/Flags": 4,
                "/FontBBox": Array([0, 0, 1000, 1000]),
                "/ItalicAngle": 0,
                "/Ascent": 800,
                "/Descent": -200,
                "/CapHeight": 700,
                "/StemV": 80,
                key: stream,
            }
        )
    )


def simple_font(
    pdf: pikepdf.Pdf, descriptor: pikepdf.Object, subtype: str = "/TrueType", **entries: Any
) -> pikepdf.Object:
    """Return a font with one-byte codes."""
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name(subtype),
            BaseFont=Name("/Made"),
            FirstChar=0,
            LastChar=255,
            Widths=Array([800] * 256),
            FontDescriptor=descriptor,
            **entries,
        )
    )


def composite_font(pdf: pikepdf.Pdf, descriptor: pikepdf.Object, subtype: str, **entries: Any) -> pikepdf.Object:
    """Return a font with two-byte codes that are CIDs."""
    inner = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name(subtype),
            BaseFont=Name("/Made"),
            CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            DW=800,
            FontDescriptor=descriptor,
            **entries,
        )
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/Made"),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([inner]),
        )
    )


def add_page(pdf: pikepdf.Pdf, content: bytes, **resources: Any) -> pikepdf.Page:
    """Add a page of 400 x 200 points."""
    page = Dictionary(
        Type=Name.Page,
        MediaBox=[0, 0, 400, 200],
        Resources=Dictionary(**resources),
        Contents=pdf.make_stream(content),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    return pdf.pages[-1]


def add_text(pdf: pikepdf.Pdf, font: pikepdf.Object, text: bytes) -> pikepdf.Page:
    """Add a page that shows `text` in `font`."""
    return add_page(pdf, b"BT /F 20 Tf 20 100 Td <%s> Tj ET" % text.hex().encode(), Font=Dictionary(F=font))


def saved(pdf: pikepdf.Pdf) -> bytes:
    """Return the PDF as it would be stored."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        # Widgets outside of /AcroForm were so in the source.
        warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
        pdf.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return file.getvalue()


def pictures(data: bytes, *, pages: int = 4, scale: float = 100 / 72) -> list[npt.NDArray[np.uint8]]:
    """Return the first pages as a viewer shows them, forms included."""
    with pypdfium2.PdfDocument(data) as document:
        document.init_forms()
        return [document[number].render(scale=scale).to_numpy().copy() for number in range(min(pages, len(document)))]


def texts(data: bytes, *, pages: int = 4) -> list[str]:
    """Return the text of the first pages."""
    with pypdfium2.PdfDocument(data) as document:
        return [document[number].get_textpage().get_text_range() for number in range(min(pages, len(document)))]


def assert_looks_and_reads_the_same(before: bytes, after: bytes, *, pages: int = 4) -> None:
    """Fail when any pixel or any character of the first pages differs."""
    for number, (old, new) in enumerate(zip(pictures(before, pages=pages), pictures(after, pages=pages), strict=True)):
        assert np.array_equal(old, new), f"page {number + 1} looks different"
    assert texts(before, pages=pages) == texts(after, pages=pages)

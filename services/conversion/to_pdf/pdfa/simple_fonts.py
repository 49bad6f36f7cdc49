"""Builds a TrueType program for a simple font: one glyph a code, as wide as the document says."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from fontTools.agl import toUnicode
from fontTools.cffLib import CFFFontSet
from fontTools.encodings.StandardEncoding import StandardEncoding
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from pikepdf import Array, Dictionary, Name

from services.conversion.to_pdf.pdfa_rules.font_views import WIN_ANSI_NAMES, FontView, base_encoding, named_codes
from services.conversion.to_pdf.pdfa_rules.programs import open_truetype, open_type1, read_program

_UNITS = 2048
#: A cubic curve may be this many units off, of 2048.
_CURVE_ERROR_UNITS = 0.6
#: A substitute's glyph is drawn narrower or wider when it is off by more than this share.
_WIDTH_TOLERANCE = 0.01
#: Adobe's own places for characters of symbol fonts.
_PRIVATE_USE = 0xF000


@dataclass
class Glyphs:
    """Outlines of some font: by glyph name, in units of which there are `units` to the em."""

    outlines: Any
    units: float
    widths: dict[str, float]


@dataclass
class CodeGlyph:
    """What a code shows: whose glyph, how wide, and which character it is."""

    glyph: str
    width: float
    text: str
    squeeze: bool


def glyphs_of_file(path: Path) -> tuple[Glyphs, dict[int, str], dict[int, str]]:
    """The outlines of a font file, its glyph names by character, and those of its own encoding by code."""
    font: Any = TTFont(BytesIO(path.read_bytes()), lazy=True)
    units = font["head"].unitsPerEm
    widths = {name: metric[0] * 1000 / units for name, metric in font["hmtx"].metrics.items()}
    own = read_program(path.read_bytes()).encoding if "CFF " in font else {}
    return Glyphs(font.getGlyphSet(), units, widths), dict(font.getBestCmap()), own


def glyphs_of_program(data: bytes) -> Glyphs:
    """The outlines of an embedded program of any kind."""
    if data[:4] in (b"\0\1\0\0", b"true", b"OTTO"):
        font = open_truetype(data)
        return Glyphs(font.getGlyphSet(), font["head"].unitsPerEm, {})
    if data[:2] == b"%!" or data[:1] == b"\x80":
        type1 = open_type1(data)
        return Glyphs(type1.getGlyphSet(), 1 / float(type1.font.get("FontMatrix", [0.001])[0]), {})
    fonts = CFFFontSet()
    fonts.decompile(BytesIO(data), None)
    top: Any = fonts[0]
    return Glyphs(top.CharStrings, 1 / float(getattr(top, "FontMatrix", [0.001])[0]), {})


def replace_font(pdf: pikepdf.Pdf, view: FontView, glyphs: Glyphs, shown: dict[int, CodeGlyph], tag: str) -> None:
    """Give a simple font a program that has exactly the glyphs that are shown, and the dictionary to match.

    It becomes a symbolic TrueType font with one table that leads from codes to glyphs: of all ways to name glyphs
    the one that every viewer reads alike (ISO 19005-1, 6.3.7).
    """
    data, bounds = _build(glyphs, shown)
    bare = view.name[7:] if view.name[6:7] == "+" else view.name
    name = Name(f"/{tag}+{bare}")
    first, last = min(shown, default=32), max(shown, default=32)
    font = view.font
    for key in ("/Encoding", "/FontDescriptor", "/Resources", "/CharProcs"):
        if key in font:
            del font[key]
    font.Type, font.Subtype, font.BaseFont = Name.Font, Name.TrueType, name
    font.FirstChar, font.LastChar = first, last
    font.Widths = Array([round(shown[code].width, 3) if code in shown else 0 for code in range(first, last + 1)])
    font.ToUnicode = pdf.make_stream(_to_unicode(shown))
    font.FontDescriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=name,
            Flags=4,
            FontBBox=Array(bounds),
            ItalicAngle=0,
            Ascent=bounds[3],
            Descent=bounds[1],
            CapHeight=bounds[3],
            StemV=80,
            FontFile2=pdf.make_stream(data, Length1=len(data)),
        )
    )


def text_of(view: FontView, code: int) -> str:
    """The character that a code stands for by the font's encoding; empty where it does not tell."""
    encoding = view.font.get("/Encoding")
    name = named_codes(encoding).get(code)
    base = base_encoding(encoding)
    if name is None and base is not None:
        name = base.get(code)
    if name is None and base is None:
        # TrueType fonts without an encoding are written for Windows; others for PostScript.
        name = WIN_ANSI_NAMES.get(code) if view.kind == "TrueType" else StandardEncoding[code]
    return toUnicode(name) if name and name != ".notdef" else ""


def _build(glyphs: Glyphs, shown: dict[int, CodeGlyph]) -> tuple[bytes, list[int]]:
    names = {code: f"c{code}" for code in sorted(shown)}
    outlines = {".notdef": TTGlyphPen(None).glyph()}
    metrics = {".notdef": (_UNITS // 2, 0)}
    for code, name in names.items():
        one = shown[code]
        scale = _UNITS / glyphs.units
        natural = glyphs.widths.get(one.glyph)
        across = scale
        if one.squeeze and natural and abs(one.width / natural - 1) > _WIDTH_TOLERANCE and one.width > 0:
            across = scale * one.width / natural
        pen = TTGlyphPen(None)
        turned = TransformPen(Cu2QuPen(pen, _CURVE_ERROR_UNITS, reverse_direction=False), (across, 0, 0, scale, 0, 0))
        recorded = DecomposingRecordingPen(glyphs.outlines)
        glyphs.outlines[one.glyph].draw(recorded)
        recorded.replay(turned)
        outlines[name] = pen.glyph()
        metrics[name] = (max(round(one.width * _UNITS / 1000), 0), 0)
    builder = FontBuilder(_UNITS, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({_PRIVATE_USE + code: name for code, name in names.items()})
    builder.setupGlyf(outlines)
    table = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {name: (width, getattr(table[name], "xMin", 0) or 0) for name, (width, _) in metrics.items()}
    )
    builder.setupHorizontalHeader(ascent=_UNITS * 8 // 10, descent=-_UNITS * 2 // 10)
    builder.setupNameTable({"familyName": "Shown", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost(keepGlyphNames=False)
    _only_codes(builder.font, names)
    out = BytesIO()
    builder.font.save(out)
    head = builder.font["head"]
    bounds = [round(edge * 1000 / _UNITS) for edge in (head.xMin, head.yMin, head.xMax, head.yMax)]
    return out.getvalue(), bounds


def _only_codes(font: Any, names: dict[int, str]) -> None:
    """One table of characters, by the codes themselves."""
    table = CmapSubtable.newSubtable(4)
    table.platformID, table.platEncID, table.language = 3, 0, 0
    table.cmap = {_PRIVATE_USE + code: name for code, name in names.items()}
    font["cmap"].tables = [table]


def _to_unicode(shown: dict[int, CodeGlyph]) -> bytes:
    known = [(code, one.text) for code, one in sorted(shown.items()) if one.text]
    lines = [f"<{code:02X}> <{text.encode('utf-16-be').hex()}>" for code, text in known]
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    body = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        f"{body}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()

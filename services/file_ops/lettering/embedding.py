"""Embed a subset of a system font as a Unicode font of a PDF, searchable through its ToUnicode map."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import Any

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

from services.file_ops.lettering.faces import MappedFace
from services.file_ops.lettering.system_fonts import SystemFont

#: Entries of one block of a ToUnicode map (Adobe technical note 5411 allows 100).
_BLOCK = 100
_TABLES_OF_TRUETYPE = frozenset({"glyf", "head", "hhea", "hmtx", "loca", "maxp", "GlyphOrder"})


@dataclass(frozen=True)
class EmbeddedFace(MappedFace):
    """A composite font (Identity-H) whose codes are two bytes each."""

    def encode(self, text: str) -> bytes:
        return b"".join(self.codes[character].to_bytes(2, "big") for character in text)


def embed(pdf: pikepdf.Pdf, source: SystemFont, characters: set[str]) -> EmbeddedFace:
    """Embed the glyphs of `characters` and return the face that draws them. Source: ISO 32000-2, 9.7."""
    with source.open() as program:
        _reduce(program, characters)
        packed = io.BytesIO()
        program.save(packed)
    with _reopen(packed) as program:
        per_em = 1000 / program["head"].unitsPerEm
        names = program.getBestCmap()
        codes = {each: _code(program, names[ord(each)]) for each in sorted(characters)}
        widths = {each: round(program["hmtx"][names[ord(each)]][0] * per_em, 2) for each in sorted(characters)}
        ascent, descent = program["hhea"].ascent * per_em, program["hhea"].descent * per_em
        base_font = _tagged_name(program, characters)
        descriptor = _descriptor(program, base_font, per_em)
        is_cff = "CFF " in program
        data = _program_bytes(program)
    if is_cff:
        descriptor.FontFile3 = pdf.make_stream(data, Subtype=Name.CIDFontType0C)
    else:
        descriptor.FontFile2 = pdf.make_stream(data, Length1=len(data))
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType0 if is_cff else Name.CIDFontType2,
        BaseFont=base_font,
        CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        W=Array([part for each in codes for part in (codes[each], Array([widths[each]]))]),
    )
    if not is_cff:
        descendant.CIDToGIDMap = Name.Identity
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=base_font,
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(descendant)]),
        ToUnicode=pdf.make_stream(_to_unicode(codes)),
    )
    return EmbeddedFace(pdf.make_indirect(font), ascent, descent, codes, widths)


def _reopen(packed: io.BytesIO) -> Any:
    """Read a font program from memory."""
    packed.seek(0)
    return TTFont(packed, lazy=True)


def _reduce(program: Any, characters: set[str]) -> None:
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [6]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "fvar", "gvar", "avar", "cvar", "HVAR", "VVAR", "MVAR", "STAT"]
    options.drop_tables += [
        "BASE",
        "VORG",
        "vhea",
        "vmtx",
        "COLR",
        "CPAL",
        "SVG ",
        "sbix",
        "CBDT",
        "CBLC",
        "meta",
        "FFTM",
    ]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in characters])
    subsetter.subset(program)


def _code(program: Any, glyph: str) -> int:
    """The CID of a glyph: its number, except in fonts that number their characters themselves (9.7.4.2)."""
    if "CFF " in program and hasattr(program["CFF "].cff.topDictIndex[0], "ROS"):
        return int(glyph.removeprefix("cid"))
    return int(program.getGlyphID(glyph))


def _program_bytes(program: Any) -> bytes:
    if "CFF " in program:
        return bytes(program.getTableData("CFF "))
    for tag in set(program.keys()) - _TABLES_OF_TRUETYPE:
        del program[tag]
    packed = io.BytesIO()
    program.save(packed)
    return packed.getvalue()


def _tagged_name(program: Any, characters: set[str]) -> Any:
    """`ABCDEF+Name`: the tag tells subsets of one font apart."""
    name = program["name"].getDebugName(6) or "Font"
    number = _number_of("".join(sorted(characters)))
    tag = "".join(chr(ord("A") + number // 26**place % 26) for place in range(6))
    return Name("/" + tag + "+" + "".join(each for each in name if each.isalnum() or each == "-"))


def _number_of(text: str) -> int:
    """A number that is the same in each run, unlike `hash`."""
    return zlib.crc32(text.encode())


def _descriptor(program: Any, base_font: Any, per_em: float) -> Any:
    head, hhea = program["head"], program["hhea"]
    box = [round(value * per_em) for value in (head.xMin, head.yMin, head.xMax, head.yMax)]
    return Dictionary(
        Type=Name.FontDescriptor,
        FontName=base_font,
        Flags=4,
        FontBBox=Array(box),
        ItalicAngle=0,
        Ascent=round(hhea.ascent * per_em),
        Descent=round(hhea.descent * per_em),
        CapHeight=round(hhea.ascent * per_em * 0.9),
        StemV=80,
    )


def _to_unicode(codes: dict[str, int]) -> bytes:
    entries = [f"<{code:04X}> <{each.encode('utf-16-be').hex().upper()}>" for each, code in codes.items()]
    blocks = [entries[start : start + _BLOCK] for start in range(0, len(entries), _BLOCK)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{body}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()

"""Fonts of this machine that may be put into documents: found, measured, subset, embedded."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont, TTLibError
from pikepdf import Array, Dictionary, Name

# It warns of tables that it drops from subsets, and of dates before 1970.
logging.getLogger("fontTools").setLevel(logging.ERROR)

#: Where systems keep fonts.
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
#: Looked at first for characters that the chosen font lacks; then every other font.
_WELL_STOCKED = ("DejaVuSansMono.ttf", "DejaVuSans.ttf", "NotoSansMono-Regular.ttf", "DroidSansFallbackFull.ttf")
#: Bit of OS/2 fsType: the font may not be embedded; bits 8 and 9: not subset, only as bitmap.
_NO_EMBEDDING = 0x0002 | 0x0100 | 0x0200
_UNICODE_MAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{ranges}endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


@cache
def installed_fonts() -> dict[str, Path]:
    """Font files of this machine by file name."""
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        for parent, _, names in os.walk(folder):
            for name in sorted(names):
                if name.lower().endswith((".ttf", ".otf")):
                    found.setdefault(name, Path(parent) / name)
    return found


@dataclass(frozen=True)
class FontProgram:
    """What laying out needs to know of a font file."""

    path: Path
    cmap: dict[int, str]
    units_per_em: int
    advances: dict[str, int]

    def has(self, character: int) -> bool:
        """Whether it can show a character."""
        return character in self.cmap

    def width_per_mille(self, character: int) -> float:
        """The advance of a character in thousandths of its size."""
        return 1000 * self.advances[self.cmap[character]] / self.units_per_em


def _opened(path: Path) -> Any:
    # Its tables get their attributes from the file.
    return TTFont(path, lazy=True)


@cache
def open_font(path: Path) -> FontProgram | None:
    """Read what laying out needs of a TrueType font, or None for one that cannot or may not be embedded."""
    try:
        with _opened(path) as font:
            if "glyf" not in font or (font["OS/2"].fsType & _NO_EMBEDDING):
                return None
            advances = {glyph: metric[0] for glyph, metric in font["hmtx"].metrics.items()}
            return FontProgram(path, dict(font.getBestCmap() or {}), font["head"].unitsPerEm, advances)
    except (TTLibError, OSError, KeyError, AttributeError):
        return None


def font_for(character: int, preferred: tuple[str, ...] = ()) -> FontProgram | None:
    """The first font of this machine that has a character: by preference, then by name. None when none has."""
    fonts = installed_fonts()
    named = [name for name in (*preferred, *_WELL_STOCKED) if name in fonts]
    for name in dict.fromkeys([*named, *fonts]):
        program = open_font(fonts[name])
        if program and program.has(character):
            return program
    return None


class EmbeddedFont(NamedTuple):
    """A font object of a document, and the two-byte codes (glyph ids) of its characters."""

    font: Any
    codes: dict[int, int]


def _subset(program: FontProgram, characters: set[int]) -> tuple[bytes, dict[int, int]]:
    """A font file with these characters only, and the glyph id of each."""
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2, 6])
    with subset.load_font(str(program.path), options, lazy=True) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(font)
        order = {name: number for number, name in enumerate(font.getGlyphOrder())}
        codes = {code: order[name] for code, name in font.getBestCmap().items()}
        out = BytesIO()
        font.save(out, reorderTables=False)
        return out.getvalue(), codes


def embed(pdf: pikepdf.Pdf, program: FontProgram, characters: set[int], tag: str) -> EmbeddedFont:
    """Add a font with these characters to a document; `tag` (six capitals) tells its subsets apart."""
    data, codes = _subset(program, characters)
    with _opened(program.path) as font:
        name = f"{tag}+{font['name'].getDebugName(6) or program.path.stem}".replace(" ", "")
        scale = 1000 / program.units_per_em
        head, metrics, os2, post = font["head"], font["hhea"], font["OS/2"], font["post"]
        descriptor = Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name(f"/{name}"),
            Flags=4 | bool(post.isFixedPitch),
            FontBBox=Array([round(edge * scale) for edge in (head.xMin, head.yMin, head.xMax, head.yMax)]),
            ItalicAngle=round(post.italicAngle),
            Ascent=round(metrics.ascent * scale),
            Descent=round(metrics.descent * scale),
            CapHeight=round(getattr(os2, "sCapHeight", metrics.ascent) * scale),
            StemV=80,
            FontFile2=pdf.make_stream(data, Length1=len(data)),
        )
    widths = sorted({(glyph, round(program.width_per_mille(code), 2)) for code, glyph in codes.items()})
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name(f"/{name}"),
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        CIDToGIDMap=Name.Identity,
        DW=1000,
        W=Array([part for glyph, width in widths for part in (glyph, Array([width]))]),
    )
    whole = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name(f"/{name}"),
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(descendant)]),
        ToUnicode=pdf.make_stream(_to_unicode(codes)),
    )
    return EmbeddedFont(pdf.make_indirect(whole), codes)


def _to_unicode(codes: dict[int, int]) -> bytes:
    # Of several characters with one glyph (space and no-break space) the lowest is what a reader copies.
    characters = {glyph: code for code, glyph in sorted(codes.items(), reverse=True)}
    lines = [f"<{glyph:04X}> <{chr(code).encode('utf-16-be').hex()}>" for glyph, code in sorted(characters.items())]
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    ranges = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    return _UNICODE_MAP.format(ranges=ranges).encode()

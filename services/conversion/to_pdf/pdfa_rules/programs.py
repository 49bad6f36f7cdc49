"""Font programs, read for their glyphs and widths: TrueType, Type 1, CFF, bare or in OpenType."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from fontTools.cffLib import CFFFontSet
from fontTools.encodings.StandardEncoding import StandardEncoding
from fontTools.misc.eexec import decrypt
from fontTools.misc.psCharStrings import T1CharString, T1OutlineExtractor, T2WidthExtractor
from fontTools.misc.psLib import suckfont
from fontTools.pens.basePen import NullPen
from fontTools.t1Lib import T1Font
from fontTools.ttLib import TTFont, TTLibError, newTable


class UnreadableProgram(Exception):
    """The program cannot be read as a font."""


@dataclass
class Program:
    """A font program: glyphs by number, or by name."""

    kind: str
    glyph_count: int
    #: Widths in thousandths, by glyph name.
    widths: dict[str, float]
    order: list[str]
    cmaps: dict[tuple[int, int], dict[int, str]] = field(default_factory=dict)
    #: The program's own encoding: names by code.
    encoding: dict[int, str] = field(default_factory=dict)
    #: Of CID-keyed CFF: glyph names by CID.
    cids: dict[int, str] = field(default_factory=dict)
    is_cid: bool = False

    def has(self, glyph: Any) -> bool:
        """Whether there is such a glyph."""
        return glyph in self.widths if isinstance(glyph, str) else 0 <= glyph < self.glyph_count

    def width(self, glyph: Any) -> float | None:
        """Its width in thousandths."""
        name = glyph if isinstance(glyph, str) else self.order[glyph] if glyph < len(self.order) else ""
        return self.widths.get(name)

    def cid_glyph(self, cid: int) -> str | None:
        """The glyph of a CID, in CFF."""
        if self.is_cid:
            return self.cids.get(cid)
        return self.order[cid] if cid < len(self.order) else None


def read_program(data: bytes) -> Program:
    """Read a font program of any kind. Raises UnreadableProgram."""
    try:
        if data[:4] in (b"\0\1\0\0", b"true", b"OTTO", b"ttcf"):
            return _sfnt(data)
        if data[:2] == b"%!" or data[:1] == b"\x80":
            return _type1(data)
        return _cff(data)
    except Exception as error:
        # fontTools' readers raise whatever comes on damaged programs.
        raise UnreadableProgram from error


def open_truetype(data: bytes) -> Any:
    """A TrueType or OpenType font; advances that its table lacks are those of the last glyph that has one."""
    font: Any = TTFont(BytesIO(data), lazy=True)
    try:
        font["hmtx"]
    except TTLibError:
        raw, count, full = font.reader["hmtx"], font["maxp"].numGlyphs, font["hhea"].numberOfHMetrics
        pairs = [struct.unpack_from(">Hh", raw, 4 * at) for at in range(min(full, len(raw) // 4))] or [(0, 0)]
        order = font.getGlyphOrder()
        table: Any = newTable("hmtx")
        table.metrics = {order[at]: pairs[min(at, len(pairs) - 1)] for at in range(count)}
        font["hmtx"] = table
    return font


def open_type1(data: bytes) -> Any:
    """A Type 1 font whose charstrings are decrypted, with or without subroutines."""
    if data[:1] == b"\x80":
        data = _without_segments(data)
    end = data.rfind(b"cleartomark")
    parsed = suckfont(data[: end + len(b"cleartomark")] if end >= 0 else data, "ascii")
    private = parsed["Private"]
    skipped = private.get("lenIV", 4)
    subroutines: list[Any] = private.setdefault("Subrs", [])
    for number, code in enumerate(subroutines):
        subroutines[number] = T1CharString(decrypt(code, 4330)[0][skipped:], subrs=subroutines)
    strings = parsed["CharStrings"]
    for name, code in strings.items():
        strings[name] = T1CharString(decrypt(code, 4330)[0][skipped:], subrs=subroutines)
    font: Any = T1Font.__new__(T1Font)
    font.font = parsed
    return font


def _sfnt(data: bytes) -> Program:
    font = open_truetype(data)
    if "CFF " in font and "glyf" not in font:
        read = _cff(font.getTableData("CFF "))
        read.kind = "OpenType"
        return read
    scale = 1000 / font["head"].unitsPerEm
    count = font["maxp"].numGlyphs
    # Names of a `post` table may repeat or lie: numbers are sure.
    order = [f"glyph{number}" for number in range(count)]
    try:
        named = font.getGlyphOrder()
    except (TTLibError, struct.error, IndexError, AssertionError):
        # A `post` table that cannot be read only takes the names away.
        named = order
    widths = {name: metric[0] * scale for name, metric in font["hmtx"].metrics.items()}
    by_order = named if len(named) == count else order
    cmaps = {}
    for table in font["cmap"].tables if "cmap" in font else ():
        cmaps[table.platformID, table.platEncID] = dict(table.cmap)
    return Program("TrueType", count, widths, list(by_order), cmaps)


def _type1(data: bytes) -> Program:
    font = open_type1(data)
    glyphs = font.getGlyphSet()
    matrix = font.font.get("FontMatrix", [0.001])
    scale = float(matrix[0]) * 1000
    widths = {}
    for name in glyphs:
        charstring = font.font["CharStrings"][name]
        widths[name] = _type1_width(charstring, font) * scale
    encoding = font.font.get("Encoding")
    names = list(encoding) if isinstance(encoding, list) else []
    if encoding == "StandardEncoding" or not names:
        names = list(StandardEncoding)
    return Program(
        "Type1",
        len(widths),
        widths,
        sorted(widths),
        encoding={code: name for code, name in enumerate(names) if name and name != ".notdef"},
    )


def _type1_width(charstring: Any, font: Any) -> float:
    extractor: Any = T1OutlineExtractor(NullPen(), font.font.get("Private", {}).get("Subrs", []))
    extractor.glyphSet = None
    try:
        extractor.execute(charstring)
    except Exception:
        # The width is set first; what fails behind it (an accent that is missing) is no matter here.
        if not hasattr(extractor, "width"):
            raise
    return float(extractor.width)


def _without_segments(data: bytes) -> bytes:
    out, place = b"", 0
    while data[place : place + 1] == b"\x80" and data[place + 1] != 3:
        length = int.from_bytes(data[place + 2 : place + 6], "little")
        out += data[place + 6 : place + 6 + length]
        place += 6 + length
    return out


def _cff(data: bytes) -> Program:
    fonts = CFFFontSet()
    fonts.decompile(BytesIO(data), None)
    top: Any = fonts[0]
    glyphs = top.CharStrings
    scale = float(getattr(top, "FontMatrix", [0.001])[0]) * 1000
    is_cid = hasattr(top, "ROS")
    order = list(top.charset)
    widths = {}
    for name in order:
        charstring = glyphs[name]
        private = charstring.private
        extractor = T2WidthExtractor(
            getattr(private, "Subrs", []), top.GlobalSubrs, private.nominalWidthX, private.defaultWidthX, private
        )
        extractor.execute(charstring)
        widths[name] = extractor.width * (scale if not is_cid else _cid_scale(top, glyphs, name))
    encoding = getattr(top, "Encoding", None) if not is_cid else None
    names = list(encoding) if isinstance(encoding, list) else []
    if encoding == "StandardEncoding":
        names = list(StandardEncoding)
    return Program(
        "CFF",
        len(order),
        widths,
        order,
        encoding={code: name for code, name in enumerate(names) if name and name != ".notdef"},
        cids={0 if name == ".notdef" else int(name[3:]): name for name in order} if is_cid else {},
        is_cid=is_cid,
    )


def _cid_scale(top: Any, glyphs: Any, name: str) -> float:
    own = getattr(top, "FontMatrix", None) if "FontMatrix" in top.rawDict else None
    selected = (
        top.FDArray[glyphs.fdSelect[top.charset.index(name)]] if getattr(glyphs, "fdSelect", None) else top.FDArray[0]
    )
    inner = selected.FontMatrix if "FontMatrix" in selected.rawDict else None
    if own and inner:
        return float(own[0]) * float(inner[0]) * 1000
    matrix = own or inner or [0.001]
    return float(matrix[0]) * 1000

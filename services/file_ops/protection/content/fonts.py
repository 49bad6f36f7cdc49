"""Fonts as a content stream uses them: codes, advances, heights, and the text that codes stand for."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium_raw
from fontTools import agl
from fontTools.encodings import MacRoman, StandardEncoding
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.protection.content.cmaps import CMap, named_cmap, read_cmap
from services.file_ops.protection.content.geometry import Rect, matrix_of

#: Bindings made at run time, which carry no types.
_PDFIUM: Any = pdfium_raw
#: What a code stands for when nothing tells.
UNKNOWN = "\ufffd"
#: Ascent and descent of a line in ems; descriptors that say less or more are not believed.
_ASCENT, _DESCENT = (0.65, 0.75, 1.0), (-0.35, -0.22, -0.15)
_STANDARD = {
    "Arial": "Helvetica",
    "ArialMT": "Helvetica",
    "Arial,Bold": "Helvetica-Bold",
    "CourierNew": "Courier",
    "TimesNewRoman": "Times-Roman",
    "TimesNewRomanPSMT": "Times-Roman",
}


@dataclass(frozen=True)
class Glyph:
    """One code of a string that is shown."""

    code: bytes
    #: Movement in ems: to the right, or down (negative) in vertical writing.
    advance: float
    text: str
    #: In vertical writing, where the glyph's origin lies left of the line, in ems.
    shift: float = 0.0

    @property
    def is_space_code(self) -> bool:
        """Word spacing applies to the one-byte code 32 only."""
        return self.code == b" "


class Font:
    """One font dictionary. Malformed entries count as absent; nothing here raises for them."""

    def __init__(self, font: Any) -> None:
        self._font = font if isinstance(font, Dictionary) else Dictionary()
        kind = str(self._font.get("/Subtype", "/Type1"))[1:]
        self._cache: dict[bytes, Glyph] = {}
        self.vertical = False
        #: Whether advances are known; else a string is one piece.
        self.exact = True
        self._to_unicode = read_cmap(self._font.get("/ToUnicode")) if "/ToUnicode" in self._font else CMap()
        self._is_composite = kind == "Type0"
        self._scale = 0.001
        described: Any = self._font
        if self._is_composite:
            described = self._read_composite()
        else:
            self._read_simple(kind)
        descriptor = described.get("/FontDescriptor", Dictionary()) if isinstance(described, Dictionary) else None
        self.ascent = _height(descriptor, "/Ascent", _ASCENT)
        self.descent = _height(descriptor, "/Descent", _DESCENT)
        if kind == "Type3":
            self._read_type3()

    def glyphs(self, data: bytes) -> list[Glyph]:
        """The codes of a string."""
        if not self._is_composite:
            return [self._glyph(data[at : at + 1]) for at in range(len(data))]
        found, position = [], 0
        while position < len(data):
            length = self._encoding.code_at(data, position)
            found.append(self._glyph(data[position : position + length]))
            position += length
        return found

    def _glyph(self, code: bytes) -> Glyph:
        known = self._cache.get(code)
        if known is None:
            known = self._composite_glyph(code) if self._is_composite else self._simple_glyph(code)
            self._cache[code] = known
        return known

    # -- fonts with codes of several bytes ---------------------------------------------------------------------

    def _read_composite(self) -> Any:
        encoding = self._font.get("/Encoding")
        if isinstance(encoding, Stream):
            self._encoding = read_cmap(encoding)
            self._encoding_name = ""
        else:
            self._encoding_name = str(encoding)[1:] if isinstance(encoding, Name) else "Identity-H"
            self._encoding = named_cmap(self._encoding_name) or CMap()
        if not self._encoding.codespaces:
            self._encoding.codespaces = [(b"\x00\x00", b"\xff\xff")]
        self.vertical = self._encoding.vertical
        below = self._font.get("/DescendantFonts")
        descendant: Any = below[0] if isinstance(below, Array) and len(below) else Dictionary()
        if not isinstance(descendant, Dictionary):
            descendant = Dictionary()
        self._default = _number(descendant.get("/DW"), 1000)
        self._widths = _composite_widths(descendant.get("/W"), 1)
        self._vertical_default = _numbers(descendant.get("/DW2"), 2) or [880.0, -1000.0]
        self._vertical_widths = _composite_widths(descendant.get("/W2"), 3) if self.vertical else {}
        # Predefined maps of Asian collections select glyphs by tables that we do not have.
        self.exact = self._encoding_name.startswith("Identity") or bool(self._encoding.cids) or not self._widths
        return descendant

    def _composite_glyph(self, code: bytes) -> Glyph:
        value = int.from_bytes(code, "big")
        cid = self._encoding.cids.get((len(code), value), value)
        width = self._widths.get(cid, (self._default,))[0]
        text = self._to_unicode.texts.get((len(code), value))
        if text is None:
            wide = "UCS2" in self._encoding_name or "UTF16" in self._encoding_name
            text = code.decode("utf-16-be", "replace") if wide else UNKNOWN
        if self.vertical:
            down, _, _ = self._vertical_widths.get(cid, (self._vertical_default[1], 0, 0))
            return Glyph(code, down / 1000, text, width / 2000)
        return Glyph(code, width / 1000, text)

    # -- fonts with codes of one byte --------------------------------------------------------------------------

    def _read_simple(self, kind: str) -> None:
        self._first = int(_number(self._font.get("/FirstChar"), 0))
        widths = self._font.get("/Widths")
        self._simple_widths = [_number(width, 0) for width in widths] if isinstance(widths, Array) else None
        descriptor = self._font.get("/FontDescriptor")
        missing = descriptor.get("/MissingWidth") if isinstance(descriptor, Dictionary) else None
        self._missing = _number(missing, 0)
        self._names = _encoding_names(self._font.get("/Encoding"), kind)
        base = str(self._font.get("/BaseFont", "/Helvetica"))[1:].rpartition("+")[2]
        self._standard = _STANDARD.get(base, base)

    def _simple_glyph(self, code: bytes) -> Glyph:
        value = code[0]
        text = self._to_unicode.texts.get((1, value)) or self._to_unicode.texts.get((2, value))
        named = self._named_text(value)
        if self._simple_widths is None:
            width = _standard_width(self._standard, ord(named[0]) if named else value)
        elif 0 <= value - self._first < len(self._simple_widths):
            width = self._simple_widths[value - self._first]
        else:
            width = self._missing
        return Glyph(code, width * self._scale, text if text is not None else named or UNKNOWN)

    def _named_text(self, value: int) -> str:
        name = self._names.get(value)
        if name is None:
            return ""
        return name if len(name) == 1 else agl.toUnicode(name)

    def _read_type3(self) -> None:
        matrix = matrix_of(self._font.get("/FontMatrix"), (0.001, 0, 0, 0.001, 0, 0))
        self._scale = abs(matrix[0]) or 0.001
        box = Rect.of(self._font.get("/FontBBox"))
        if box is not None and box.top > box.bottom:
            upright = box.through((*matrix[:4], 0.0, 0.0))
            self.ascent, self.descent = max(upright.top, 0.0), min(upright.bottom, 0.0)


def _number(value: Any, default: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return default


def _numbers(values: Any, count: int) -> list[float] | None:
    if not isinstance(values, Array) or len(values) != count:
        return None
    return [_number(value, 0) for value in values]


def _height(descriptor: Any, key: str, bounds: tuple[float, float, float]) -> float:
    least, usual, most = bounds
    value = _number(descriptor.get(key), 0) / 1000 if isinstance(descriptor, Dictionary) else 0.0
    return min(max(value, least), most) if value else usual


def _composite_widths(entries: Any, numbers: int) -> dict[int, tuple[float, ...]]:
    """The arrays W and W2: `c [w ...]` and `first last w`, with one or three numbers a glyph."""
    found: dict[int, tuple[float, ...]] = {}
    values, position = list(entries) if isinstance(entries, Array) else [], 0
    while position + 1 < len(values):
        first, second = int(_number(values[position], 0)), values[position + 1]
        if isinstance(second, Array):
            flat = [_number(value, 0) for value in second]
            for offset in range(len(flat) // numbers):
                found[first + offset] = tuple(flat[offset * numbers : (offset + 1) * numbers])
            position += 2
            continue
        each = tuple(_number(value, 0) for value in values[position + 2 : position + 2 + numbers])
        if len(each) == numbers:
            for cid in range(first, min(int(_number(second, 0)), first + 65535) + 1):
                found[cid] = each
        position += 2 + numbers
    return found


def _encoding_names(encoding: Any, kind: str) -> dict[int, str]:
    base = str(encoding.get("/BaseEncoding", "")) if isinstance(encoding, Dictionary) else str(encoding)
    if base == "/MacRomanEncoding":
        names = dict(enumerate(MacRoman.MacRoman))
    elif base == "/WinAnsiEncoding" or kind == "TrueType":
        names = {code: bytes([code]).decode("cp1252", "replace") for code in range(32, 256)}
    else:
        names = dict(enumerate(StandardEncoding.StandardEncoding))
    if isinstance(encoding, Dictionary) and isinstance(encoding.get("/Differences"), Array):
        code = 0
        for entry in encoding.Differences:
            if isinstance(entry, Name):
                names[code] = str(entry)[1:]
                code += 1
            else:
                code = int(_number(entry, 0))
    return {code: name for code, name in names.items() if name not in (".notdef", "\ufffd")}


@cache
def _standard_width(name: str, character: int) -> float:
    """The advance of a character in one of the 14 standard fonts, from pdfium's metric-compatible copies."""
    font = _standard_font(name)
    width = ctypes.c_float()
    _PDFIUM.FPDFFont_GetGlyphWidth(font, character, ctypes.c_float(1000), ctypes.byref(width))
    return float(width.value)


@cache
def _standard_font(name: str) -> Any:
    document = _font_document()
    font = _PDFIUM.FPDFText_LoadStandardFont(document.raw, name.encode("ascii", "replace"))
    return font or _PDFIUM.FPDFText_LoadStandardFont(document.raw, b"Helvetica")


@cache
def _font_document() -> Any:
    return pypdfium2.PdfDocument.new()

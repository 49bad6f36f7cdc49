"""The fonts that a form brings along, as far as they can be trusted to have the letters that are asked for."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import pikepdf
from fontTools.agl import toUnicode
from fontTools.encodings.StandardEncoding import StandardEncoding
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Stream

from services.file_ops.forms.names import text_of
from services.file_ops.lettering.faces import MappedFace, in_win_ansi, standard_widths
from services.file_ops.lettering.system_fonts import READ_ERRORS

_SIMPLE = ("Type1", "TrueType", "MMType1")
_PYTHON_CODECS = {"WinAnsiEncoding": "cp1252", "MacRomanEncoding": "mac_roman", "PDFDocEncoding": "pdfdoc"}
_SUBSET_TAG = re.compile(r"[A-Z]{6}\+")
_HEIGHTS = (718.0, -207.0)


@dataclass(frozen=True)
class DocumentFace(MappedFace):
    """A simple font of the document: one byte a character, by the encoding that it states."""

    def encode(self, text: str) -> bytes:
        return bytes(self.codes[character] for character in text)


def document_face(font: Any) -> DocumentFace | None:
    """The face of a font dictionary; None where its letters cannot be known: composite fonts, subsets, symbols."""
    if not isinstance(font, Dictionary) or not font.is_indirect or text_of(font.get("/Subtype")) not in _SIMPLE:
        return None
    name = text_of(font.get("/BaseFont")) or ""
    if _SUBSET_TAG.match(name) or (standard_name(name) is None and "/Widths" not in font):
        return None
    if name in ("ZapfDingbats", "Symbol"):
        return None
    codes = _codes(font)
    widths = _widths(font, codes, standard_name(name))
    descriptor = font.get("/FontDescriptor")
    if isinstance(descriptor, Dictionary) and "/FontFile2" in descriptor:
        drawn = _drawn_by(descriptor.FontFile2)
        widths = {each: width for each, width in widths.items() if each in drawn}
    codes = {each: code for each, code in codes.items() if each in widths}
    ascent, descent = _heights(descriptor)
    return DocumentFace(font, ascent, descent, codes, widths) if codes else None


def standard_name(name: str) -> str | None:
    """The standard font that viewers take for a name: Arial is Helvetica, Times New Roman is Times."""
    plain = name.replace(" ", "").replace(",", "-").lower()
    bold = "bold" in plain or plain in ("hebo", "tibo", "cobo")
    italic = "italic" in plain or "oblique" in plain
    if plain.startswith(("helvetica", "arial", "helv", "hebo")):
        return "Helvetica" + ("-" if bold or italic else "") + "Bold" * bold + "Oblique" * italic
    if plain.startswith(("times", "tiro", "tibo")):
        return "Times-" + ("Bold" * bold + "Italic" * italic or "Roman")
    if plain.startswith(("courier", "cour", "cobo")):
        return "Courier" + ("-" if bold or italic else "") + "Bold" * bold + "Oblique" * italic
    return None


def _codes(font: Any) -> dict[str, int]:
    encoding = font.get("/Encoding")
    base = text_of(encoding.get("/BaseEncoding") if isinstance(encoding, Dictionary) else encoding)
    by_code = _base_encoding(base)
    if isinstance(encoding, Dictionary) and isinstance(encoding.get("/Differences"), Array):
        code = 0
        for entry in encoding.Differences:
            if isinstance(entry, pikepdf.Name):
                by_code[code] = toUnicode(text_of(entry) or "")
                code += 1
            else:
                code = int(entry)
    return {text: code for code, text in sorted(by_code.items(), reverse=True) if len(text) == 1 and code < 256}


def _base_encoding(name: str | None) -> dict[int, str]:
    if name in _PYTHON_CODECS:
        decoded = {code: bytes([code]).decode(_PYTHON_CODECS[name], "ignore") for code in range(32, 256)}
        return {code: text for code, text in decoded.items() if text}
    return {code: toUnicode(glyph) for code, glyph in enumerate(StandardEncoding) if glyph != ".notdef"}


def _widths(font: Any, codes: dict[str, int], standard: str | None) -> dict[str, float]:
    listed = font.get("/Widths")
    try:
        if isinstance(listed, Array):
            first = int(font.get("/FirstChar", 0))
            values = {first + index: float(width) for index, width in enumerate(listed)}
            return {each: values[code] for each, code in codes.items() if values.get(code)}
    except (TypeError, ValueError):
        return {}
    known = standard_widths(standard or "Helvetica")
    return {each: float(known[each.encode("cp1252")[0]]) for each in codes if in_win_ansi(each)}


def _drawn_by(program: Any) -> set[str]:
    """The characters that an embedded TrueType program draws: forms bring subsets that do not say so."""
    try:
        if not isinstance(program, Stream):
            return set()
        with TTFont(io.BytesIO(program.read_bytes()), lazy=True) as font:
            return {chr(code) for code, glyph in (font.getBestCmap() or {}).items() if glyph != ".notdef"}
    except (*READ_ERRORS, pikepdf.PikepdfError):
        return set()


def _heights(descriptor: Any) -> tuple[float, float]:
    try:
        ascent, descent = float(descriptor.Ascent), float(descriptor.Descent)
    except (AttributeError, TypeError, ValueError, KeyError):
        return _HEIGHTS
    return (ascent, -abs(descent)) if 300 < ascent < 2000 and abs(descent) < 1000 else _HEIGHTS

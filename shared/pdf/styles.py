"""How words look: font, size, weight, slant and colour, asked once per text object and once per font."""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass
from typing import Any

from shared.pdf.reading import address_of, pdfium, quick_call
from shared.pdf.text_page import TextPage
from shared.pdf.words import Word

_text_object = quick_call(pdfium.FPDFText_GetTextObject, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)

_BOLD = re.compile(r"bold|black|heavy|semib|demi|-medi\b|cmbx|sfbx|\bb[dx]\b|,b", re.IGNORECASE)
_ITALIC = re.compile(r"ital|obli|slant|cmti|cmsl|cmmi|sfti", re.IGNORECASE)
_MONOSPACED = re.compile(r"mono|courier|consol|typewriter|cmtt|sftt|menlo", re.IGNORECASE)
_SUBSET_TAG = re.compile(r"^[A-Z]{6}\+")
#: Bits of a font descriptor's flags, ISO 32000-1, table 123.
_FIXED_PITCH, _ITALIC_FLAG, _FORCE_BOLD = 1 << 0, 1 << 6, 1 << 18


@dataclass(frozen=True, slots=True)
class Style:
    """How a word looks. `invisible` text is a layer that OCR put behind the picture of a page."""

    font: str = ""
    size_points: float = 0.0
    bold: bool = False
    italic: bool = False
    monospaced: bool = False
    #: As `#rrggbb`.
    color: str = "#000000"
    invisible: bool = False


@dataclass(frozen=True, slots=True)
class _Font:
    name: str
    bold: bool
    italic: bool
    monospaced: bool


class Styles:
    """Styles of the words of one open page."""

    def __init__(self, page: TextPage) -> None:
        self._page = page
        self._by_object: dict[int, Style] = {}
        self._fonts: dict[int, _Font] = {}

    def of(self, word: Word) -> Style:
        """The style of a word's first character."""
        index = self._page.char_index(word.first)
        handle = _text_object(self._page.address, index) or 0
        style = self._by_object.get(handle)
        if style is None:
            style = self._by_object[handle] = self._read(handle, index, word) if handle else Style()
        return style

    def _read(self, handle: int, index: int, word: Word) -> Style:
        text_object = ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT)
        font = self._font(pdfium.FPDFTextObj_GetFont(text_object))
        size = ctypes.c_float()
        pdfium.FPDFTextObj_GetFontSize(text_object, size)
        matrix = pdfium.FS_MATRIX()
        scale = 1.0
        if pdfium.FPDFText_GetMatrix(self._page.handle, index, matrix):
            scale = math.hypot(matrix.c, matrix.d)
        points = abs(size.value) * scale
        if not 0.5 <= points <= 2000 or not math.isfinite(points):
            # Fonts of Type 3 choose their own units; the height of the line still tells.
            upright = word.direction in (0, 180)
            points = 0.85 * (word.bottom - word.top if upright else word.right - word.left)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(text_object)
        return Style(
            font.name,
            round(points, 1),
            font.bold or mode == pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE,
            font.italic or abs(matrix.c) > 0.1 * abs(matrix.d) > 0 == matrix.b,
            font.monospaced,
            _color(text_object),
            mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE,
        )

    def _font(self, handle: Any) -> _Font:
        address = address_of(handle)
        font = self._fonts.get(address)
        if font is None:
            font = self._fonts[address] = _described(handle) if address else _Font("", False, False, False)
        return font


def _described(handle: Any) -> _Font:
    length = pdfium.FPDFFont_GetBaseFontName(handle, None, 0)
    buffer = ctypes.create_string_buffer(max(int(length), 1))
    pdfium.FPDFFont_GetBaseFontName(handle, buffer, len(buffer))
    name = _SUBSET_TAG.sub("", buffer.value.decode("utf-8", "replace"))[:100]
    flags = max(pdfium.FPDFFont_GetFlags(handle), 0)
    angle = ctypes.c_int()
    slanted = bool(pdfium.FPDFFont_GetItalicAngle(handle, angle)) and 5 < abs(angle.value) < 45
    return _Font(
        name,
        bool(_BOLD.search(name)) or bool(flags & _FORCE_BOLD),
        not name.startswith("CMSY") and (bool(_ITALIC.search(name)) or bool(flags & _ITALIC_FLAG) or slanted),
        bool(_MONOSPACED.search(name)) or bool(flags & _FIXED_PITCH),
    )


def _color(text_object: Any) -> str:
    red, green, blue, opacity = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(text_object, red, green, blue, opacity):
        return "#000000"
    return f"#{red.value:02x}{green.value:02x}{blue.value:02x}"

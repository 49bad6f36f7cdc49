"""The font of the text layer: glyphs that have a width and no shape, embedded, with the codes of the text in it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.ocr.pages.letter_widths import WIDTHS, glyph_of

#: A TrueType font made by us: see tests/services/ocr/invisible_font_program.py.
PROGRAM = Path(__file__).with_name("invisible.ttf")
NAME = Name("/BNDERY+Invisible")
_USUAL_WIDTH = 556
_FIRST_BEYOND, _HALVES = 0x10000, range(0xD800, 0xE000)


class InvisibleFont:
    """A font of one document. Codes are those of Unicode; only those that were used are described in the file."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._used: set[int] = set()
        #: Codes of letters beyond the first 65,536.
        self._beyond: dict[str, int] = {}
        self._letters: Any = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=NAME))
        #: What a page's resources name.
        self.object: Any = pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=NAME,
                Encoding=Name("/Identity-H"),
                DescendantFonts=Array([self._letters]),
            )
        )

    def codes(self, text: str) -> bytes:
        """The bytes that show a text."""
        codes = [self._code(letter) for letter in text]
        self._used.update(codes)
        return b"".join(code.to_bytes(2, "big") for code in codes)

    def width_of(self, text: str) -> float:
        """How far a text reaches at a size of 1."""
        return sum(WIDTHS[glyph_of(min(ord(letter), _HALVES[0]))] for letter in text) / 1000

    def _code(self, letter: str) -> int:
        if ord(letter) < _FIRST_BEYOND:
            return ord(letter)
        # Codes of two bytes do not reach it; halves of pairs in UTF-16 are letters of no text.
        return self._beyond.setdefault(letter, _HALVES[len(self._beyond) % len(_HALVES)])

    def finish(self) -> None:
        """Describe the codes that were used. Call it once, before the document is saved."""
        used = sorted(self._used)
        last = used[-1] if used else 0
        # PDF/A allows no code without a glyph, be it painted or not (ISO 19005-2, 6.2.11.8).
        glyphs = bytearray(2 * (last + 1))
        for code in used:
            glyphs[2 * code + 1] = glyph_of(code)
        self._letters.FontDescriptor = self._pdf.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor,
                FontName=NAME,
                Flags=4,
                FontBBox=Array([0, 0, 1000, 1000]),
                ItalicAngle=0,
                Ascent=1000,
                Descent=0,
                CapHeight=1000,
                StemV=80,
                FontFile2=self.stream(PROGRAM.read_bytes(), Length1=PROGRAM.stat().st_size),
            )
        )
        self._letters.CIDSystemInfo = Dictionary(
            Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
        )
        self._letters.DW = _USUAL_WIDTH
        self._letters.W = Array(list(_widths(used)))
        self._letters.CIDToGIDMap = self.stream(bytes(glyphs))
        self.object.ToUnicode = self.stream(_to_unicode(used, self._beyond))

    def stream(self, data: bytes, **entries: int) -> Any:
        """A compressed stream of the document."""
        return self._pdf.make_stream(zlib.compress(data, 9), Filter=Name.FlateDecode, **entries)


def _widths(used: list[int]) -> Iterator[int]:
    """First, last and width of stretches of codes (ISO 32000-2, 9.7.4.3)."""
    for glyph, same in groupby(used, key=glyph_of):
        stretch = list(same)
        if WIDTHS[glyph] != _USUAL_WIDTH:
            yield from (stretch[0], stretch[-1], WIDTHS[glyph])


def _to_unicode(used: list[int], beyond: dict[str, int]) -> bytes:
    # A range may not run over a change of the first byte, and no more than 100 stand in one block.
    plain = [code for code in used if code not in _HALVES]
    stretches = [list(same) for _, same in groupby(plain, key=lambda code: code >> 8)]
    ranges = [b"<%04X><%04X><%04X>" % (stretch[0], stretch[-1], stretch[0]) for stretch in stretches]
    ranges += [
        b"<%04X><%04X><%s>" % (code, code, letter.encode("utf-16-be").hex().encode()) for letter, code in beyond.items()
    ]
    blocks = [ranges[start : start + 100] for start in range(0, len(ranges), 100)]
    return (
        b"/CIDInit/ProcSet findresource begin 12 dict begin begincmap"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def"
        b"/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n"
        b"1 begincodespacerange<0000><FFFF>endcodespacerange\n"
        + b"\n".join(b"%d beginbfrange\n%s\nendbfrange" % (len(block), b"\n".join(block)) for block in blocks)
        + b"\nendcmap CMapName currentdict/CMap defineresource pop end end"
    )

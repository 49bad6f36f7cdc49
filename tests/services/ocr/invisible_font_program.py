"""Makes `services/ocr/pages/invisible.ttf`: run this file to write it anew after its widths have changed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph

from services.ocr.pages import invisible_font
from services.ocr.pages.letter_widths import WIDTHS

#: 2026, in seconds since 1904: fontTools would take the time of making, and the file differ each time.
_MADE_AT = dict.fromkeys(("created", "modified"), 3_850_070_400)


def _glyph(width: int) -> Glyph:
    """A stroke there and back: it has the box of a letter, which pdfium asks for, and no inside that could be seen."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((width, 1000))
    pen.closePath()
    return pen.glyph()


def font_program() -> bytes:
    """A TrueType font whose glyphs have no shape, one for each width, with the tables that PDF needs and no other."""
    names = [".notdef", *(f"w{width}" for width in WIDTHS[1:])]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupGlyf({name: _glyph(width) for name, width in zip(names, WIDTHS, strict=True)})
    builder.setupHorizontalMetrics({name: (width, 0) for name, width in zip(names, WIDTHS, strict=True)})
    builder.setupHorizontalHeader(ascent=1000, descent=0)
    for field, value in _MADE_AT.items():
        setattr(builder.font["head"], field, value)
    builder.font.recalcTimestamp = False
    del builder.font["GlyphOrder"]
    out = BytesIO()
    builder.font.save(out)
    return out.getvalue()


if __name__ == "__main__":
    Path(invisible_font.PROGRAM).write_bytes(font_program())

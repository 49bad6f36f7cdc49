"""The invisible text layer: each word where it is seen, in a font that has no glyphs and needs none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from shared.pdf.text_page import Frame

#: Marks the layer in a page's content, so that a later run knows whose it is.
TAG = "/BinderyOcr"
_FONT_NAME = Name("/GlyphLessFont")
#: Every letter is so wide, in shares of the font's size; each word is stretched to its true width.
_ADVANCE = 0.5
_RANGES_AT_ONCE = 100


@dataclass(frozen=True)
class PlacedWord:
    """A word and its four corners as shares (0 to 1) of the shown page's width and height, from its top left."""

    text: str
    corners: tuple[tuple[float, float], ...]


def invisible_font(pdf: pikepdf.Pdf) -> Any:
    """A font whose codes are UTF-16 units. It has no program: what is never painted needs none (ISO 32000-2, 9.3.6)."""
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=_FONT_NAME,
            Flags=5,
            FontBBox=Array([0, 0, 500, 1000]),
            ItalicAngle=0,
            Ascent=1000,
            Descent=-1,
            CapHeight=1000,
            StemV=80,
        )
    )
    letters = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=_FONT_NAME,
            FontDescriptor=descriptor,
            CIDSystemInfo=Dictionary(
                Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
            ),
            DW=round(_ADVANCE * 1000),
            CIDToGIDMap=Name.Identity,
        )
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=_FONT_NAME,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([letters]),
            ToUnicode=Stream(pdf, _to_unicode()),
        )
    )


def _to_unicode() -> bytes:
    # A range may not run over a change of the first byte.
    ranges = [b"<%02X00> <%02XFF> <%02X00>" % (high, high, high) for high in range(256)]
    parts = []
    for start in range(0, len(ranges), _RANGES_AT_ONCE):
        some = ranges[start : start + _RANGES_AT_ONCE]
        parts.append(b"%d beginbfrange\n%s\nendbfrange" % (len(some), b"\n".join(some)))
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + b"\n".join(parts)
        + b"\nendcmap CMapName currentdict /CMap defineresource pop end end"
    )


def add_layer(page: pikepdf.Page, words: Iterable[PlacedWord], frame: Frame, font: Any) -> None:
    """Put words under a page's content, whose own streams stay byte for byte as they are.

    The layer comes first: whatever state the page's content leaves behind cannot move it.
    """
    if not isinstance(page.obj.get("/Resources"), Dictionary):
        page.obj.Resources = Dictionary()
    name = page.add_resource(font, Name.Font)
    page.contents_add(_content(words, frame, str(name).encode()), prepend=True)


def _content(words: Iterable[PlacedWord], frame: Frame, font: bytes) -> bytes:
    shown = [TAG.encode() + b" BMC q BT 3 Tr"]
    for word in words:
        top_left, _, bottom_right, bottom_left = (_in_points(corner, frame) for corner in word.corners)
        along = bottom_right[0] - bottom_left[0], bottom_right[1] - bottom_left[1]
        width, size = hypot(*along), hypot(top_left[0] - bottom_left[0], top_left[1] - bottom_left[1])
        if width < 0.01 or size < 0.01:
            continue
        cosine, sine = along[0] / width, along[1] / width
        units = len(word.text.encode("utf-16-be", "replace")) // 2
        # The space parts it from the next word where readers join what is near.
        codes = f"{word.text} ".encode("utf-16-be", "replace").hex().upper().encode()
        shown.append(
            b"%s %.2f Tf %.2f Tz %.5f %.5f %.5f %.5f %.2f %.2f Tm <%s> Tj"
            % (font, size, 100 * width / (units * _ADVANCE * size), cosine, sine, -sine, cosine, *bottom_left, codes)
        )
    shown.append(b"ET Q EMC")
    return b"\n".join(shown)


def _in_points(corner: tuple[float, float], frame: Frame) -> tuple[float, float]:
    across, down = corner
    if frame.rotation == 90:
        across, down = down, 1 - across
    elif frame.rotation == 180:
        across, down = 1 - across, 1 - down
    elif frame.rotation == 270:
        across, down = 1 - down, across
    return (
        frame.left + across * (frame.right - frame.left),
        frame.top - down * (frame.top - frame.bottom),
    )

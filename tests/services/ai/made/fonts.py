"""Fonts of made documents: the standard ones by their widths, and real ones embedded letter by letter."""

from __future__ import annotations

import io
import json
import logging
from functools import cache
from pathlib import Path

import pikepdf
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

#: Advance widths of the standard fonts in thousandths of the size, by WinAnsi code from 32 on.
_WIDTHS: dict[str, list[int]] = json.loads(Path(__file__).with_name("standard_widths.json").read_text())
#: Font files with a strange date are nothing to tell a user of.
logging.getLogger("fontTools").setLevel(logging.ERROR)
_BOLD = {"Helvetica": "Helvetica-Bold", "Times-Roman": "Times-Bold", "Courier": "Courier-Bold"}
_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
#: Real fonts by the name that layouts give them: regular and bold.
_FILES = {
    "sans": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    "carlito": ("Carlito-Regular.ttf", "Carlito-Bold.ttf"),
    "narrow": ("LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf"),
    "serif": ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    "mono": ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    "condensed": ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"),
    "cjk": ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
}


class FontMissing(Exception):
    """A font file that a layout needs is not on this machine."""


class StandardFont:
    """One of the fonts that every viewer has; letters of Western Europe only."""

    def __init__(self, name: str, bold: bool) -> None:
        self._name = _BOLD[name] if bold else name

    def width(self, text: str) -> float:
        """Width at size 1."""
        if self._name.startswith("Courier"):
            return 0.6 * len(text)
        return sum(_WIDTHS[self._name][code - 32] for code in self.encoded(text)) / 1000

    def encoded(self, text: str) -> bytes:
        """The codes of a text."""
        return text.encode("cp1252")

    def letter_codes(self, text: str) -> list[bytes]:
        """The code of each letter."""
        return [self.encoded(letter) for letter in text]

    def into(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """The font as an object of a file."""
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{self._name}"), Encoding=Name.WinAnsiEncoding
            )
        )


class EmbeddedFont:
    """A font file of this machine; the letters that were drawn are embedded."""

    def __init__(self, name: str, bold: bool) -> None:
        self._path = _found(_FILES[name][bold])
        self._font = _opened(self._path)
        self._map: dict[int, str] = self._font.getBestCmap() or {}
        self._used: dict[int, str] = {}

    def width(self, text: str) -> float:
        """Width at size 1."""
        metrics, em = self._font["hmtx"], _units_per_em(self._font)
        return float(sum(metrics[self._map[ord(letter)]][0] for letter in text) / em)

    def encoded(self, text: str) -> bytes:
        """The codes of a text."""
        return b"".join(self.letter_codes(text))

    def letter_codes(self, text: str) -> list[bytes]:
        """The code of each letter."""
        codes = []
        for letter in text:
            glyph = self._font.getGlyphID(self._map[ord(letter)])
            self._used[glyph] = letter
            codes.append(glyph.to_bytes(2, "big"))
        return codes

    def into(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """The font as an object of a file, with the letters that were encoded so far."""
        font = TTFont(self._path)
        em = _units_per_em(font)
        widths = {glyph: round(1000 * self.width(letter)) for glyph, letter in self._used.items()}
        subsetter = Subsetter(Options(retain_gids=True, layout_features=[], notdef_outline=True, hinting=False))
        subsetter.populate(unicodes=[ord(letter) for letter in self._used.values()])
        subsetter.subset(font)
        data = io.BytesIO()
        font.save(data)
        name = Name(f"/MADEAA+{self._path.stem}")
        ascent, descent = (round(1000 * value / em) for value in (font["hhea"].ascent, font["hhea"].descent))
        descriptor = Dictionary(
            Type=Name.FontDescriptor, FontName=name, Flags=4, FontBBox=Array([0, descent, 1000, ascent])
        )
        for key, number in (("/ItalicAngle", 0), ("/Ascent", ascent), ("/Descent", descent), ("/StemV", 80)):
            descriptor[key] = number
        descriptor["/FontFile2"] = pdf.make_stream(data.getvalue(), Length1=len(data.getvalue()))
        system = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0)
        shape = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=name, CIDSystemInfo=system)
        shape["/FontDescriptor"] = pdf.make_indirect(descriptor)
        shape["/W"] = Array([item for glyph, width in sorted(widths.items()) for item in (glyph, Array([width]))])
        shape["/CIDToGIDMap"] = Name.Identity
        whole = Dictionary(Type=Name.Font, Subtype=Name.Type0, BaseFont=name, Encoding=Name("/Identity-H"))
        whole["/DescendantFonts"] = Array([pdf.make_indirect(shape)])
        whole["/ToUnicode"] = pdf.make_stream(_unicode_map(self._used))
        return pdf.make_indirect(whole)


AnyFont = StandardFont | EmbeddedFont


def font(name: str, bold: bool) -> AnyFont:
    """A new font by the name that layouts use.

    Raises:
        FontMissing: the file is not on this machine.
    """
    return StandardFont(name, bold) if name in _BOLD else EmbeddedFont(name, bold)


def _found(name: str) -> Path:
    for folder in _FOLDERS:
        for path in folder.rglob(name):
            return path
    raise FontMissing(name)


@cache
def _opened(path: Path) -> TTFont:
    return TTFont(path)


def _units_per_em(font: TTFont) -> int:
    return int(getattr(font["head"], "unitsPerEm"))  # noqa: B009 - tables of font files have no types


def _unicode_map(used: dict[int, str]) -> bytes:
    """A ToUnicode map from glyphs to letters."""
    lines = [f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>" for glyph, letter in sorted(used.items())]
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        f"{body}\nendcmap\nend\nend"
    ).encode()

"""Fonts of this machine that stand in for fonts that a document names and does not bring."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from services.conversion.to_pdf.font_programs import installed_fonts

#: Families by what a font's name begins with, best first: same widths before same looks.
_FAMILIES = (
    (("helvetica", "arial", "nimbussan", "swiss", "liberationsans"), "LiberationSans"),
    (("times", "timesnewroman", "nimbusroman", "liberationserif"), "LiberationSerif"),
    (("courier", "couriernew", "nimbusmono", "liberationmono"), "LiberationMono"),
    (("calibri", "carlito"), "Carlito"),
    (("cambria", "caladea"), "Caladea"),
    (("symbol",), "StandardSymbolsPS"),
    (("zapfdingbats", "dingbats"), "D050000L"),
    (("verdana", "tahoma", "dejavusans", "bitstreamverasans", "lucidasans"), "DejaVuSans"),
    (("georgia", "garamond", "palatino", "bookantiqua", "century", "dejavuserif"), "LiberationSerif"),
)
_STYLES = {
    "Liberation": ("-Regular", "-Bold", "-Italic", "-BoldItalic"),
    "Carlito": ("-Regular", "-Bold", "-Italic", "-BoldItalic"),
    "Caladea": ("-Regular", "-Bold", "-Italic", "-BoldItalic"),
    "DejaVuSans": ("", "-Bold", "-Oblique", "-BoldOblique"),
}
_FIXED, _SERIF, _ITALIC, _FORCE_BOLD = 1, 2, 64, 1 << 18


def substitute_for(name: str, descriptor: Any) -> Path | None:
    """The file of a font that stands in for one of this name, or None where the machine has none.

    Families whose widths agree come by name; for others the descriptor's flags choose among sans, serif and fixed.
    """
    bare = re.sub(r"^[A-Z]{6}\+", "", name)
    plain = re.sub(r"[^a-z]", "", bare.lower())
    flags = descriptor.get("/Flags", 0)
    flags = flags if isinstance(flags, int) else 0
    family = next((family for starts, family in _FAMILIES if plain.startswith(starts)), None) or _by_flags(flags)
    is_bold = "bold" in plain or "black" in plain or "heavy" in plain or bool(flags & _FORCE_BOLD)
    is_italic = "italic" in plain or "oblique" in plain or bool(flags & _ITALIC)
    styles = next((found for start, found in _STYLES.items() if family.startswith(start)), ("",) * 4)
    wanted = f"{family}{styles[is_bold + 2 * is_italic]}"
    fonts = installed_fonts()
    return next((fonts[f"{wanted}{end}"] for end in (".ttf", ".otf") if f"{wanted}{end}" in fonts), None)


def is_sure(name: str) -> bool:
    """Whether the substitute has the widths and about the looks of the font, and not only some letters."""
    plain = re.sub(r"[^a-z]", "", re.sub(r"^[A-Z]{6}\+", "", name).lower())
    return any(plain.startswith(starts) for starts, _ in _FAMILIES[:7])


def _by_flags(flags: int) -> str:
    if flags & _FIXED:
        return "LiberationMono"
    return "LiberationSerif" if flags & _SERIF else "LiberationSans"

"""What draws letters: a font of a document, its codes and its measures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from pikepdf import Dictionary, Name

from services.file_ops.lettering.standard_widths import FIRST_CODE, WIDTHS


class Face(Protocol):
    """One font in a document. Measures count in thousandths of the font size, as PDF widths do."""

    @property
    def font(self) -> Any:
        """The font dictionary; the same object each time."""

    @property
    def ascent(self) -> float:
        """Height of tall letters over the baseline."""

    @property
    def descent(self) -> float:
        """Depth of letters under the baseline; negative."""

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for each character."""

    def encode(self, text: str) -> bytes:
        """The codes of text that it covers."""

    def width(self, text: str) -> float:
        """The advance of text that it covers."""


#: Ascender and descender of Adobe's font metrics files; Helvetica's where a family is not named.
_HEIGHTS = {"Times": (683.0, -217.0), "Courier": (629.0, -157.0)}
_HELVETICA_HEIGHTS = (718.0, -207.0)


@dataclass(frozen=True)
class StandardFace:
    """One of the Latin standard fonts that every viewer has: nothing is embedded, WinAnsi is what it covers."""

    font: Any
    name: str

    @classmethod
    def make(cls, pdf: Any, name: str = "Helvetica") -> StandardFace:
        """A new font dictionary for `name`, one of the twelve Latin standard fonts."""
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/" + name), Encoding=Name.WinAnsiEncoding)
        return cls(pdf.make_indirect(font), name)

    @property
    def ascent(self) -> float:
        return _heights(self.name)[0]

    @property
    def descent(self) -> float:
        return _heights(self.name)[1]

    def covers(self, text: str) -> bool:
        return in_win_ansi(text)

    def encode(self, text: str) -> bytes:
        return text.encode("cp1252")

    def width(self, text: str) -> float:
        return float(sum(map(standard_widths(self.name).__getitem__, self.encode(text))))


@dataclass(frozen=True)
class MappedFace:
    """A font whose codes and widths are known character by character."""

    font: Any
    ascent: float
    descent: float
    codes: dict[str, int]
    widths: dict[str, float]

    def covers(self, text: str) -> bool:
        return all(character in self.codes for character in text)

    def width(self, text: str) -> float:
        return sum(self.widths[character] for character in text)


def in_win_ansi(text: str) -> bool:
    """Whether the Latin standard fonts have every character of the text."""
    try:
        codes = text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return all(code >= FIRST_CODE and code != 0x7F for code in codes)


@cache
def standard_widths(name: str) -> list[int]:
    """The widths of a standard font by WinAnsi code; every glyph of Courier is as wide as the others."""
    if name.startswith("Courier"):
        return [0] * FIRST_CODE + [600] * (256 - FIRST_CODE)
    table = name.replace("Oblique", "").removesuffix("-") if name.startswith("Helvetica") else name
    return [0] * FIRST_CODE + [int(width) for width in WIDTHS[table].split()]


def _heights(name: str) -> tuple[float, float]:
    return _HEIGHTS.get(name.partition("-")[0], _HELVETICA_HEIGHTS)

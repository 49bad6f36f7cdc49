"""Tells what the one-byte codes of a simple font can mean: every glyph name and character that any viewer may look up.

Viewers disagree on how an embedded font is addressed (its own encoding, the PDF's, a fall-back). Keeping the glyphs
of all readings costs a few bytes; keeping those of the wrong one loses letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from fontTools.agl import UV2AGL, toUnicode
from fontTools.encodings.MacRoman import MacRoman
from fontTools.encodings.StandardEncoding import StandardEncoding
from pikepdf import Array, Dictionary, Name, Object

#: The first stands for WinAnsiEncoding.
_CHARACTER_SETS = ("cp1252", "mac_roman", "latin-1")
#: WinAnsiEncoding shows these where cp1252 has nothing or a space that does not break (ISO 32000-1, annex D.2).
_WIN_ANSI_EXTRAS = {0xA0: "space", 0xAD: "hyphen"}
_UNUSED_IN_WIN_ANSI = "bullet"


@dataclass
class Meanings:
    """Glyph names and Unicode characters."""

    names: set[str]
    characters: set[int]


def meanings(font: Object, codes: Iterable[int], built_in: dict[int, str] | None = None) -> Meanings:
    """Return all that `codes` of the simple font dictionary `font` can stand for.

    `built_in` is the encoding of the font program by name, where it has one.
    """
    differences = _differences(font)
    names: set[str] = set()
    for code in codes:
        names |= _names_in_base_encodings(code)
        if code in differences:
            names.add(differences[code])
        if built_in and code in built_in:
            names.add(built_in[code])
    names.discard(".notdef")
    characters = {ord(letter) for name in names for letter in unicode_of(name)}
    return Meanings(names, characters)


@lru_cache(maxsize=8192)
def unicode_of(name: str) -> str:
    """Return the characters that a glyph name stands for by the Adobe Glyph List; empty where none."""
    return str(toUnicode(name))


def names_among(available: Iterable[str], wanted: Meanings) -> set[str]:
    """Return the glyph names of a font program that `wanted` can lead to, by name or by character."""
    return {
        name
        for name in available
        if name in wanted.names or any(ord(letter) in wanted.characters for letter in unicode_of(name)[:1])
    }


def _differences(font: Object) -> dict[int, str]:
    encoding = font.get("/Encoding")
    listed = encoding.get("/Differences") if isinstance(encoding, Dictionary) else None
    differences: dict[int, str] = {}
    code = 0
    for entry in listed if isinstance(listed, Array) else ():
        if isinstance(entry, Name):
            differences[code] = str(entry)[1:]
            code += 1
        else:
            code = int(entry)
    return differences


@lru_cache(maxsize=256)
def _names_in_base_encodings(code: int) -> frozenset[str]:
    names = {StandardEncoding[code], MacRoman[code]}
    letters = [bytes((code,)).decode(character_set, "ignore") for character_set in _CHARACTER_SETS]
    names.update(UV2AGL[ord(letter)] for letter in letters if letter and ord(letter) in UV2AGL)
    if code in _WIN_ANSI_EXTRAS:
        names.add(_WIN_ANSI_EXTRAS[code])
    elif not letters[0] or ord(letters[0]) < 0x20:
        names.add(_UNUSED_IN_WIN_ANSI)
    return frozenset(names)

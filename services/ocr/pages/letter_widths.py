"""About how wide letters are in common type: what places the letters of a word within its box."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: Widths in thousandths of the type size, by the number of the glyph in `invisible.ttf`; 0 is no letter's.
WIDTHS = (600, 250, 333, 500, 556, 700, 850, 1000)
_CLASSES = {
    250: " !'(),-./:;[]\\`fijlrtI{}|\u00b7\u2018\u2019",
    333: '"*sz°“”',
    500: "ckvxyaegJ?^_",
    700: "ABCDEGHKNOPQRUVXY&",
    850: "mwMW%@—",
}
_GLYPHS = {letter: WIDTHS.index(width) for width, letters in _CLASSES.items() for letter in letters}
_USUAL, _FULL = WIDTHS.index(556), WIDTHS.index(1000)


@lru_cache(maxsize=4096)
def glyph_of(code: int) -> int:
    """The glyph without a shape that is about as wide as a character; an index of `WIDTHS`."""
    letter = chr(code)
    if letter in _GLYPHS:
        return _GLYPHS[letter]
    if unicodedata.east_asian_width(letter) in "WF":
        return _FULL
    # An accent makes no letter wider.
    base = unicodedata.normalize("NFD", letter)[:1]
    return _GLYPHS.get(base, _USUAL)

"""Which text cannot be set letter by letter, and which Debian package brings the fonts of a script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from shared.errors import FileProcessingError

#: Scripts whose letters change their shape or order beside others (OpenType script development specifications):
#: without a shaper they would be printed wrongly. Names as they begin the names of their characters.
_SHAPED_SCRIPTS = frozenset(
    word
    for line in (
        "ARABIC SYRIAC NKO MANDAIC MONGOLIAN DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA",
        "MALAYALAM SINHALA TIBETAN MYANMAR KHMER BALINESE JAVANESE TAI CHAM KHAROSHTHI KAITHI NEWA GRANTHA BRAHMI",
        "ADLAM PHAGS-PA HANIFI SOGDIAN CHAKMA MEETEI LEPCHA LIMBU SUNDANESE BATAK BUGINESE",
    )
    for word in line.split()
)
#: Marks that change the character before them, and joiners: their place is a matter of the font's tables.
_PLACED_BY_A_SHAPER = frozenset({"Mn", "Mc", "Me"})
_JOINERS = "\u200c\u200d"
_CJK = frozenset(
    ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "KANGXI", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH")
)
#: Characters that an error names at most.
_MOST_NAMED = 12


class ShapingNeeded(FileProcessingError):
    """The text is in a script whose letters must be joined, stacked or reordered, which Bindery does not do."""

    code = "script_needs_shaping"
    remedy = (
        "Make the text with a word processor, save it as PDF, and use it with the operation 'stamp'. "
        "Not set: Arabic, Indic and South-East Asian scripts, and accents that have no character of their own."
    )


class UncoveredCharacters(FileProcessingError):
    """No font on this server has all characters of the text."""

    code = "characters_not_covered"
    remedy = "Ask the operator to install the package that the message names, or leave the characters out."

    def __init__(self, characters: Iterable[str]) -> None:
        missing = sorted(set(characters))
        packages = " or ".join(sorted({package_of(character) for character in missing}))
        super().__init__(
            f"No font on this server has {_named(missing)}. Debian package that brings one: {packages}.",
            characters=missing,
        )


def plain_text(text: str) -> str:
    """The text with accents joined to their letters (NFC) and tabs as spaces: one character, one glyph.

    Raises:
        ShapingNeeded: letter by letter it would be printed wrongly.
    """
    joined = unicodedata.normalize("NFC", text).replace("\t", "    ")
    # The selector that asks for a colour picture: the plain sign is what we draw.
    joined = joined.replace("\ufe0f", "").replace("\ufe0e", "")
    shaped = [character for character in joined if _needs_shaping(character)]
    if shaped:
        raise ShapingNeeded(f"Letter by letter the text would be wrong: {_named(sorted(set(shaped)))}.")
    return "".join(character for character in joined if unicodedata.category(character) not in ("Cc", "Cf"))


def _needs_shaping(character: str) -> bool:
    if character < "\u0300":
        return False
    if character in _JOINERS or unicodedata.category(character) in _PLACED_BY_A_SHAPER:
        return True
    return script_hint(character) in _SHAPED_SCRIPTS


@lru_cache(maxsize=4096)
def script_hint(character: str) -> str:
    """The first word of the character's name, which for letters is its script; empty for unnamed ones."""
    return unicodedata.name(character, "").partition(" ")[0]


def package_of(character: str) -> str:
    """The Debian package that brings a font for the character."""
    if script_hint(character) in _CJK:
        return "fonts-noto-cjk"
    if unicodedata.category(character) == "So" or ord(character) > 0x1F000:
        return "fonts-symbola"
    return "fonts-noto-core"


def is_cjk(character: str) -> bool:
    """Whether the character is one of Chinese, Japanese or Korean."""
    return script_hint(character) in _CJK


def _named(characters: list[str]) -> str:
    shown = [
        f"{character} (U+{ord(character):04X} {unicodedata.name(character, 'unnamed')})"
        for character in characters[:_MOST_NAMED]
    ]
    more = len(characters) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")

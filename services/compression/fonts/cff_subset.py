"""Subsets a bare CFF font program: glyphs and subroutines that are not used go, charstrings stay byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fontTools.encodings.StandardEncoding import StandardEncoding

from services.compression.fonts.cff import CffFont, FontDict, Private, write_cff
from services.compression.fonts.charstrings import BIAS_LIMITS, Needs, find_needs
from services.compression.fonts.sfnt import FontDamaged

_EMPTY_SUBR = b"\x0b"
_EMPTY_GLYPH = b"\x0e"


def subset_cff(font: CffFont, glyphs: Iterable[int], *, keep_numbers: bool) -> bytes:
    """Return a CFF program with `glyphs` (by number) of `font`, in the order that they have in it.

    With `keep_numbers` glyphs keep their numbers and unused ones become empty: needed where a PDF addresses glyphs by
    number. Without, they are dropped; names, CIDs and the font's own encoding still lead to the right glyph.

    Raises:
        FontDamaged: a charstring that cannot be followed, or a part of an accented character that is missing.
    """
    kept, needs, overall = _closure(font, {0, *(glyph for glyph in glyphs if glyph < len(font.char_strings))})
    smaller = replace(font, global_subrs=_blanked(font.global_subrs, overall))
    if font.ros:
        smaller.fonts = [
            FontDict(entry.entries, Private(entry.private.entries, _blanked(entry.private.subrs, need.local)))
            for entry, need in zip(font.fonts, needs, strict=True)
        ]
    else:
        smaller.private = Private(font.private.entries, _blanked(font.private.subrs, needs[0].local))
    if keep_numbers:
        count = max(kept) + 1
        smaller.char_strings = [font.char_strings[n] if n in kept else _EMPTY_GLYPH for n in range(count)]
        order = list(range(count))
    else:
        order = sorted(kept)
        smaller.char_strings = [font.char_strings[n] for n in order]
    smaller.charset = [font.charset[n] for n in order]
    if font.ros:
        smaller.fd_select = [font.fd_select[n] for n in order]
        _drop_unused_fonts(smaller)
    if font.encoding is not None:
        place = {glyph: n for n, glyph in enumerate(order)}
        smaller.encoding = {code: place[glyph] for code, glyph in font.encoding.items() if glyph in kept}
    return write_cff(smaller)


def _closure(font: CffFont, glyphs: set[int]) -> tuple[set[int], list[Needs], set[int]]:
    """Return the glyphs with the parts of accented ones, the needs of each Private DICT, and global subroutines."""
    needs = [Needs() for _ in (font.fonts if font.ros else [None])]
    overall: set[int] = set()
    kept: set[int] = set()
    by_name: dict[str, int] = {}
    fresh = glyphs
    while fresh:
        accents: set[int] = set()
        for glyph in fresh:
            number = font.fd_select[glyph] if font.ros else 0
            private = font.fonts[number].private if font.ros else font.private
            needs[number].overall, needs[number].accents = overall, accents
            find_needs(font.char_strings[glyph], private.subrs, font.global_subrs, needs[number])
        kept |= fresh
        if accents and font.ros:
            raise FontDamaged("accented character in a CID-keyed font")
        if accents and not by_name:
            by_name = {font.glyph_name(glyph): glyph for glyph in reversed(range(len(font.charset)))}
        try:
            fresh = {by_name[StandardEncoding[code]] for code in accents} - kept
        except (KeyError, IndexError) as error:
            raise FontDamaged("part of an accented character is missing") from error
    return kept, needs, overall


def _blanked(subrs: list[bytes], used: set[int]) -> list[bytes]:
    """Return `subrs` with the unused ones empty, and without those after the last used one.

    Calls are relative to a bias that depends on how many there are, so that as many stay as the bias needs.
    """
    if not used:
        return []
    fewest = next((limit for limit in reversed(BIAS_LIMITS) if len(subrs) >= limit), 0)
    count = max(max(used) + 1, fewest)
    return [code if number in used else _EMPTY_SUBR for number, code in enumerate(subrs[:count])]


def _drop_unused_fonts(font: CffFont) -> None:
    used = sorted(set(font.fd_select))
    place = {number: n for n, number in enumerate(used)}
    font.fonts = [font.fonts[number] for number in used]
    font.fd_select = [place[number] for number in font.fd_select]

"""Turns a Type 1 font program into a CFF one with only the glyphs in use: a third of the size, the same outlines."""

from __future__ import annotations

from collections.abc import Iterable

from fontTools.encodings.StandardEncoding import StandardEncoding

from services.compression.fonts.cff import FIRST_OWN_STRING, CffFont, Dict, Private, encode_number, write_cff
from services.compression.fonts.sfnt import FontDamaged
from services.compression.fonts.type1 import Type1Font
from services.compression.fonts.type1_charstring import to_type2

_NOTDEF = ".notdef"
#: CFF operators of the hint values; the arrays are written as differences.
_DELTA_ARRAYS = {
    "BlueValues": 6,
    "OtherBlues": 7,
    "FamilyBlues": 8,
    "FamilyOtherBlues": 9,
    "StemSnapH": 1212,
    "StemSnapV": 1213,
}
_NUMBERS = {
    "BlueScale": 1209,
    "BlueShift": 1210,
    "BlueFuzz": 1211,
    "StdHW": 10,
    "StdVW": 11,
    "ForceBold": 1214,
    "LanguageGroup": 1217,
    "ExpansionFactor": 1218,
}
#: How many values CFF allows.
_MOST_DELTAS = {"BlueValues": 14, "OtherBlues": 10, "FamilyBlues": 14, "FamilyOtherBlues": 10}
_MOST_SNAPS = 12
_DEFAULT_MATRIX = [0.001, 0, 0, 0.001, 0, 0]


def type1_to_cff(font: Type1Font, names: Iterable[str]) -> bytes:
    """Return a CFF program with the glyphs `names` of `font` (and the parts of accented ones), hints included.

    Raises:
        FontDamaged: a glyph that cannot be translated.
    """
    wanted = {name for name in names if name in font.char_strings} - {_NOTDEF}
    char_strings = {_NOTDEF: to_type2(font.char_strings[_NOTDEF], font.subrs).code}
    while wanted:
        name = wanted.pop()
        translated = to_type2(font.char_strings[name], font.subrs)
        char_strings[name] = translated.code
        for code in translated.accent_codes:
            part = StandardEncoding[code]
            if part not in font.char_strings:
                raise FontDamaged("part of an accented character is missing")
            if part not in char_strings:
                wanted.add(part)
    order = [_NOTDEF, *sorted(char_strings.keys() - {_NOTDEF})]
    encoding = None
    if font.encoding is not None:
        place = {name: glyph for glyph, name in enumerate(order)}
        encoding = {code: place[name] for code, name in font.encoding.items() if place.get(name)}
    own_names = [name.encode("latin-1") for name in order[1:]]
    return write_cff(
        CffFont(
            name=font.name.encode("latin-1"),
            top=_top(font),
            strings=own_names,
            global_subrs=[],
            char_strings=[char_strings[name] for name in order],
            charset=[0, *range(FIRST_OWN_STRING, FIRST_OWN_STRING + len(own_names))],
            encoding=encoding,
            predefined_encoding=0,
            private=Private(_private(font)),
        )
    )


def _top(font: Type1Font) -> Dict:
    top: Dict = {}
    if len(font.bounding_box) == 4:
        top[5] = b"".join(map(encode_number, font.bounding_box))
    if font.matrix != _DEFAULT_MATRIX:
        if len(font.matrix) != 6:
            raise FontDamaged("FontMatrix without six numbers")
        top[1207] = b"".join(map(encode_number, font.matrix))
    return top


def _private(font: Type1Font) -> Dict:
    entries: Dict = {}
    for key, operator in _DELTA_ARRAYS.items():
        values = font.hints.get(key, [])
        if values and len(values) <= _MOST_DELTAS.get(key, _MOST_SNAPS):
            steps = [value - before for before, value in zip([0.0, *values], values, strict=False)]
            entries[operator] = b"".join(map(encode_number, steps))
    for key, operator in _NUMBERS.items():
        if key in font.hints:
            entries[operator] = encode_number(font.hints[key][0])
    return entries

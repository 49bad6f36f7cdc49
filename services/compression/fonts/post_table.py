"""Reads and shortens the glyph names of a TrueType font's `post` table."""

from __future__ import annotations

import struct
from collections.abc import Collection

from fontTools.ttLib.standardGlyphOrder import standardGlyphOrder

_HEADER_BYTES = 32
_WITHOUT_NAMES = b"\0\3\0\0"
_STANDARD_NAMES = 258


def read_glyph_names(table: bytes) -> dict[str, int]:
    """Return glyph numbers by name; of a name used twice, the first. Empty without names or when damaged."""
    names: dict[str, int] = {}
    if table[:4] == b"\0\1\0\0":
        return {name: glyph for glyph, name in enumerate(standardGlyphOrder)}
    for glyph, name in enumerate(_names_of_format_2(table)):
        names.setdefault(name, glyph)
    return names


def write_glyph_names(table: bytes, kept: Collection[int], count: int) -> bytes:
    """Return a `post` table for the first `count` glyphs that names only those in `kept`."""
    if table[:4] == b"\0\1\0\0":
        return table[:_HEADER_BYTES]
    names = _names_of_format_2(table)
    if not names:
        return _WITHOUT_NAMES + table[4:_HEADER_BYTES]
    own_names: list[bytes] = []
    indices: list[int] = []
    standard = {name: index for index, name in reversed(list(enumerate(standardGlyphOrder)))}
    for glyph in range(count):
        name = names[glyph] if glyph < len(names) and glyph in kept else ".notdef"
        if name in standard:
            indices.append(standard[name])
        else:
            indices.append(_STANDARD_NAMES + len(own_names))
            own_names.append(name.encode("latin-1"))
    strings = b"".join(bytes((len(name),)) + name for name in own_names)
    return table[:_HEADER_BYTES] + struct.pack(f">H{count}H", count, *indices) + strings


def _names_of_format_2(table: bytes) -> list[str]:
    if table[:4] != b"\0\2\0\0" or len(table) < _HEADER_BYTES + 2:
        return []
    count = struct.unpack_from(">H", table, _HEADER_BYTES)[0]
    if len(table) < _HEADER_BYTES + 2 + 2 * count:
        return []
    indices = struct.unpack_from(f">{count}H", table, _HEADER_BYTES + 2)
    own_names, at = [], _HEADER_BYTES + 2 + 2 * count
    while at < len(table):
        length = table[at]
        own_names.append(table[at + 1 : at + 1 + length].decode("latin-1"))
        at += 1 + length
    all_names = [*standardGlyphOrder, *own_names]
    return [all_names[index] if index < len(all_names) else ".notdef" for index in indices]

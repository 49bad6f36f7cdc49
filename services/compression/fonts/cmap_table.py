"""Reads a TrueType font's `cmap` (character code to glyph) and writes it with fewer glyphs, format by format.

Fonts in PDFs are addressed through old formats too. fontTools' subsetter drops format 0, after which symbolic fonts
show wrong letters; here every subtable keeps its platform, encoding and format.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass

from services.compression.fonts.sfnt import FontDamaged

_DELTA_END = (0xFFFF, 0xFFFF, 1, 0)


@dataclass(frozen=True)
class Subtable:
    """One mapping of a cmap. `glyphs` holds only codes that lead to a glyph other than 0."""

    platform: int
    encoding: int
    format: int
    language: int
    glyphs: dict[int, int]


def read_cmap(table: bytes) -> list[Subtable]:
    """Return the subtables. Raises FontDamaged for a format other than 0, 4, 6 and 12."""
    try:
        _version, count = struct.unpack_from(">HH", table)
        found = []
        for number in range(count):
            platform, encoding, offset = struct.unpack_from(">HHI", table, 4 + 8 * number)
            form = struct.unpack_from(">H", table, offset)[0]
            if form == 14:
                continue  # variation sequences: no PDF can ask for one
            if form not in _READERS:
                raise FontDamaged(f"cmap format {form}")
            language, glyphs = _READERS[form](table[offset:])
            found.append(
                Subtable(platform, encoding, form, language, {code: glyph for code, glyph in glyphs.items() if glyph})
            )
    except struct.error as error:
        raise FontDamaged("cmap cut short") from error
    return found


def write_cmap(subtables: list[Subtable], kept: Collection[int]) -> bytes:
    """Return a cmap of the same subtables that leads only to the glyphs in `kept`."""
    directory, bodies = struct.pack(">HH", 0, len(subtables)), b""
    start = 4 + 8 * len(subtables)
    offsets: dict[bytes, int] = {}
    for subtable in subtables:
        glyphs = {code: glyph for code, glyph in sorted(subtable.glyphs.items()) if glyph in kept}
        body = _WRITERS[subtable.format](subtable.language, glyphs)
        if body not in offsets:
            offsets[body] = start + len(bodies)
            bodies += body
        directory += struct.pack(">HHI", subtable.platform, subtable.encoding, offsets[body])
    return directory + bodies


def _read_0(table: bytes) -> tuple[int, dict[int, int]]:
    language = struct.unpack_from(">H", table, 4)[0]
    return language, dict(enumerate(table[6:262]))


def _read_4(table: bytes) -> tuple[int, dict[int, int]]:
    language, double = struct.unpack_from(">HH", table, 4)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", table, 14)
    starts = struct.unpack_from(f">{count}H", table, 16 + double)
    deltas = struct.unpack_from(f">{count}H", table, 16 + 2 * double)
    ranges_at = 16 + 3 * double
    ranges = struct.unpack_from(f">{count}H", table, ranges_at)
    glyphs: dict[int, int] = {}
    for number, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if offset not in (0, 0xFFFF):
                at = ranges_at + 2 * number + offset + 2 * (code - start)
                glyph = int.from_bytes(table[at : at + 2], "big")
                if glyph == 0:
                    continue
            glyphs.setdefault(code, (glyph + delta) & 0xFFFF)
    return language, glyphs


def _read_6(table: bytes) -> tuple[int, dict[int, int]]:
    language, first, count = struct.unpack_from(">HHH", table, 4)
    count = min(count, (len(table) - 10) // 2)
    return language, dict(enumerate(struct.unpack_from(f">{count}H", table, 10), start=first))


def _read_12(table: bytes) -> tuple[int, dict[int, int]]:
    language, count = struct.unpack_from(">II", table, 8)
    glyphs: dict[int, int] = {}
    for number in range(count):
        first, last, glyph = struct.unpack_from(">III", table, 16 + 12 * number)
        if last > 0x10FFFF or last - first > 0xFFFF:
            raise FontDamaged("cmap group out of range")
        glyphs.update(zip(range(first, last + 1), range(glyph, glyph + last - first + 1), strict=True))
    return language, glyphs


def _write_0(language: int, glyphs: dict[int, int]) -> bytes:
    return struct.pack(">HHH", 0, 262, language) + bytes(glyphs.get(code, 0) for code in range(256))


def _write_4(language: int, glyphs: dict[int, int]) -> bytes:
    segments = [(first, last, (glyphs[first] - first) & 0xFFFF, 0) for first, last in _runs(glyphs)] + [_DELTA_END]
    count = len(segments)
    power = count.bit_length() - 1
    search = 2 << power
    starts, ends, deltas, ranges = zip(*segments, strict=True)
    body = struct.pack(f">{count}H", *ends) + b"\0\0"
    body += struct.pack(f">{3 * count}H", *starts, *deltas, *ranges)
    return struct.pack(">7H", 4, 14 + len(body), language, 2 * count, search, power, 2 * count - search) + body


def _write_6(language: int, glyphs: dict[int, int]) -> bytes:
    first, last = (min(glyphs), max(glyphs)) if glyphs else (0, -1)
    dense = [glyphs.get(code, 0) for code in range(first, last + 1)]
    return struct.pack(f">5H{len(dense)}H", 6, 10 + 2 * len(dense), language, first, len(dense), *dense)


def _write_12(language: int, glyphs: dict[int, int]) -> bytes:
    groups = b"".join(struct.pack(">III", first, last, glyphs[first]) for first, last in _runs(glyphs))
    return struct.pack(">HHIII", 12, 0, 16 + len(groups), language, len(groups) // 12) + groups


def _runs(glyphs: dict[int, int]) -> list[tuple[int, int]]:
    """Return the ranges of codes whose glyphs follow one another as the codes do. `glyphs` is sorted by code."""
    runs: list[tuple[int, int]] = []
    for code, glyph in glyphs.items():
        if runs and runs[-1][1] == code - 1 and glyphs[code - 1] == glyph - 1:
            runs[-1] = (runs[-1][0], code)
        else:
            runs.append((code, code))
    return runs


_READERS = {0: _read_0, 4: _read_4, 6: _read_6, 12: _read_12}
_WRITERS = {0: _write_0, 4: _write_4, 6: _write_6, 12: _write_12}

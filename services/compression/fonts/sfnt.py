"""Reads and writes the container of TrueType and OpenType fonts: a directory of tables with checksums."""

from __future__ import annotations

import struct

_HEADER_BYTES = 12
_ENTRY_BYTES = 16
_CHECKSUM_MAGIC = 0xB1B0AFBA
_MOST_TABLES = 200


class FontDamaged(ValueError):
    """The font program is not what its format says, so that it is left alone."""


def read_tables(data: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Return the version tag and the tables of a font by tag. Raises FontDamaged."""
    if len(data) < _HEADER_BYTES:
        raise FontDamaged("no header")
    version, count = data[:4], struct.unpack_from(">H", data, 4)[0]
    if version not in (b"\0\1\0\0", b"true", b"OTTO") or not 0 < count <= _MOST_TABLES:
        raise FontDamaged("not a TrueType or OpenType font")
    if len(data) < _HEADER_BYTES + count * _ENTRY_BYTES:
        raise FontDamaged("directory cut short")
    tables: dict[str, bytes] = {}
    for number in range(count):
        tag, _checksum, offset, length = struct.unpack_from(">4sIII", data, _HEADER_BYTES + number * _ENTRY_BYTES)
        if offset > len(data):
            raise FontDamaged("table beyond the end")
        tables.setdefault(tag.decode("latin-1"), data[offset : offset + length])
    return version, tables


def write_tables(version: bytes, tables: dict[str, bytes]) -> bytes:
    """Return a font with `tables`, its directory sorted by tag and all checksums right."""
    tags = sorted(tables, key=lambda tag: tag.encode("latin-1"))
    power = len(tags).bit_length() - 1
    search_range = 16 << power
    header = version + struct.pack(">4H", len(tags), search_range, power, len(tags) * 16 - search_range)
    offset = _HEADER_BYTES + _ENTRY_BYTES * len(tags)
    directory, bodies = b"", []
    for tag in tags:
        body = tables[tag]
        if tag == "head":
            body = body[:8] + b"\0\0\0\0" + body[12:]
        padded = body + b"\0" * (-len(body) % 4)
        directory += struct.pack(">4sIII", tag.encode("latin-1"), _checksum(padded), offset, len(body))
        bodies.append(padded)
        offset += len(padded)
    font = header + directory + b"".join(bodies)
    if "head" in tables:
        at = _HEADER_BYTES + _ENTRY_BYTES * len(tags) + sum(map(len, bodies[: tags.index("head")])) + 8
        adjustment = (_CHECKSUM_MAGIC - _checksum(font)) & 0xFFFFFFFF
        font = font[:at] + struct.pack(">I", adjustment) + font[at + 4 :]
    return font


def _checksum(padded: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF

"""Subsets a TrueType font program without renumbering its glyphs: the outlines that are not used become empty.

Nothing that stays is decompiled: outlines, instructions and metrics are copied byte for byte, so that what is drawn
cannot change as long as every used glyph is kept.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from services.compression.fonts.cmap_table import Subtable, read_cmap, write_cmap
from services.compression.fonts.post_table import read_glyph_names, write_glyph_names
from services.compression.fonts.sfnt import FontDamaged, read_tables, write_tables

#: What a viewer needs to draw glyphs (ISO 32000-1, 9.9). All other tables serve layout, menus, bitmap sizes or, in
#: variable fonts, instances other than the default one, which a PDF cannot ask for.
_DRAWING_TABLES = ("head", "hhea", "maxp", "hmtx", "loca", "glyf", "cvt ", "fpgm", "prep")
_MORE_COMPONENTS = 0x20
_DEEPEST_COMPOSITE = 16


class TrueTypeFont:
    """A parsed font program: enough to find glyphs and to write a smaller one."""

    def __init__(self, data: bytes) -> None:
        """Raises FontDamaged when the program is damaged or has no TrueType outlines."""
        self.version, self.tables = read_tables(data)
        missing = {"head", "hhea", "maxp", "hmtx", "loca", "glyf"} - self.tables.keys()
        if missing:
            raise FontDamaged(f"no table {min(missing)}")
        try:
            self.glyph_count: int = struct.unpack_from(">H", self.tables["maxp"], 4)[0]
            self._offsets = self._read_loca()
            self.cmap: list[Subtable] = read_cmap(self.tables["cmap"]) if "cmap" in self.tables else []
        except struct.error as error:
            raise FontDamaged("table cut short") from error
        self._names: dict[str, int] | None = None

    @property
    def glyph_names(self) -> dict[str, int]:
        """Glyph by PostScript name, from `post`; empty where the font has no names."""
        if self._names is None:
            self._names = read_glyph_names(self.tables.get("post", b""))
        return self._names

    def subset(self, glyphs: Iterable[int], *, keep_cmap: bool, keep_names: bool) -> bytes:
        """Return the font with the outlines of `glyphs` and of their components; all keep their numbers.

        Glyphs after the last kept one are cut off. `keep_cmap` is for fonts addressed by character code,
        `keep_names` for those addressed by glyph name.
        """
        kept = self._closure({0, *glyphs})
        count = max(kept) + 1
        tables = {tag: self.tables[tag] for tag in _DRAWING_TABLES if tag in self.tables}
        tables["glyf"], tables["loca"], long_offsets = self._outlines(kept, count)
        tables["hmtx"], metrics = self._metrics(kept, count)
        hhea, maxp, head = self.tables["hhea"], self.tables["maxp"], self.tables["head"]
        tables["hhea"] = hhea[:34] + struct.pack(">H", metrics) + hhea[36:]
        tables["maxp"] = maxp[:4] + struct.pack(">H", count) + maxp[6:]
        tables["head"] = head[:50] + struct.pack(">h", long_offsets) + head[52:]
        if keep_cmap and "cmap" in self.tables:
            tables["cmap"] = write_cmap(self.cmap, kept)
            tables.update({tag: self.tables[tag] for tag in ("OS/2",) if tag in self.tables})
        if keep_names and "post" in self.tables:
            tables["post"] = write_glyph_names(self.tables["post"], kept, count)
        return write_tables(self.version, tables)

    def _read_loca(self) -> tuple[int, ...]:
        long_offsets = struct.unpack_from(">h", self.tables["head"], 50)[0]
        loca = self.tables["loca"]
        entries = min(self.glyph_count + 1, len(loca) // (4 if long_offsets else 2))
        if entries < 2:
            raise FontDamaged("no glyphs")
        if long_offsets:
            return struct.unpack_from(f">{entries}I", loca)
        return tuple(2 * offset for offset in struct.unpack_from(f">{entries}H", loca))

    def _outline(self, glyph: int) -> bytes:
        if glyph + 1 >= len(self._offsets):
            return b""
        return self.tables["glyf"][self._offsets[glyph] : self._offsets[glyph + 1]]

    def _closure(self, glyphs: set[int]) -> set[int]:
        kept = {glyph for glyph in glyphs if 0 <= glyph < self.glyph_count} | {0}
        fresh = kept
        for _ in range(_DEEPEST_COMPOSITE):
            parts = {part for glyph in fresh for part in _components(self._outline(glyph))}
            fresh = {part for part in parts if part < self.glyph_count} - kept
            if not fresh:
                return kept
            kept = kept | fresh
        raise FontDamaged("composites nested too deep")

    def _outlines(self, kept: set[int], count: int) -> tuple[bytes, bytes, bool]:
        pieces, offsets, end = [], [0], 0
        for glyph in range(count):
            if glyph in kept:
                outline = self._outline(glyph)
                outline += b"\0" * (-len(outline) % 2)
                pieces.append(outline)
                end += len(outline)
            offsets.append(end)
        if end >= 0x20000:
            return b"".join(pieces), struct.pack(f">{len(offsets)}I", *offsets), True
        return b"".join(pieces), struct.pack(f">{len(offsets)}H", *(offset // 2 for offset in offsets)), False

    def _metrics(self, kept: set[int], count: int) -> tuple[bytes, int]:
        """Return `hmtx` with zeros for unused glyphs, which deflate to nothing, and its number of full entries."""
        full = struct.unpack_from(">H", self.tables["hhea"], 34)[0]
        hmtx = self.tables["hmtx"]
        full = min(full, len(hmtx) // 4)
        if full == 0:
            raise FontDamaged("no metrics")
        table = bytearray()
        for glyph in range(min(full, count)):
            # The last full entry holds the advance of all glyphs after it.
            used = glyph in kept or glyph == full - 1
            table += hmtx[4 * glyph : 4 * glyph + 4] if used else b"\0\0\0\0"
        for glyph in range(full, count):
            at = 4 * full + 2 * (glyph - full)
            table += hmtx[at : at + 2].ljust(2, b"\0") if glyph in kept else b"\0\0"
        return bytes(table), min(full, count)


def _components(outline: bytes) -> list[int]:
    """Return the glyphs that a composite outline is made of."""
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return []
    found, at, flags = [], 10, _MORE_COMPONENTS
    while flags & _MORE_COMPONENTS:
        if at + 4 > len(outline):
            raise FontDamaged("composite cut short")
        flags, part = struct.unpack_from(">HH", outline, at)
        found.append(part)
        at += 8 if flags & 0x01 else 6  # two arguments, as words or as bytes
        at += 2 if flags & 0x08 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0  # one, two or four scales
    return found

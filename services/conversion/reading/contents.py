"""Fonts and images of a PDF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.conversion.reading.plain_values import MOST_ENTRIES, dictionary, entries, text
from shared.operation import Result

_PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")


def fonts_of(pdf: pikepdf.Pdf) -> list[Result]:
    """Each font by name: its kind, and whether its program is in the file, whole or as a subset."""
    found: dict[tuple[str, str, bool], Result] = {}
    for font in _fonts(pdf):
        kind = text(font.get("/Subtype")) or "unknown"
        name = (text(font.get("/BaseFont")) or text(font.get("/Name")) or "")[:200]
        holder = font
        if kind == "Type0" and (descendants := entries(font, "/DescendantFonts")):
            holder = descendants[0]
            kind = f"Type0 {text(holder.get('/Subtype')) or ''}".strip() if isinstance(holder, Dictionary) else kind
        descriptor = dictionary(holder, "/FontDescriptor")
        # The glyphs of a Type 3 font are drawings in the file.
        embedded = kind == "Type3" or any(key in descriptor for key in _PROGRAMS)
        subset = len(name) > 7 and name[6] == "+" and name[:6].isalpha()
        bare = name[7:] if subset else name
        told: Result = {"name": bare, "kind": kind, "embedded": embedded, "subset": subset}
        found[(bare, kind, embedded)] = told
    return sorted(found.values(), key=lambda one: one["name"])[:MOST_ENTRIES]


def _fonts(pdf: pikepdf.Pdf) -> Iterator[Any]:
    for thing in pdf.objects:
        if not isinstance(thing, Dictionary | Stream):
            continue
        if isinstance(thing, Dictionary) and thing.get("/Type") == Name.Font:
            if not str(thing.get("/Subtype", "")).startswith("/CIDFont"):
                yield thing
            continue
        # Fonts that stand inside of a page's resources are no objects of their own.
        resources = dictionary(thing, "/Resources") if isinstance(thing, Dictionary) else thing.get("/Resources")
        owner = resources if isinstance(resources, Dictionary) and len(resources) else thing
        fonts = owner.get("/Font")
        if isinstance(fonts, Dictionary):
            yield from (font for font in fonts.values() if isinstance(font, Dictionary) and not font.is_indirect)


def images_of(pdf: pikepdf.Pdf) -> Result:
    """How many images there are, how they are packed, their bytes together, and the largest one's pixels."""
    count, size_bytes, largest = 0, 0, (0, 0)
    packed: dict[str, int] = {}
    for thing in pdf.objects:
        if not isinstance(thing, Stream) or thing.get("/Subtype") != Name.Image:
            continue
        count += 1
        coding = thing.get("/Filter")
        last = coding[-1] if isinstance(coding, Array) and len(coding) else coding
        name = text(last) or "none"
        packed[name] = packed.get(name, 0) + 1
        length, width, height = (thing.get(key) for key in ("/Length", "/Width", "/Height"))
        size_bytes += length if isinstance(length, int) else 0
        if isinstance(width, int) and isinstance(height, int) and width * height > largest[0] * largest[1]:
            largest = (width, height)
    return {
        "count": count,
        "bytes": size_bytes,
        "by_filter": packed,
        "largest": {"width_pixels": largest[0], "height_pixels": largest[1]} if count else None,
    }

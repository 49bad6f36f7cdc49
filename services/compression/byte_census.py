"""Count where the bytes of a PDF lie: images, fonts, content, and the structure that holds them."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

KINDS = ("images", "fonts", "content", "structure")


def count_bytes(pdf: pikepdf.Pdf, file_bytes: int) -> dict[str, int]:
    """Return the coded bytes of each kind; `structure` is the rest of the file, so that the sum is the file."""
    content = _page_contents(pdf)
    counted = dict.fromkeys(KINDS, 0)
    for thing in pdf.objects:
        if isinstance(thing, Stream):
            kind = _kind_of(thing, content)
            if kind is not None:
                counted[kind] += _coded_bytes(thing)
    counted["structure"] = max(0, file_bytes - sum(counted.values()))
    return counted


def _page_contents(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    found = set()
    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        for part in contents if isinstance(contents, Array) else [contents]:
            if isinstance(part, Stream):
                found.add(part.objgen)
    return found


def _kind_of(stream: Any, content: set[tuple[int, int]]) -> str | None:
    dictionary: Dictionary = stream.stream_dict
    subtype = dictionary.get("/Subtype")
    if subtype == Name.Image:
        return "images"
    if subtype == Name.Form or "/PatternType" in dictionary or stream.objgen in content:
        return "content"
    if "/Length1" in dictionary or subtype in ("/Type1C", "/CIDFontType0C", "/OpenType"):
        return "fonts"
    return None


def _coded_bytes(stream: Any) -> int:
    try:
        return int(stream.get("/Length", 0))
    except (TypeError, ValueError):
        return 0

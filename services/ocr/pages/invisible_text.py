"""Takes invisible text off a page: what an earlier OCR run laid there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, Stream

from services.ocr.pages.text_layer import FONT, TAG, contents_of

#: Text rendering mode that paints nothing (ISO 32000-2, table 104).
_INVISIBLE = 3
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_DEEP = 8


def remove_invisible_text(pdf: pikepdf.Pdf, page: pikepdf.Page) -> int:
    """Remove it from the page's content and from the forms that this draws; return how many strings that were.

    Content without invisible text stays byte for byte as it is. Raises pikepdf.PdfError where it does not parse.
    """
    removed = _remove_own_layers(page)
    kept, removed_there = _without(pikepdf.parse_content_stream(page))
    if removed_there:
        page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(kept))
        removed += removed_there
    for form in _forms(page.obj.get("/Resources"), set(), _DEEP):
        kept, removed_there = _without(pikepdf.parse_content_stream(form))
        if removed_there:
            form.write(pikepdf.unparse_content_stream(kept))
            removed += removed_there
    return removed


def _remove_own_layers(page: pikepdf.Page) -> int:
    """Take off what an earlier run of ours laid there: a stream of its own, and the name of its font."""
    contents = contents_of(page)
    others = [stream for stream in contents if not _is_own_layer(stream)]
    if len(others) == len(contents):
        return 0
    page.obj.Contents = Array(others)
    resources: Any = page.obj.get("/Resources")
    fonts: Any = resources.get("/Font") if isinstance(resources, Dictionary) else None
    if isinstance(fonts, Dictionary) and FONT in fonts:
        # Pages may share both dictionaries: only this page's own copies lose the name.
        page.obj.Resources = Dictionary(resources)
        page.obj.Resources.Font = Dictionary({name: font for name, font in fonts.items() if name != FONT})
    return len(contents) - len(others)


def _is_own_layer(stream: Any) -> bool:
    return isinstance(stream, Stream) and stream.read_bytes().startswith(TAG)


def _forms(resources: Any, seen: set[tuple[int, int]], deep: int) -> Iterator[Any]:
    drawn = resources.get("/XObject") if isinstance(resources, Dictionary) else None
    if not isinstance(drawn, Dictionary) or not deep:
        return
    for _, thing in drawn.items():
        if isinstance(thing, Stream) and thing.get("/Subtype") == Name.Form and thing.objgen not in seen:
            seen.add(thing.objgen)
            yield thing
            yield from _forms(thing.get("/Resources"), seen, deep - 1)


def _without(content: Any) -> tuple[list[Any], int]:
    kept, removed, mode = [], 0, 0
    outer: list[int] = []
    for instruction in content:
        name = str(instruction.operator)
        if name == "q":
            outer.append(mode)
        elif name == "Q" and outer:
            mode = outer.pop()
        elif name == "Tr" and instruction.operands:
            mode = int(instruction.operands[0])
        if name in _SHOWING and mode == _INVISIBLE:
            removed += 1
            # These two also begin a new line, which visible text after them may count on.
            if name in ("'", '"'):
                kept.append(pikepdf.ContentStreamInstruction([], Operator("T*")))
            continue
        kept.append(instruction)
    return kept, removed

"""Put pages back that a broken page tree no longer reaches."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from shared.pdf.inheritance import inherited

_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_DEEPEST = 50


def mend_page_tree(pdf: pikepdf.Pdf) -> int:
    """Build a flat tree of all page objects where the tree is broken; return how many pages that put back.

    A page object outside of a sound tree is left out: an editor has deleted that page.
    """
    if _is_sound(pdf):
        return 0
    kept = [page.obj for page in pdf.pages]
    reached = {page.objgen for page in kept}
    lost = [
        thing
        for thing in pdf.objects
        if isinstance(thing, Dictionary) and thing.get("/Type") == Name.Page and thing.objgen not in reached
    ]
    if not lost:
        return 0
    for page in (*kept, *lost):
        for key in _INHERITED:
            value = inherited(page, key)
            if value is not None:
                page[key] = value
    tree = pdf.make_indirect(Dictionary(Type=Name.Pages, Kids=Array([*kept, *lost]), Count=len(kept) + len(lost)))
    for page in (*kept, *lost):
        page.Parent = tree
    pdf.Root.Pages = tree
    return len(lost)


def _is_sound(pdf: pikepdf.Pdf) -> bool:
    waiting: list[tuple[Any, int]] = [(pdf.Root.get("/Pages"), 0)]
    while waiting:
        node, depth = waiting.pop()
        if not isinstance(node, Dictionary) or depth > _DEEPEST:
            return False
        kids = node.get("/Kids")
        if isinstance(kids, Array):
            waiting.extend((kid, depth + 1) for kid in kids)
        elif node.get("/Type") == Name.Pages:
            return False
    return True

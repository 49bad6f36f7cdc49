"""The structure tree: words that stand for content that was erased go with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Stream

from services.file_ops.protection.content.marked import SPOKEN

_PARENTS = 64
_WORDS = (*SPOKEN, "/T")

ObjectId = tuple[int, int]


def silence(pdf: pikepdf.Pdf, touched_pages: dict[ObjectId, set[int]], touched_forms: dict[int, set[int]]) -> int:
    """Remove replacement texts of elements whose content was erased, and of the elements above; count elements."""
    silenced: set[ObjectId] = set()
    for element in pdf.objects:
        if (
            not isinstance(element, Dictionary)
            or isinstance(element, Stream)
            or "/K" not in element
            or "/S" not in element
        ):
            continue
        page = element.get("/Pg")
        if any(_is_touched(kid, page, touched_pages, touched_forms) for kid in _kids(element)):
            _silence(element, silenced)
    return len(silenced)


def _kids(element: Any) -> Iterator[Any]:
    kids = element.get("/K")
    yield from kids if isinstance(kids, Array) else [kids]


def _is_touched(
    kid: Any, page: Any, touched_pages: dict[ObjectId, set[int]], touched_forms: dict[int, set[int]]
) -> bool:
    number = kid
    if isinstance(kid, Dictionary):
        form, number, page = kid.get("/Stm"), kid.get("/MCID"), kid.get("/Pg", page)
        if isinstance(form, Stream):
            return form.objgen[0] in touched_forms and number in touched_forms[form.objgen[0]]
    return isinstance(number, int) and isinstance(page, Dictionary) and number in touched_pages.get(page.objgen, ())


def _silence(element: Any, silenced: set[ObjectId]) -> None:
    node, steps = element, 0
    while isinstance(node, Dictionary) and steps < _PARENTS:
        for key in _WORDS:
            if key in node and "/S" in node:
                del node[key]
                silenced.add(node.objgen)
        node, steps = node.get("/P"), steps + 1

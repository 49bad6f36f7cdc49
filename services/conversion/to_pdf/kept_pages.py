"""Leave a PDF with some of its pages: nothing of the others stays in the file, and what led to them goes too."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

_FIELDS_DEEP = 32


def keep_pages(pdf: pikepdf.Pdf, chosen: list[int]) -> None:
    """Reduce a document to pages counted from 0, in this order; a page that is named twice is there twice.

    Labels stay with their pages. Outline entries and form fields of pages that go, go with them.
    """
    labels = [page.label for page in pdf.pages] if "/PageLabels" in pdf.Root else []
    pages = [page.obj for page in pdf.pages]
    wanted = set(chosen)
    gone = {page.objgen for number, page in enumerate(pages) if number not in wanted}
    _drop_fields(pdf, gone)
    with pdf.open_outline() as outline:
        outline.root[:] = _kept_items(outline.root, gone)
    del pdf.pages[:]
    seen: set[int] = set()
    for number in chosen:
        page = pages[number]
        if number in seen:
            page = pdf.make_indirect(Dictionary(dict(page.items())))
        seen.add(number)
        pdf.pages.append(pikepdf.Page(page))
    for number, page in enumerate(pages):
        if number not in wanted:
            # Tags and destinations may still name it: what it showed must not stay in the file.
            for key in [str(key) for key in page.keys() if key != "/Type"]:  # noqa: SIM118 - no mapping
                del page[key]
    if labels:
        numbered = [part for at, number in enumerate(chosen) for part in (at, Dictionary(P=labels[number]))]
        pdf.Root.PageLabels = Dictionary(Nums=Array(numbered))


def _kept_items(items: list[Any], gone: set[tuple[int, int]]) -> list[Any]:
    kept = []
    for item in items:
        item.children[:] = _kept_items(item.children, gone)
        if item.children or _target(item) not in gone:
            kept.append(item)
    return kept


def _target(item: Any) -> tuple[int, int] | None:
    destination = item.destination
    if destination is None and isinstance(item.action, Dictionary):
        destination = item.action.get("/D")
    if isinstance(destination, Array) and len(destination) and isinstance(destination[0], Dictionary):
        return destination[0].objgen
    return None


def _drop_fields(pdf: pikepdf.Pdf, gone: set[tuple[int, int]]) -> None:
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary) or not isinstance(form.get("/Fields"), Array):
        return
    widgets = {
        annotation.objgen
        for page in pdf.pages
        if page.objgen in gone
        for annotation in _entries(page.obj, "/Annots")
        if isinstance(annotation, Dictionary) and annotation.get("/Subtype") == Name.Widget
    }
    form.Fields = Array([field for field in _entries(form, "/Fields") if _keeps(field, widgets, 0)])


def _keeps(field: Any, widgets: set[tuple[int, int]], depth: int) -> bool:
    """Whether a field still has a widget; those of pages that go are taken out of it."""
    if not isinstance(field, Dictionary) or depth > _FIELDS_DEEP or field.objgen in widgets:
        return False
    kids = _entries(field, "/Kids")
    if not kids:
        return True
    left = [kid for kid in kids if _keeps(kid, widgets, depth + 1)]
    field.Kids = Array(left)
    return bool(left)


def _entries(owner: Any, key: str) -> list[Any]:
    entries = owner.get(key)
    return list(entries) if isinstance(entries, Array) else []

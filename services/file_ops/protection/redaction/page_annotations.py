"""Annotations and form fields that stand under the rectangles, or that show what is searched for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.protection.annotations import annotations_of, keep
from services.file_ops.protection.content.areas import Areas, Placed
from services.file_ops.protection.content.geometry import IDENTITY, Rect
from services.file_ops.protection.content.walk import Walk
from services.file_ops.protection.redaction.finder import Finder
from services.file_ops.protection.redaction.page_text import as_drawn, as_seen
from shared.pdf.inheritance import upwards

#: An annotation that only touches a rectangle stays.
_TOUCH_POINTS = 0.5
_SYMBOL_POINTS = 24
_VALUES = ("/V", "/DV", "/RV")
_TEXTS = ("/Contents", "/RC", "/Subj", "/T", "/TU", "/V", "/DV", "/RV", "/CA", "/URI", "/A", "/MK", "/Opt")


def remove(pdf: pikepdf.Pdf, page: Any, areas: Areas, finder: Finder, counts: Counter[str]) -> list[Rect]:
    """Take annotations off a page; of form fields the value goes with them, on other pages too.

    Returns the places of those that went for their text, to be covered.
    """
    kept, gone, places = [], [], []
    for annotation in annotations_of(page):
        rect = _place(annotation)
        covered = rect is not None and any(rect.grown(-_TOUCH_POINTS).meets(area) for area in areas.meeting(rect))
        told = bool(finder) and _shows(pdf, annotation, finder)
        if covered or told:
            gone.append(annotation)
            if told and not covered and rect is not None and annotation.get("/Subtype") != Name.Link:
                places.append(rect)
        else:
            kept.append(annotation)
    if not gone:
        return []
    ids = {annotation.objgen for annotation in gone if annotation.is_indirect}
    for annotation in gone:
        kind = str(annotation.get("/Subtype", "/Unknown"))[1:]
        counts["links" if kind == "Link" else "fields" if kind == "Widget" else "annotations"] += 1
        if kind == "Widget":
            _forget_field(pdf, annotation)
    # What answers to a removed comment, and the window that it opens, go with it.
    followers = [annotation for annotation in kept if _follows(annotation, ids)]
    keep(page, [annotation for annotation in kept if not _follows(annotation, ids)], [*gone, *followers])
    return places


def _follows(annotation: Any, ids: set[tuple[int, int]]) -> bool:
    owners = (annotation.get(key) for key in ("/Parent", "/IRT"))
    return annotation.get("/Subtype") != Name.Widget and any(
        isinstance(owner, Dictionary) and owner.objgen in ids for owner in owners
    )


def _place(annotation: Any) -> Rect | None:
    rect = Rect.of(annotation.get("/Rect"))
    # Viewers draw the symbol of a note in a size of their own.
    return rect.grown(_SYMBOL_POINTS) if rect and annotation.get("/Subtype") == Name.Text else rect


def _shows(pdf: pikepdf.Pdf, annotation: Any, finder: Finder) -> bool:
    texts = (text for key in _TEXTS for text in _strings(annotation.get(key), 0))
    if any(finder.holds(text) for text in texts):
        return True
    if annotation.get("/Subtype") == Name.Widget and any(
        finder.holds(text)
        for parent in upwards(annotation.get("/Parent"))
        for key in _VALUES
        for text in _strings(parent.get(key), 0)
    ):
        return True
    return any(
        finder.find(read(glyphs).chars)
        for glyphs in (_glyphs(pdf, form) for form in _appearances(annotation))
        for read in (as_drawn, as_seen)
    )


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, pikepdf.String):
        yield str(value)
    elif isinstance(value, Stream):
        try:
            yield value.read_bytes().decode("utf-8", "replace")
        except pikepdf.PdfError:
            return
    elif depth < 4 and isinstance(value, Array):
        for each in value:
            yield from _strings(each, depth + 1)
    elif depth < 4 and isinstance(value, Dictionary):
        for _, each in value.items():
            yield from _strings(each, depth + 1)


def _appearances(annotation: Any) -> Iterator[Any]:
    looks = annotation.get("/AP")
    for look in looks.values() if isinstance(looks, Dictionary) else ():
        if isinstance(look, Stream):
            yield look
        elif isinstance(look, Dictionary):
            yield from (state for state in look.values() if isinstance(state, Stream))


def _glyphs(pdf: pikepdf.Pdf, form: Any) -> list[Placed]:
    found: list[Placed] = []
    Walk(pdf, see=found.append).form(form, IDENTITY, Dictionary(), 0)
    return found


def _forget_field(pdf: pikepdf.Pdf, widget: Any) -> None:
    """Take a widget out of its field, and the value out of the field with all its looks."""
    for node in upwards(widget):
        for key in _VALUES:
            if key in node:
                del node[key]
    parent = widget.get("/Parent")
    if isinstance(parent, Dictionary):
        for sibling in _entries(parent, "/Kids"):
            if isinstance(sibling, Dictionary) and "/AP" in sibling and "/T" not in sibling:
                del sibling["/AP"]
        _drop(parent, "/Kids", widget)
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary):
        _drop(form, "/Fields", widget)
        _drop(form, "/CO", widget)


def _entries(owner: Any, key: str) -> list[Any]:
    entries = owner.get(key)
    return list(entries) if isinstance(entries, Array) else []


def _drop(owner: Any, key: str, thing: Any) -> None:
    entries = _entries(owner, key)
    kept = [each for each in entries if not (isinstance(each, Dictionary) and each.objgen == thing.objgen)]
    if len(kept) < len(entries) and thing.is_indirect:
        owner[key] = Array(kept)


def glyphs_shown(pdf: pikepdf.Pdf, page: Any, see: Callable[[list[Placed]], None]) -> None:
    """Tell `see` the glyphs of each annotation's looks, in their own coordinates."""
    for annotation in annotations_of(page):
        for form in _appearances(annotation):
            see(_glyphs(pdf, form))

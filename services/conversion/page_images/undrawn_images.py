"""Images that pages show beside their content: in annotations, patterns, and fonts whose letters are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from shared.pdf.inheritance import inherited

ObjectId = tuple[int, int]

#: More objects than any real page has behind its resources.
_MOST_VISITED = 200_000


def images_beside_content(pdf: pikepdf.Pdf, pages: list[int]) -> dict[ObjectId, int]:
    """The image objects behind annotations, patterns and Type 3 fonts of these pages, with the first such page."""
    found: dict[ObjectId, int] = {}
    visited: set[ObjectId] = set()
    for index in sorted(set(pages)):
        page = pdf.pages[index].obj
        for image in _images(_starts(page), visited):
            found.setdefault(image.objgen, index)
    return found


def _starts(page: Any) -> Iterator[Any]:
    for annotation in _entries(page.get("/Annots")):
        if isinstance(annotation, Dictionary):
            yield annotation.get("/AP")
    resources = inherited(page, "/Resources")
    if isinstance(resources, Dictionary):
        yield resources.get("/Pattern")
        yield from _type3_fonts(resources)
        # Forms have resources of their own, whose patterns are drawn likewise.
        for form in _values(resources.get("/XObject")):
            if isinstance(form, Stream) and form.get("/Subtype") == Name.Form:
                inner = form.get("/Resources")
                if isinstance(inner, Dictionary):
                    yield inner.get("/Pattern")


def _type3_fonts(resources: Any) -> Iterator[Any]:
    for font in _values(resources.get("/Font")):
        if isinstance(font, Dictionary) and font.get("/Subtype") == Name.Type3:
            yield font.get("/Resources")


def _images(starts: Iterator[Any], visited: set[ObjectId]) -> Iterator[Any]:
    """Every image behind these objects, through forms and their resources."""
    waiting = [start for start in starts if start is not None]
    while waiting and len(visited) < _MOST_VISITED:
        thing = waiting.pop()
        if isinstance(thing, Stream):
            if thing.objgen in visited:
                continue
            visited.add(thing.objgen)
            if thing.get("/Subtype") == Name.Image:
                yield thing
                continue
            waiting.append(thing.get("/Resources"))
        elif isinstance(thing, Dictionary):
            if thing.is_indirect:
                if thing.objgen in visited:
                    continue
                visited.add(thing.objgen)
            # What leads back to pages leads out of this page.
            waiting.extend(value for key, value in thing.items() if key not in ("/Parent", "/P", "/Dest", "/Font"))
        elif isinstance(thing, Array):
            waiting.extend(list(thing))


def _entries(array: Any) -> list[Any]:
    return list(array) if isinstance(array, Array) else []


def _values(dictionary: Any) -> list[Any]:
    return [value for _, value in dictionary.items()] if isinstance(dictionary, Dictionary) else []

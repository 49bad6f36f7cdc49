"""Links and actions on pages that lead to pages of the same document: found once, settled for every part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.file_ops.metadata.destinations import (
    DestinationName,
    Destinations,
    ObjectId,
    Place,
    as_object,
    name_of,
)

#: An action may start others, in a chain or a tree.
_ACTIONS_DEEP = 16


@dataclass(frozen=True, slots=True)
class Reference:
    """One way from an annotation to a page: `annotation[keys[0]][keys[1]]...` holds the destination."""

    annotation: Any
    keys: tuple[Any, ...]
    name: DestinationName | None
    place: Place | None
    #: Whether the page object itself stands in the file, so that a copy leads to the copied page by itself.
    by_page_object: bool
    is_link: bool


@dataclass
class Settled:
    """What became of the references of a part."""

    #: Links that led to pages that are not in the part; the links are left out.
    left_out: int = 0
    #: Links that led nowhere before.
    dead: int = 0


class PageLinks:
    """The references from each page's annotations."""

    def __init__(self, annotations: list[list[Any]], destinations: Destinations) -> None:
        self._annotations = annotations
        self._destinations = destinations
        self._found: dict[int, list[Reference]] = {}

    def of_page(self, number: int) -> list[Reference]:
        """The references from this page."""
        if number not in self._found:
            references = [r for annotation in self._annotations[number] for r in self._of_annotation(annotation)]
            self._found[number] = references
        return self._found[number]

    def _of_annotation(self, annotation: Any) -> Iterator[Reference]:
        is_link = bool(annotation.get("/Subtype") == Name.Link)
        if "/Dest" in annotation:
            yield self._reference(annotation, ("/Dest",), annotation["/Dest"], is_link)
        for keys, action in _actions(annotation):
            if action.get("/S") == Name.GoTo and "/D" in action:
                yield self._reference(annotation, (*keys, "/D"), action["/D"], is_link and keys == ("/A",))

    def _reference(self, annotation: Any, keys: tuple[Any, ...], destination: Any, is_link: bool) -> Reference:
        by_object = isinstance(destination, Array) and len(destination) > 0 and isinstance(destination[0], Dictionary)
        place = self._destinations.place_of(destination)
        return Reference(annotation, keys, name_of(destination), place, by_object, is_link)


def _actions(annotation: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    waiting: list[tuple[tuple[Any, ...], Any]] = [(("/A",), annotation.get("/A"))]
    if isinstance(more := annotation.get("/AA"), Dictionary):
        waiting += [(("/AA", key), action) for key, action in more.items()]
    while waiting:
        keys, action = waiting.pop()
        if isinstance(action, Array):
            waiting += [((*keys, number), each) for number, each in enumerate(action)]
        elif isinstance(action, Dictionary):
            yield keys, action
            if "/Next" in action and len(keys) < _ACTIONS_DEEP:
                waiting.append(((*keys, "/Next"), action["/Next"]))


def settle_links(
    pdf: pikepdf.Pdf,
    references: list[Reference],
    pages: dict[int, Any],
    names: dict[DestinationName, DestinationName],
) -> tuple[Settled, set[ObjectId]]:
    """Make the copied annotations lead to the copied pages.

    `pages` are the copies by the source's page number, `names` the new names of destinations. Returns what became
    of them and the source's ids of the links that are to be left out because their page is.
    """
    settled, left_out = Settled(), set[ObjectId]()
    for reference in references:
        place = reference.place
        if place is not None and place.page in pages:
            if reference.name is not None:
                if names[reference.name] != reference.name:
                    _put(pdf, reference, as_object(names[reference.name]))
            elif not reference.by_page_object:
                _put(pdf, reference, place.as_array(pages[place.page]))
            continue
        if place is None:
            settled.dead += reference.is_link
        elif reference.is_link:
            settled.left_out += 1
            left_out.add(reference.annotation.objgen)
            continue
        _put(pdf, reference, None)
    return settled, left_out


def _put(pdf: pikepdf.Pdf, reference: Reference, destination: Any) -> None:
    """Write the destination into the copy; None takes it away, or another file's page of that name would be shown."""
    holder: Any = pdf.copy_foreign(reference.annotation)
    for key in reference.keys[:-1]:
        holder = holder[key]
    if destination is not None:
        holder[reference.keys[-1]] = destination
    elif reference.keys[-1] in holder:
        del holder[reference.keys[-1]]

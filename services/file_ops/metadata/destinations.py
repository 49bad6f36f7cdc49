"""Where links and outline items of a document lead: explicit destinations and both kinds of named ones."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from services.file_ops.metadata.name_trees import read_names

ObjectId = tuple[int, int]
#: A destination's name: bytes stand in the name tree /Names /Dests, text in the older dictionary /Dests.
DestinationName = bytes | str


@dataclass(frozen=True, slots=True)
class Place:
    """A page, counted from 0, and how it is shown: the rest of an explicit destination, as plain values."""

    page: int
    view: tuple[Any, ...]

    def as_array(self, page: Any) -> Array:
        """The explicit destination that leads to this place of `page`, a page object."""
        return Array([page, *self.view])


class Destinations:
    """The destinations of one document. Nothing here raises for what is malformed: it leads nowhere."""

    def __init__(self, pdf: pikepdf.Pdf, page_ids: dict[ObjectId, int]) -> None:
        self._pdf = pdf
        self._page_ids = page_ids

    @cached_property
    def named(self) -> dict[DestinationName, Place]:
        """Every named destination that leads to a page of the document."""
        root = self._pdf.Root
        found: dict[DestinationName, Any] = {}
        if isinstance(old := root.get("/Dests"), Dictionary):
            found.update((str(name), value) for name, value in old.items())
        if isinstance(names := root.get("/Names"), Dictionary):
            found.update(read_names(names.get("/Dests")))
        places = ((name, self._explicit(value)) for name, value in found.items())
        return {name: place for name, place in places if place is not None}

    @cached_property
    def by_page(self) -> dict[int, list[tuple[DestinationName, Place]]]:
        """The named destinations of each page that has any."""
        found: dict[int, list[tuple[DestinationName, Place]]] = {}
        for name, place in self.named.items():
            found.setdefault(place.page, []).append((name, place))
        return found

    def place_of(self, destination: Any) -> Place | None:
        """The place that a value of /Dest or of an action's /D leads to, or None for nowhere."""
        name = name_of(destination)
        return self._explicit(destination) if name is None else self.named.get(name)

    def _explicit(self, value: Any) -> Place | None:
        if isinstance(value, Dictionary):
            value = value.get("/D")
        if not isinstance(value, Array) or len(value) == 0:
            return None
        page, *view = value
        if isinstance(page, Dictionary):
            number = self._page_ids.get(page.objgen, -1)
        else:
            # Page numbers are meant for other files; viewers take them here too.
            number = page if isinstance(page, int) and 0 <= page < len(self._page_ids) else -1
        return Place(number, tuple(_plain(part) for part in view)) if number >= 0 else None


def name_of(destination: Any) -> DestinationName | None:
    """The name in a value of /Dest or of an action's /D; None for an explicit one."""
    if isinstance(destination, String):
        return bytes(destination)
    return str(destination) if isinstance(destination, Name) else None


def as_object(name: DestinationName) -> Any:
    """The value of /Dest or /D that refers to this name."""
    return String(name) if isinstance(name, bytes) else Name(name)


def _plain(part: Any) -> Any:
    if isinstance(part, Name):
        return Name(str(part))
    return part if isinstance(part, int | Decimal | None) else None

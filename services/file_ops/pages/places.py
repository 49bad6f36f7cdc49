"""Makes links, outline and named destinations lead to the same places of pages that were moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name, Stream

from services.file_ops.pages.geometry import Box, moved_box, number, numbers, rounded, short

ObjectId = tuple[int, int]


@dataclass(frozen=True)
class Moved:
    """Where a page has gone: its new page object (perhaps itself), the way there, and what is now seen of it."""

    page: Any
    matrix: Matrix
    #: What was seen of the page, in its old coordinates.
    seen: Box
    #: It shares its new page with others, so that its place there has to be shown.
    shares: bool = False


def move_destinations(pdf: pikepdf.Pdf, pages: dict[ObjectId, Moved]) -> int:
    """Make all explicit destinations lead to the same places of moved pages; return how many there are.

    Links, outline, named destinations and actions all hold such arrays, and nothing else in a PDF begins with a page
    and one of these names.
    """
    count = 0
    for destination in _arrays(pdf):
        if len(destination) < 2 or not isinstance(page := destination[0], Dictionary):
            continue
        moved = pages.get(page.objgen)
        view = destination[1]
        if moved is None or not isinstance(view, Name) or str(view) not in _VIEWS:
            continue
        count += 1
        new = _VIEWS[str(view)](list(destination)[2:], moved) if not moved.shares or view == Name.XYZ else _cell(moved)
        while len(destination):
            del destination[-1]
        destination.extend([moved.page, *new])
    return count


def _cell(moved: Moved) -> list[Any]:
    return [Name.FitR, *rounded(moved_box(moved.matrix, moved.seen))]


def _xyz(view: list[Any], moved: Moved) -> list[Any]:
    left, top = (number(side) for side in (*view, None, None)[:2])
    zoom = view[2] if len(view) > 2 else None
    if moved.shares:
        # Where nothing is said, a viewer stays where it is: on a sheet that may be another page's place.
        left = moved.seen[0] if left is None else left
        top = moved.seen[3] if top is None else top
    x, y = moved.matrix.transform((left or 0.0, top or 0.0))
    return [
        Name.XYZ,
        short(x) if left is not None else None,
        short(y) if top is not None else None,
        zoom,
    ]


def _fit_across(name: Name) -> Callable[[list[Any], Moved], list[Any]]:
    def moved_view(view: list[Any], moved: Moved) -> list[Any]:
        top = number(view[0]) if view else None
        return [name, None if top is None else short(moved.matrix.transform((0, top))[1])]

    return moved_view


def _fit_down(name: Name) -> Callable[[list[Any], Moved], list[Any]]:
    def moved_view(view: list[Any], moved: Moved) -> list[Any]:
        left = number(view[0]) if view else None
        return [name, None if left is None else short(moved.matrix.transform((left, 0))[0])]

    return moved_view


def _fit_box(view: list[Any], moved: Moved) -> list[Any]:
    box = numbers(Array(view), 4)
    if box is None:
        return [Name.Fit]
    return [Name.FitR, *rounded(moved_box(moved.matrix, (box[0], box[1], box[2], box[3])))]


_VIEWS: dict[str, Callable[[list[Any], Moved], list[Any]]] = {
    "/XYZ": _xyz,
    "/Fit": lambda view, moved: [Name.Fit],
    "/FitB": lambda view, moved: [Name.FitB],
    "/FitH": _fit_across(Name.FitH),
    "/FitBH": _fit_across(Name.FitBH),
    "/FitV": _fit_down(Name.FitV),
    "/FitBV": _fit_down(Name.FitBV),
    "/FitR": _fit_box,
}


def _arrays(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every array of the document once, but those in dictionaries of streams, which lead nowhere."""
    for thing in pdf.objects:
        if isinstance(thing, Stream):
            continue
        waiting = [thing]
        while waiting:
            found = waiting.pop()
            if isinstance(found, Array):
                yield found
                inner = list(found)
            elif isinstance(found, Dictionary):
                inner = list(found.values())
            else:
                continue
            waiting.extend(each for each in inner if isinstance(each, Array | Dictionary) and not each.is_indirect)

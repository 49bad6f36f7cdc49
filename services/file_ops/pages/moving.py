"""Moves what lies on a page but not in its content: annotations, form fields, places that links lead to."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name, Stream

ObjectId = tuple[int, int]
Box = tuple[float, float, float, float]

#: Entries of annotations that hold points: x and y in turn (ISO 32000-2, 12.5.6).
_POINTS = ("/QuadPoints", "/L", "/Vertices", "/CL")
_FONT_SIZE = re.compile(rb"([\d.]+)(\s+Tf\b)")
_ROUNDING = Decimal("0.001")


def moved_box(matrix: Matrix, box: Box) -> Box:
    """The box around a moved box."""
    left, bottom, right, top = box
    corners = [matrix.transform(point) for point in ((left, bottom), (left, top), (right, bottom), (right, top))]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def scale_of(matrix: Matrix) -> float:
    """How much longer lines become."""
    return math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))


class AnnotationMover:
    """Moves annotations of one document; one that several pages share moves once."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._moved: set[ObjectId] = set()

    def move(self, page: Any, matrix: Matrix) -> int:
        """Move the annotations of a page, links and fields among them; return how many there are."""
        annotations = page.get("/Annots")
        count = 0
        for annotation in annotations if isinstance(annotations, Array) else ():
            if not isinstance(annotation, Dictionary):
                continue
            count += 1
            if annotation.is_indirect:
                if annotation.objgen in self._moved:
                    continue
                self._moved.add(annotation.objgen)
            self._move_one(annotation, matrix)
        return count

    def _move_one(self, annotation: Any, matrix: Matrix) -> None:
        box = numbers(annotation.get("/Rect"), 4)
        if box is not None:
            left, right = sorted((box[0], box[2]))
            bottom, top = sorted((box[1], box[3]))
            annotation["/Rect"] = rounded(moved_box(matrix, (left, bottom, right, top)))
        for key in _POINTS:
            if key in annotation:
                annotation[key] = _moved_points(annotation[key], matrix)
        ink = annotation.get("/InkList")
        if isinstance(ink, Array):
            annotation["/InkList"] = Array([_moved_points(line, matrix) for line in ink])
        scale = scale_of(matrix)
        _scale_lines(annotation, scale)
        if matrix.b or matrix.c:
            self._turn_appearances(annotation, matrix, scale)
        elif (inset := numbers(annotation.get("/RD"), 4)) is not None:
            annotation["/RD"] = rounded(side * scale for side in inset)

    def _turn_appearances(self, annotation: Any, matrix: Matrix, scale: float) -> None:
        """Viewers fit an appearance into its rectangle without turning it: the appearance has to be turned itself."""
        if "/RD" in annotation:
            del annotation["/RD"]  # its sides change places; viewers do without it
        if annotation.get("/Subtype") == Name.Widget:
            # Viewers make the look of a field anew when it is filled in: this turns it (ISO 32000-2, table 192).
            of_field = annotation.get("/MK")
            entries = dict(of_field.items()) if isinstance(of_field, Dictionary) else {}
            degrees = round(math.degrees(math.atan2(matrix.b, matrix.a)) + (number(entries.get("/R")) or 0)) % 360
            annotation["/MK"] = Dictionary({**entries, "/R": degrees})
        looks = annotation.get("/AP")
        if not isinstance(looks, Dictionary):
            return
        turn = Matrix(matrix.a / scale, matrix.b / scale, matrix.c / scale, matrix.d / scale, 0, 0)
        turned = Dictionary()
        for state, found in looks.items():
            if isinstance(found, Stream):
                turned[state] = self._turned(found, turn)
            elif isinstance(found, Dictionary):
                streams = {name: each for name, each in found.items() if isinstance(each, Stream)}
                turned[state] = Dictionary({name: self._turned(each, turn) for name, each in streams.items()})
        annotation["/AP"] = turned

    def _turned(self, look: Any, turn: Matrix) -> Any:
        copy = _copied_stream(self._pdf, look)
        own = numbers(look.get("/Matrix"), 6)
        copy["/Matrix"] = as_array((Matrix(*own) if own else Matrix()) @ turn)
        return copy


def _copied_stream(pdf: pikepdf.Pdf, stream: Any) -> Any:
    copy = pdf.make_stream(stream.read_raw_bytes())
    for key, value in stream.items():
        if key != "/Length":
            copy[key] = value
    return copy


def copied_with_matrix(pdf: pikepdf.Pdf, thing: Any, matrix: Matrix) -> Any:
    """A copy of a pattern, stream or dictionary, whose space is moved."""
    if isinstance(thing, Stream):
        copy: Any = _copied_stream(pdf, thing)
    else:
        copy = pdf.make_indirect(Dictionary(dict(thing.items())))
    own = numbers(thing.get("/Matrix"), 6)
    copy["/Matrix"] = as_array((Matrix(*own) if own else Matrix()) @ matrix)
    return copy


def _scale_lines(annotation: Any, scale: float) -> None:
    """Borders and letters of viewers' own making become larger as what they belong to does."""
    style = annotation.get("/BS")
    if isinstance(style, Dictionary) and (width := number(style.get("/W", 1))) is not None:
        annotation["/BS"] = Dictionary({**dict(style.items()), "/W": _decimal(width * scale)})
    border = annotation.get("/Border")
    if isinstance(border, Array) and len(border) >= 3 and (width := number(border[2])) is not None:
        annotation["/Border"] = Array([*list(border)[:2], _decimal(width * scale), *list(border)[3:]])
    look = annotation.get("/DA")
    if isinstance(look, pikepdf.String):
        scaled = _FONT_SIZE.sub(lambda found: b"%g" % (_size(found[1]) * scale) + found[2], bytes(look))
        annotation["/DA"] = pikepdf.String(scaled)


def _size(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _moved_points(points: Any, matrix: Matrix) -> Any:
    found = numbers(points)
    if found is None or len(found) % 2:
        return points
    moved = (matrix.transform((found[place], found[place + 1])) for place in range(0, len(found), 2))
    return rounded(side for point in moved for side in point)


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
        _decimal(x) if left is not None else None,
        _decimal(y) if top is not None else None,
        zoom,
    ]


def _fit_across(name: Name) -> Callable[[list[Any], Moved], list[Any]]:
    def moved_view(view: list[Any], moved: Moved) -> list[Any]:
        top = number(view[0]) if view else None
        return [name, None if top is None else _decimal(moved.matrix.transform((0, top))[1])]

    return moved_view


def _fit_down(name: Name) -> Callable[[list[Any], Moved], list[Any]]:
    def moved_view(view: list[Any], moved: Moved) -> list[Any]:
        left = number(view[0]) if view else None
        return [name, None if left is None else _decimal(moved.matrix.transform((left, 0))[0])]

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


def number(value: Any) -> float | None:
    """A number of a PDF; None for what is none."""
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def numbers(array: Any, count: int | None = None) -> list[float] | None:
    """The numbers of an array; None where it is none, holds something else, or has another length."""
    if not isinstance(array, Array) or (count is not None and len(array) != count):
        return None
    found = [number(value) for value in array]
    return None if any(value is None for value in found) else [value for value in found if value is not None]


def rounded(values: Any) -> Array:
    """An array of numbers to a thousandth of a point."""
    return Array([_decimal(value) for value in values])


def as_array(matrix: Matrix) -> Array:
    """The six numbers of a matrix."""
    return Array([Decimal(f"{value:.6f}") for value in matrix.shorthand])


def _decimal(value: float) -> Decimal:
    return Decimal(value).quantize(_ROUNDING).normalize() + 0

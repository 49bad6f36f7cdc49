"""What a page draws beside text, as far as layout needs it: straight rules and the places of pictures."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from shared.pdf.reading import address_of, pdfium, quick_call
from shared.pdf.text_page import Frame

#: Objects that are looked at on one page; a map or a plot has a million, and no table.
_MOST_OBJECTS = 20_000
_DEEPEST_FORM = 8
_MOST_SEGMENTS = 400
#: A filled stroke at most so thick is a rule, not an area. Points.
_THICKEST_RULE_POINTS = 3.0
#: A line may be out of true by so much. Points.
_TILT_POINTS = 0.8
_SHORTEST_RULE_POINTS = 4.0
_SMALLEST_PICTURE_POINTS = 8.0

_kind = quick_call(pdfium.FPDFPageObj_GetType, ctypes.c_int, ctypes.c_void_p)
_object_at = quick_call(pdfium.FPDFPage_GetObject, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_get_bounds = quick_call(pdfium.FPDFPageObj_GetBounds, ctypes.c_int, *[ctypes.c_void_p] * 5)
_get_draw_mode = quick_call(pdfium.FPDFPath_GetDrawMode, ctypes.c_int, *[ctypes.c_void_p] * 3)
#: Where these calls write. pdfium works in one thread at a time, so that one place is enough.
_EDGES, _MODES = (ctypes.c_float * 4)(), (ctypes.c_int * 2)()
_EDGE_ADDRESSES = [ctypes.addressof(_EDGES) + 4 * n for n in range(4)]
_MODE_ADDRESSES = [ctypes.addressof(_MODES) + 4 * n for n in range(2)]

#: a, b, c, d, e, f of a transformation.
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal or vertical line in points of the shown page: at `place`, from `start` to `end`."""

    place: float
    start: float
    end: float
    #: False for the edge of a filled area, which separates as well as a line and is none.
    drawn: bool = True


@dataclass(frozen=True, slots=True)
class Area:
    """A box filled with one colour (`#rrggbb`), in points of the shown page."""

    left: float
    top: float
    right: float
    bottom: float
    color: str


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """A picture and the box that it fills, in points of the shown page. `handle` lives as long as its page."""

    left: float
    top: float
    right: float
    bottom: float
    handle: Any


@dataclass
class Drawings:
    """Rules and pictures of a page."""

    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)
    pictures: list[PlacedPicture] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    #: More was drawn than was looked at.
    cut_short: bool = False


def drawings_of(page: Any, frame: Frame, *, looks: bool = True) -> Drawings:
    """Look through the objects of an open page, and those of the forms that it draws.

    Without `looks` only for rules, in half the time: no pictures, no filled areas.
    """
    found = Drawings()
    width, height = frame.size
    for number, (handle, kind, matrix) in enumerate(_objects(page)):
        if number >= _MOST_OBJECTS:
            found.cut_short = True
            break
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            _add_path(found, handle, matrix, frame, looks=looks)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE and looks:
            left, top, right, bottom = frame.shown(*_bounds(handle, matrix))
            left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
            if min(right - left, bottom - top) >= _SMALLEST_PICTURE_POINTS:
                picture = ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT)
                found.pictures.append(PlacedPicture(left, top, right, bottom, picture))
    return found


def _objects(page: Any) -> Iterator[tuple[int, int, Matrix]]:
    address = address_of(page)
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        handle = _object_at(address, index)
        kind = _kind(handle) if handle else 0
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _inside(ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT), IDENTITY, 0)
        elif kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
            yield handle, kind, IDENTITY


def _inside(form: Any, outer: Matrix, depth: int) -> Iterator[tuple[int, int, Matrix]]:
    if depth >= _DEEPEST_FORM:
        return
    matrix = _times(_matrix(form), outer)
    for index in range(max(pdfium.FPDFFormObj_CountObjects(form), 0)):
        handle = pdfium.FPDFFormObj_GetObject(form, index)
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _inside(handle, matrix, depth + 1)
        elif kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
            yield address_of(handle), kind, matrix


def _matrix(handle: Any) -> Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(handle, matrix):
        return IDENTITY
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _point(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _bounds(handle: int, matrix: Matrix) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of an object in the page's own coordinates."""
    _get_bounds(handle, *_EDGE_ADDRESSES)
    left, bottom, right, top = _EDGES
    if matrix is IDENTITY:
        return left, bottom, right, top
    corners = [_point(x, y, matrix) for x in (left, right) for y in (bottom, top)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _add_path(found: Drawings, handle: int, outer: Matrix, frame: Frame, *, looks: bool) -> None:
    _get_draw_mode(handle, *_MODE_ADDRESSES)
    filled, stroked = _MODES
    if not filled and not stroked:
        return
    left, top, right, bottom = frame.shown(*_bounds(handle, outer))
    width, height = frame.size
    thin = right - left <= _THICKEST_RULE_POINTS or bottom - top <= _THICKEST_RULE_POINTS
    if thin and not looks:
        _add_line(found, left, top, right, bottom, drawn=True)
        return
    path = ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT)
    color = _fill_color(path) if filled else ""
    if looks and color and right > left and bottom > top and _is_rectangle(path):
        found.areas.append(Area(max(left, 0), max(top, 0), min(right, width), min(bottom, height), color))
    if right - left > 0.98 * width and bottom - top > 0.98 * height:
        return
    if thin:
        _add_line(found, left, top, right, bottom, drawn=bool(stroked) or not color)
    elif stroked or (color and color != "#ffffff"):
        _add_edges(found, path, outer, frame, drawn=bool(stroked))


def _is_rectangle(path: Any) -> bool:
    """Whether a path has four or five corners and only upright edges."""
    count = pdfium.FPDFPath_CountSegments(path)
    if count not in (4, 5):
        return False
    x, y = ctypes.c_float(), ctypes.c_float()
    corners = []
    for index in range(count):
        pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFPath_GetPathSegment(path, index), x, y)
        corners.append((x.value, y.value))
    return all(min(abs(a - c), abs(b - d)) < _TILT_POINTS for (a, b), (c, d) in pairwise(corners))


def _fill_color(path: Any) -> str:
    """The colour that a path is filled with; empty where it is transparent or a pattern."""
    red, green, blue, opacity = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(path, red, green, blue, opacity) or opacity.value == 0:
        return ""
    return f"#{red.value:02x}{green.value:02x}{blue.value:02x}"


def _add_line(found: Drawings, left: float, top: float, right: float, bottom: float, *, drawn: bool) -> None:
    if right - left >= max(bottom - top, _SHORTEST_RULE_POINTS):
        found.horizontal.append(Rule((top + bottom) / 2, left, right, drawn))
    elif bottom - top >= _SHORTEST_RULE_POINTS:
        found.vertical.append(Rule((left + right) / 2, top, bottom, drawn))


def _add_edges(found: Drawings, path: Any, outer: Matrix, frame: Frame, *, drawn: bool) -> None:
    """The straight, upright edges of a path."""
    count = pdfium.FPDFPath_CountSegments(path)
    if not 0 < count <= _MOST_SEGMENTS:
        return
    matrix = _times(_matrix(path), outer)
    begun = last = (0.0, 0.0)
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        place = _point(x.value, y.value, matrix)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            begun = place
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            _add_edge(found, last, place, frame, drawn=drawn)
        last = place
        if pdfium.FPDFPathSegment_GetClose(segment):
            _add_edge(found, last, begun, frame, drawn=drawn)
            last = begun


def _add_edge(
    found: Drawings, one: tuple[float, float], other: tuple[float, float], frame: Frame, *, drawn: bool
) -> None:
    if min(abs(one[0] - other[0]), abs(one[1] - other[1])) > _TILT_POINTS:
        return
    (left, right), (bottom, top) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    _add_line(found, *frame.shown(left, bottom, right, top), drawn=drawn)

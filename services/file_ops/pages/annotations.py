"""Moves the annotations of a page, links and form fields among them."""

from __future__ import annotations

import math
import re
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name, Stream

from services.file_ops.pages.geometry import as_array, moved_box, number, numbers, rounded, scale_of, short

ObjectId = tuple[int, int]

#: Entries of annotations that hold points: x and y in turn (ISO 32000-2, 12.5.6).
_POINTS = ("/QuadPoints", "/L", "/Vertices", "/CL")
_FONT_SIZE = re.compile(rb"([\d.]+)(\s+Tf\b)")


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
        annotation["/BS"] = Dictionary({**dict(style.items()), "/W": short(width * scale)})
    border = annotation.get("/Border")
    if isinstance(border, Array) and len(border) >= 3 and (width := number(border[2])) is not None:
        annotation["/Border"] = Array([*list(border)[:2], short(width * scale), *list(border)[3:]])
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

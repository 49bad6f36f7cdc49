"""Straightens a tilted page: its content is drawn turned, and stays coded as it is."""

from __future__ import annotations

from math import cos, radians, sin
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary

from services.ocr.pages.text_layer import contents_of
from shared.pdf.text_page import Frame

#: What is less is not seen; what is more is no carelessness at the scanner.
LEAST_DEGREES, MOST_DEGREES = 0.2, 15.0
_CORNERS = 4

Matrix = tuple[float, float, float, float, float, float]


def straighten(pdf: pikepdf.Pdf, page: pikepdf.Page, skew_degrees: float, frame: Frame) -> bool:
    """Turn what a page shows by its skew (clockwise positive) about its middle, with its links, fields and notes.

    Corners of the paper that leave the page are not shown any more, and white ones come in. Returns False, and
    changes nothing, for content that cannot be wrapped: it ends more states than it began.

    Raises pikepdf.PdfError where the content does not parse.
    """
    open_states = _open_states(page)
    if open_states is None:
        return False
    matrix = _turn(skew_degrees, frame)
    before = b"q " + b" ".join(b"%.6f" % value for value in matrix) + b" cm\n"
    after = b"\n" + b"Q " * (open_states + 1)
    page.obj.Contents = Array([pdf.make_stream(before), *contents_of(page), pdf.make_stream(after)])
    annotations: Any = page.obj.get("/Annots")
    for annotation in list(annotations) if isinstance(annotations, Array) else []:
        if isinstance(annotation, Dictionary):
            _move(annotation, matrix)
    return True


def _open_states(page: pikepdf.Page) -> int | None:
    depth = 0
    for instruction in pikepdf.parse_content_stream(page, "q Q"):
        depth += 1 if str(instruction.operator) == "q" else -1
        if depth < 0:
            return None
    return depth


def _turn(skew_degrees: float, frame: Frame) -> Matrix:
    across, up = (frame.left + frame.right) / 2, (frame.bottom + frame.top) / 2
    cosine, sine = cos(radians(skew_degrees)), sin(radians(skew_degrees))
    return (
        cosine,
        sine,
        -sine,
        cosine,
        across - cosine * across + sine * up,
        up - sine * across - cosine * up,
    )


def _move(annotation: Any, matrix: Matrix) -> None:
    """Turn the place of a link, field or note: its box keeps its size about its turned middle."""
    try:
        left, bottom, right, top = (float(edge) for edge in annotation.Rect)
        x, y = _moved((left + right) / 2, (bottom + top) / 2, matrix)
        width, height = abs(right - left) / 2, abs(top - bottom) / 2
        annotation.Rect = Array([round(edge, 3) for edge in (x - width, y - height, x + width, y + height)])
        points = [float(value) for value in annotation.get("/QuadPoints", [])]
    except (AttributeError, TypeError, ValueError, pikepdf.PdfError):
        # An annotation without a place shows nothing.
        return
    if points and len(points) % (2 * _CORNERS) == 0:
        moved = [_moved(x, y, matrix) for x, y in zip(points[::2], points[1::2], strict=True)]
        annotation.QuadPoints = Array([round(value, 3) for point in moved for value in point])


def _moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f

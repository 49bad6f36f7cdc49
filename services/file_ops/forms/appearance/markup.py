"""Draw comments that bring no appearance: lines, shapes, highlights, free text, borders of links."""

from __future__ import annotations

import math
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.file_ops.forms.appearance.default_appearance import color_operator, default_appearance
from services.file_ops.forms.appearance.frame import border_width, dash_of, rectangle
from services.file_ops.forms.appearance.text_layout import Box, several_lines
from services.file_ops.forms.names import text_of
from services.file_ops.lettering.letters import FontNames, Letters, show
from services.file_ops.marks.drawing import number

_Points = list[tuple[float, float]]
#: Length of the control arms of a Bezier curve that draws a quarter of a circle.
_ARC = 4 / 3 * (math.sqrt(2) - 1)
_LINE_PART = 1 / 14


def draw_markup(pdf: pikepdf.Pdf, annotation: Any) -> bool:
    """Give an annotation an appearance from its own entries (ISO 32000-2, 12.5.6). Returns False where none is due.

    Raises:
        ShapingNeeded, UncoveredCharacters: the text of a free text annotation cannot be set.
    """
    box = rectangle(annotation)
    if box is None:
        return False
    names, kind = FontNames(), text_of(annotation.get("/Subtype"))
    stroke = color_operator(annotation.get("/C"), stroke=True)
    match kind:
        case "Square" | "Circle" | "Line" | "Polygon" | "PolyLine" | "Ink":
            content = _shape(annotation, kind, box, stroke)
        case "Highlight" | "Underline" | "StrikeOut" | "Squiggly":
            content = _over_text(annotation, kind)
        case "FreeText":
            content = _free_text(pdf, annotation, box, names)
        case "Link":
            content = _link_border(annotation, box, stroke)
        case _:
            return False
    if not content:
        return False
    opacity = min(max(_number(annotation.get("/CA"), 1.0), 0.0), 1.0)
    state = Dictionary(Type=Name.ExtGState, ca=opacity, CA=opacity)
    if kind == "Highlight":
        state.BM = Name.Multiply
    look = pdf.make_stream(b"/State gs\n" + content)
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array(list(box))
    look.Resources = Dictionary(ExtGState=Dictionary(State=state), Font=Dictionary(names.fonts))
    annotation.AP = Dictionary(N=look)
    return True


def _shape(annotation: Any, kind: str, box: tuple[float, float, float, float], stroke: bytes | None) -> bytes:
    width = border_width(annotation)
    inside = color_operator(annotation.get("/IC")) if kind in ("Square", "Circle", "Polygon") else None
    line = stroke if width > 0 else None
    if not line and not inside:
        return b""
    parts = [part for part in (inside, line, f"{number(width)} w".encode(), _dashes(annotation)) if part]
    half = width / 2
    left, bottom, right, top = box[0] + half, box[1] + half, box[2] - half, box[3] - half
    match kind:
        case "Square":
            parts.append(f"{' '.join(map(number, (left, bottom, right - left, top - bottom)))} re".encode())
        case "Circle":
            parts.append(_ellipse(left, bottom, right, top))
        case "Ink":
            strokes = annotation.get("/InkList")
            for each in strokes if isinstance(strokes, Array) else ():
                parts.append(_path(_points(each)))
        case _:
            parts.append(_path(_points(annotation.get("/L" if kind == "Line" else "/Vertices"))))
    closed = b"h " if kind == "Polygon" else b""
    return b"\n".join([*parts, closed + (b"B" if line and inside else b"f" if inside else b"S")])


def _over_text(annotation: Any, kind: str) -> bytes:
    corners = _points(annotation.get("/QuadPoints"))
    parts = []
    for at in range(0, len(corners) - 3, 4):
        # In practice, against the words of the specification: upper left, upper right, lower left, lower right.
        upper_left, upper_right, lower_left, lower_right = corners[at : at + 4]
        if kind == "Highlight":
            parts.append(_path([upper_left, upper_right, lower_right, lower_left]) + b" h f")
            continue
        height = math.dist(upper_left, lower_left)
        raised = 0.45 if kind == "StrikeOut" else 0.08
        start, end = _between(lower_left, upper_left, raised), _between(lower_right, upper_right, raised)
        parts.append(f"{number(max(height * _LINE_PART, 0.3))} w".encode())
        parts.append((_wave(start, end, height / 8) if kind == "Squiggly" else _path([start, end])) + b" S")
    if not parts:
        return b""
    color = color_operator(annotation.get("/C"), stroke=kind != "Highlight")
    default = b"1 1 0 rg" if kind == "Highlight" else b"0 G"
    return b"\n".join([color or default, *parts])


def _free_text(pdf: pikepdf.Pdf, annotation: Any, box: tuple[float, float, float, float], names: FontNames) -> bytes:
    text, style = text_of(annotation.get("/Contents")) or "", default_appearance(annotation.get("/DA"))
    width, background = border_width(annotation), color_operator(annotation.get("/C"))
    half = width / 2
    sides = (box[0] + half, box[1] + half, box[2] - box[0] - width, box[3] - box[1] - width)
    area = " ".join(map(number, sides)).encode()
    parts = [b"%s %s re f" % (background, area)] if background else []
    if width > 0:
        parts.append(b"0 G %s w %s re S" % (number(width).encode(), area))
    letters = Letters(pdf, [text])
    alignment = annotation.get("/Q")
    room = Box(
        box[0] + 2 + width, box[1] + 2, sides[2] - 4, sides[3] - 4, alignment if isinstance(alignment, int) else 0
    )
    layout = several_lines(text, room, style.size_points, letters.line)
    parts += [b"BT", style.color]
    for line in layout.lines:
        parts.append(f"1 0 0 1 {number(line.x)} {number(line.y)} Tm".encode())
        parts.append(show(line.runs, layout.size_points, names))
    return b"\n".join([*parts, b"ET"])


def _link_border(annotation: Any, box: tuple[float, float, float, float], stroke: bytes | None) -> bytes:
    width = border_width(annotation)
    if width <= 0:
        return b""
    half = width / 2
    sides = (box[0] + half, box[1] + half, box[2] - box[0] - width, box[3] - box[1] - width)
    parts = [stroke or b"0 G", f"{number(width)} w".encode(), _dashes(annotation)]
    return b"\n".join(part for part in (*parts, f"{' '.join(map(number, sides))} re S".encode()) if part)


def _dashes(annotation: Any) -> bytes:
    style = annotation.get("/BS")
    if isinstance(style, Dictionary) and style.get("/S") == Name.D:
        return f"[{' '.join(map(number, dash_of(style.get('/D'))))}] 0 d".encode()
    return b""


def _ellipse(left: float, bottom: float, right: float, top: float) -> bytes:
    x, y, rx, ry = (left + right) / 2, (bottom + top) / 2, (right - left) / 2, (top - bottom) / 2
    ax, ay = rx * _ARC, ry * _ARC
    curves = [
        (right, y + ay, x + ax, top, x, top),
        (x - ax, top, left, y + ay, left, y),
        (left, y - ay, x - ax, bottom, x, bottom),
        (x + ax, bottom, right, y - ay, right, y),
    ]
    drawn = " ".join(" ".join(map(number, curve)) + " c" for curve in curves)
    return f"{number(right)} {number(y)} m {drawn}".encode()


def _wave(start: tuple[float, float], end: tuple[float, float], step: float) -> bytes:
    steps = max(int(math.dist(start, end) / max(step, 0.5)), 1)
    points = []
    for index in range(min(steps, 2000) + 1):
        x, y = _between(start, end, index / steps)
        points.append((x, y + (step / 2 if index % 2 else 0)))
    return _path(points)


def _path(points: _Points) -> bytes:
    return " ".join(f"{number(x)} {number(y)} {'l' if index else 'm'}" for index, (x, y) in enumerate(points)).encode()


def _points(numbers: Any) -> _Points:
    try:
        values = [float(each) for each in numbers] if isinstance(numbers, Array) else []
    except (TypeError, ValueError):
        return []
    return list(zip(values[::2], values[1::2], strict=False))


def _between(start: tuple[float, float], end: tuple[float, float], part: float) -> tuple[float, float]:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _number(value: Any, otherwise: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return otherwise

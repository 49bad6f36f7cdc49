"""The frame of a widget: its upright box, its turn, its background and border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pikepdf import Array, Dictionary

from services.file_ops.forms.appearance.default_appearance import color_operator
from services.file_ops.forms.names import text_of
from services.file_ops.marks.drawing import number


@dataclass(frozen=True)
class Frame:
    """The box that an appearance is drawn in, (0, 0) to (width, height), upright for who reads it."""

    width: float
    height: float
    matrix: list[float]
    border_width: float
    style: str
    background: bytes | None
    border: bytes | None
    dash: list[float]

    @property
    def inset(self) -> float:
        """The width of the frame itself: beveled and inset borders are drawn twice as wide."""
        return max(self.border_width, 1.0) * (2 if self.style in ("B", "I") else 1)

    def drawn(self) -> bytes:
        """The operators that draw background and border; empty where there is neither."""
        parts = []
        if self.background:
            parts.append(b"q %s 0 0 %s re f Q" % (self.background, self._size()))
        if self.border and self.border_width > 0:
            parts.append(b"q %s %s w" % (self.border, number(self.border_width).encode()))
            half = self.border_width / 2
            if self.style == "D":
                parts.append(f"[{' '.join(map(number, self.dash))}] 0 d".encode())
            if self.style == "U":
                parts.append(f"0 {number(half)} m {number(self.width)} {number(half)} l S Q".encode())
            else:
                sides = (half, half, self.width - 2 * half, self.height - 2 * half)
                parts.append(f"{' '.join(map(number, sides))} re S Q".encode())
        if self.border and self.style in ("B", "I"):
            parts.append(self._bevel())
        return b"\n".join(parts)

    def dividers(self, cells: int) -> bytes:
        """The lines between the cells of a comb: drawn, as Acrobat does, where the border is a plain line."""
        if not self.border or self.border_width <= 0 or self.style not in ("S", "D"):
            return b""
        step, top = self.width / cells, number(self.height)
        lines = " ".join(f"{number(step * at)} 0 m {number(step * at)} {top} l" for at in range(1, cells))
        return b"q %s %s w %s S Q" % (self.border, number(self.border_width).encode(), lines.encode())

    def _bevel(self) -> bytes:
        """The light and dark edges of a beveled or inset border (white and grey, as Acrobat draws them)."""
        light, dark = (b"1 g", b"0.75 g") if self.style == "B" else (b"0.5 g", b"0.75 g")
        b, w, h = self.border_width, self.width, self.height
        near, far = number(b), number(2 * b)
        upper = f"{near} {near} m {near} {number(h - b)} l {number(w - b)} {number(h - b)} l "
        upper += f"{number(w - 2 * b)} {number(h - 2 * b)} l {far} {number(h - 2 * b)} l {far} {far} l f"
        lower = f"{number(w - b)} {number(h - b)} m {number(w - b)} {near} l {near} {near} l "
        lower += f"{far} {far} l {number(w - 2 * b)} {far} l {number(w - 2 * b)} {number(h - 2 * b)} l f"
        return b"q %s %s %s %s Q" % (light, upper.encode(), dark, lower.encode())

    def _size(self) -> bytes:
        return f"{number(self.width)} {number(self.height)}".encode()


def rectangle(annotation: Any) -> tuple[float, float, float, float] | None:
    """Left, bottom, right, top of an annotation; None where it has no area."""
    try:
        x0, y0, x1, y1 = (float(side) for side in annotation.Rect)
    except (AttributeError, TypeError, ValueError, KeyError):
        return None
    box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    return box if box[2] - box[0] > 0 and box[3] - box[1] > 0 else None


def frame_of(annotation: Any) -> Frame | None:
    """The frame that a widget asks for (ISO 32000-2, 12.5.6.19); None where it has no area."""
    box = rectangle(annotation)
    if box is None:
        return None
    looks = annotation.get("/MK")
    looks = looks if isinstance(looks, Dictionary) else Dictionary()
    width, height = box[2] - box[0], box[3] - box[1]
    turn = int(_number(looks.get("/R"), 0)) % 360 // 90 * 90
    matrix = {
        90: [0.0, 1.0, -1.0, 0.0, width, 0.0],
        180: [-1.0, 0.0, 0.0, -1.0, width, height],
        270: [0.0, -1.0, 1.0, 0.0, 0.0, height],
    }.get(turn, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    if turn in (90, 270):
        width, height = height, width
    style = annotation.get("/BS")
    style = style if isinstance(style, Dictionary) else Dictionary()
    return Frame(
        width,
        height,
        matrix,
        border_width(annotation),
        text_of(style.get("/S")) or "S",
        color_operator(looks.get("/BG")),
        color_operator(looks.get("/BC"), stroke=True),
        dash_of(style.get("/D")),
    )


def border_width(annotation: Any) -> float:
    """The width of an annotation's border in points: 1 unless it says otherwise."""
    style, border = annotation.get("/BS"), annotation.get("/Border")
    if isinstance(style, Dictionary):
        return max(_number(style.get("/W"), 1.0), 0.0)
    if isinstance(border, Array) and len(border) >= 3:
        return max(_number(border[2], 1.0), 0.0)
    return 1.0


def dash_of(pattern: Any) -> list[float]:
    """The dashes of a border: 3 points unless it says otherwise."""
    lengths = [_number(each, 0.0) for each in pattern] if isinstance(pattern, Array) else []
    return lengths if lengths and all(each >= 0 for each in lengths) and sum(lengths) > 0 else [3.0]


def _number(value: Any, otherwise: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return otherwise

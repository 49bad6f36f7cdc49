"""A few lines of text as one drawing, centred upon each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pikepdf

from services.file_ops.lettering.faces import Face
from services.file_ops.lettering.letters import FontNames, Letters, lines_of, show, width_points
from services.file_ops.marks.drawing import fill_color, form_xobject, number

#: Distance of two baselines, in font sizes.
_LEADING = 1.2


@dataclass(frozen=True)
class TextBlock:
    """A drawn text: its form XObject and its size at the font size that it was made for."""

    form: Any
    width_points: float
    height_points: float


def text_block(
    pdf: pikepdf.Pdf, letters: Letters, text: str, size_points: float, color: str, face: Face | None = None
) -> TextBlock:
    """Draw the lines of `text` within the box that their letters need."""
    lines = [letters.line(line, face) for line in lines_of(text)]
    faces = [run.face for line in lines for run in line] or [letters.standard()]
    ascent = max(each.ascent for each in faces) * size_points / 1000
    descent = min(each.descent for each in faces) * size_points / 1000
    width = max(width_points(line, size_points) for line in lines)
    height = ascent - descent + (len(lines) - 1) * _LEADING * size_points
    names = FontNames()
    parts = [b"BT", fill_color(color)]
    for index, line in enumerate(lines):
        x = (width - width_points(line, size_points)) / 2
        y = height - ascent - index * _LEADING * size_points
        parts += [f"1 0 0 1 {number(x)} {number(y)} Tm".encode(), show(line, size_points, names)]
    parts.append(b"ET")
    form = form_xobject(pdf, b"\n".join(parts), width, height, {"/Font": names.fonts})
    return TextBlock(form, width, height)

"""Draws the boxes that cover what was removed, and their labels."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

from services.file_ops.protection.content.geometry import Rect
from services.file_ops.protection.content.resources import Resources

#: A label is as high as this share of its box, and as wide at most; Helvetica's letters are about half as wide as
#: they are high.
_LABEL_HEIGHT, _LABEL_WIDTH, _LETTER_WIDTH = 0.6, 0.9, 0.56
_DARK = 0.5


def rgb(color: str) -> tuple[int, int, int]:
    """`#rrggbb` as three bytes."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def cover(pdf: pikepdf.Pdf, page: Any, rects: list[Rect], color: str) -> None:
    """Draw filled boxes over everything else on a page whose content leaves the graphics state as it was."""
    fill = " ".join(f"{level / 255:.4f}" for level in rgb(color))
    boxes = "".join(
        f"{rect.left:.3f} {rect.bottom:.3f} {rect.right - rect.left:.3f} {rect.top - rect.bottom:.3f} re "
        for rect in rects
    )
    _append(pdf, page, f"/Artifact BMC q {fill} rg {boxes}f Q EMC".encode())


def label(pdf: pikepdf.Pdf, page: Any, rects: list[Rect], color: str, text: str) -> None:
    """Write a text into the middle of each box, black or white, whichever shows."""
    resources = Resources(page.get("/Resources"))
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    name = str(resources.add("/Font", pdf.make_indirect(helvetica)))
    page.Resources = resources.current
    red, green, blue = rgb(color)
    ink = 1 if (0.3 * red + 0.59 * green + 0.11 * blue) / 255 < _DARK else 0
    shown = pikepdf.unparse_content_stream([([pikepdf.String(text)], pikepdf.Operator("Tj"))]).decode("latin-1")
    parts = []
    for rect in rects:
        width, height = rect.right - rect.left, rect.top - rect.bottom
        size = min(height * _LABEL_HEIGHT, width * _LABEL_WIDTH / (_LETTER_WIDTH * len(text)))
        x = (rect.left + rect.right - size * _LETTER_WIDTH * len(text)) / 2
        y = (rect.bottom + rect.top) / 2 - size * 0.35
        parts.append(f"BT {name} {size:.3f} Tf {x:.3f} {y:.3f} Td {shown} ET")
    _append(pdf, page, f"/Artifact BMC q {ink} g {' '.join(parts)} Q EMC".encode("latin-1"))


def _append(pdf: pikepdf.Pdf, page: Any, content: bytes) -> None:
    pikepdf.Page(page).contents_add(pdf.make_stream(b"\n" + content), prepend=False)

"""The gate of the font step: draws every used character of a font with the old and the new program and compares.

The mean similarity of pages does not notice a wrong letter (with a dropped cmap it was still 0.96), and pages show
only some characters. A glyph sheet shows each code that the PDF draws, once, in a cell of its own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name

from services.compression.fonts.embedded import FontUser

#: Two sheets count as the same from this similarity on, measured in the cell where they differ most.
LEAST_SIMILARITY = 0.9999
_CELL_PX = 32
_FONT_SIZE_PX = 20
_ORIGIN_PX = (5, 9)
_COLUMNS = 16
_ROWS = 32
#: Constants of the structural similarity (Wang et al. 2004) for 8 bits.
_LUMA_GUARD = (0.01 * 255) ** 2
_CONTRAST_GUARD = (0.03 * 255) ** 2


@dataclass(frozen=True)
class Likeness:
    """How alike two sheets are: similarity of the worst cell, from 0 to 1, and whether text reads the same."""

    similarity: float
    same_pixels: bool
    same_text: bool

    @property
    def passes(self) -> bool:
        """Whether nobody could tell the two fonts apart."""
        return self.same_text and self.similarity >= LEAST_SIMILARITY


def compare_fonts(
    before: Sequence[FontUser], after: Sequence[FontUser], change: Callable[[list[FontUser]], None] | None = None
) -> Likeness:
    """Draw the codes of `before` with both lists of fonts and return how alike the sheets are.

    `change`, if given, is done to copies of the `after` fonts before they are drawn: so a change can be tried without
    touching the PDF.
    """
    if not any(user.codes for user in before):
        return Likeness(similarity=1.0, same_pixels=True, same_text=True)
    with closing(_drawn(before, before, None)) as old, closing(_drawn(after, before, change)) as new:
        similarity, same_pixels, same_text = 1.0, True, True
        for page_before, page_after in zip(old, new, strict=True):
            pixels_before, pixels_after = _pixels(page_before), _pixels(page_after)
            if not np.array_equal(pixels_before, pixels_after):
                same_pixels = False
                similarity = min(similarity, _worst_cell(pixels_before, pixels_after))
            same_text = same_text and _text(page_before) == _text(page_after)
        return Likeness(similarity, same_pixels, same_text)


def _drawn(
    fonts: Sequence[FontUser], codes_of: Sequence[FontUser], change: Callable[[list[FontUser]], None] | None
) -> pypdfium2.PdfDocument:
    """Return a document with the glyph sheets of `fonts`."""
    sheet = pikepdf.new()
    copies = [FontUser(sheet.copy_foreign(user.font), user.codes, user.is_form_font) for user in fonts]
    if change:
        change(copies)
    for copy, user in zip(copies, codes_of, strict=True):
        ordered = sorted(user.codes)
        for first in range(0, len(ordered), _COLUMNS * _ROWS):
            codes = ordered[first : first + _COLUMNS * _ROWS]
            page = Dictionary(
                Type=Name.Page,
                MediaBox=[0, 0, _COLUMNS * _CELL_PX, -(-len(codes) // _COLUMNS) * _CELL_PX],
                Resources=Dictionary(Font=Dictionary(F=copy.font)),
                Contents=sheet.make_stream(_content(codes, 4 if user.is_composite else 2)),
            )
            sheet.pages.append(pikepdf.Page(sheet.make_indirect(page)))
    file = io.BytesIO()
    sheet.save(file, compress_streams=False)
    return pypdfium2.PdfDocument(file.getvalue())


def _content(codes: Sequence[int], digits: int) -> bytes:
    lines = [f"BT /F {_FONT_SIZE_PX} Tf"]
    for place, code in enumerate(codes):
        row, column = divmod(place, _COLUMNS)
        left, bottom = column * _CELL_PX + _ORIGIN_PX[0], row * _CELL_PX + _ORIGIN_PX[1]
        lines.append(f"1 0 0 1 {left} {bottom} Tm <{code:0{digits}x}> Tj")
    return "\n".join([*lines, "ET"]).encode("ascii")


def _pixels(page: pypdfium2.PdfPage) -> np.ndarray:
    return np.asarray(page.render(scale=1, grayscale=True).to_numpy()).reshape(
        round(page.get_height()), round(page.get_width())
    )


def _text(page: pypdfium2.PdfPage) -> str:
    text_page = page.get_textpage()
    try:
        return str(text_page.get_text_range())
    finally:
        text_page.close()


def _worst_cell(before: np.ndarray, after: np.ndarray) -> float:
    """Return the structural similarity of the cell where it is lowest."""
    first, second = (
        pixels.reshape(-1, _CELL_PX, _COLUMNS, _CELL_PX)
        .transpose(0, 2, 1, 3)
        .reshape(-1, _CELL_PX**2)
        .astype(np.float64)
        for pixels in (before, after)
    )
    mean_1, mean_2 = first.mean(1), second.mean(1)
    covariance = ((first - mean_1[:, None]) * (second - mean_2[:, None])).mean(1)
    structure = (2 * covariance + _CONTRAST_GUARD) / (first.var(1) + second.var(1) + _CONTRAST_GUARD)
    luma = (2 * mean_1 * mean_2 + _LUMA_GUARD) / (mean_1**2 + mean_2**2 + _LUMA_GUARD)
    return float((structure * luma).min())

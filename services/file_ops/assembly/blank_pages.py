"""Pages on which nothing can be seen, as the sheets between scanned documents are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2

from shared.errors import DamagedFile
from shared.operation import Report

#: Enough to see a line of text, little enough to take some 5 ms a page.
_DPI = 36
_POINTS_PER_INCH = 72
#: Longest side that is rendered, in pixels, however large the page claims to be.
_LONGEST_PIXELS = 1500
#: Scanners leave shadows, holes and staples at the edges.
_MARGIN_PERCENT = 5
#: So much darker than the paper is ink, of 255: more than paper grain and what shows through from the other side.
_INK_CONTRAST = 40
#: A page number alone covers about 0.02 % of A4, the dust of a scan less than 0.01 %.
_INK_PERCENT = 0.01


def blank_pages(source: Path, password: str | None, pages: int, *, report: Report) -> list[int]:
    """The numbers, from 0, of the pages that show no ink: by their looks, so that empty scans count too.

    Raises:
        DamagedFile: the document cannot be rendered.
    """
    try:
        document = pypdfium2.PdfDocument(source, password=password)
        document.init_forms()
    except pypdfium2.PdfiumError as error:
        raise DamagedFile() from error
    with document:
        if len(document) != pages:
            raise DamagedFile()
        blank = []
        for number in range(pages):
            report(number, pages, "Looking for blank pages")
            if _is_blank(document, number):
                blank.append(number)
        return blank


def _is_blank(document: pypdfium2.PdfDocument, number: int) -> bool:
    try:
        page = document[number]
        width, height = page.get_size()
        scale = min(_DPI / _POINTS_PER_INCH, _LONGEST_PIXELS / max(width, height, 1))
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=True)
    except pypdfium2.PdfiumError:
        # What cannot be drawn may hold anything.
        return False
    shades = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)
    down, across = (side * _MARGIN_PERCENT // 100 for side in shades.shape)
    middle = shades[down : shades.shape[0] - down or None, across : shades.shape[1] - across or None]
    if middle.size == 0:
        return False
    paper = float(np.median(middle))
    ink = np.count_nonzero(np.abs(middle.astype(np.int16) - paper) > _INK_CONTRAST)
    return bool(ink * 100 < _INK_PERCENT * middle.size)

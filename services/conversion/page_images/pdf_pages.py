"""The pages of a PDF, drawn by pdfium with their forms and annotations."""

from __future__ import annotations

import pypdfium2

from services.conversion.page_images.sizes import Size
from shared.pdf.drawing import Pixels, Raster, draw, opened, raster_of
from shared.pdf.reading import pdfium

#: A PDF has no resolution of its own.
_DPI = 150


class PdfPages:
    """An open document."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document
        self.count = len(document)

    @property
    def notes(self) -> list[str]:
        """What a caller should know of how this document is drawn."""
        if self._document.get_formtype() in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
            return ["The file is an XFA form: its pages show what viewers without XFA show."]
        return []

    def draw(self, index: int, size: Size, *, transparent: bool = False) -> tuple[Pixels, Raster]:
        """Draw a page, counted from 0, on white paper or on none. Raises UnreadablePage."""
        with opened(self._document, index) as page:
            raster = raster_of(
                page,
                dpi=size.dpi or _DPI,
                long_edge_pixels=size.long_edge_pixels,
                most_side_pixels=size.most_side_pixels,
            )
            return draw(page, raster, transparent=transparent), raster

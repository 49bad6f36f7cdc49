"""What can be drawn page by page: the pages of a PDF, and the frames of a picture file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from services.conversion.page_images.pdf_pages import PdfPages
from services.conversion.page_images.picture_pages import PicturePages, open_picture
from services.conversion.page_images.sizes import Size
from shared.media_types import IMAGES
from shared.operation import InputFile
from shared.pdf.drawing import Pixels, Raster, open_for_drawing

_PICTURES = frozenset(kind.name for kind in IMAGES)


class Pages(Protocol):
    """A document that is drawn one page at a time."""

    @property
    def count(self) -> int:
        """How many pages there are."""

    @property
    def notes(self) -> list[str]:
        """What a caller should know of how this document is drawn."""

    def draw(self, index: int, size: Size, *, transparent: bool = False) -> tuple[Pixels, Raster]:
        """Draw a page, counted from 0, on white paper or on none. Raises UnreadablePage."""


@contextmanager
def open_pages(source: Path, document: InputFile, password: str | None) -> Iterator[Pages]:
    """Open `source`, which holds what the caller sent as `document`: a picture is read as it is, else a PDF.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.errors`.
    """
    if source == document.path and document.media_type in _PICTURES:
        with open_picture(source) as picture:
            yield PicturePages(picture)
    else:
        with open_for_drawing(source, password) as pdf:
            yield PdfPages(pdf)

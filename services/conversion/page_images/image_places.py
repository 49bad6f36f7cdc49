"""Where a PDF's pages draw which images: found by pdfium as it would draw them, known again by their coded bytes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2

from shared.errors import TooComplex
from shared.pdf.drawing import POINTS_PER_INCH, opened
from shared.pdf.reading import UnreadablePage, pdfium

#: Forms within forms; pdfium itself stops soon after.
_DEEPEST = 12
_MOST_DRAWN = 100_000


@dataclass
class Drawn:
    """An image as pages draw it."""

    width: int
    height: int
    #: Pages that draw it, counted from 0, in their order.
    pages: list[int] = field(default_factory=list)
    #: The resolution at its largest placement, the lower of both directions.
    dpi: float | None = None


def digest(data: bytes) -> bytes:
    """By which an image is known again."""
    return hashlib.sha256(data).digest()


def find_places(document: pypdfium2.PdfDocument, pages: Iterable[int]) -> dict[bytes, Drawn]:
    """The images that the given pages draw, by the digest of their coded bytes, in the order of pages.

    Images in patterns and annotations are not found. Raises TooComplex where more than 100,000 are drawn.
    """
    found: dict[bytes, Drawn] = {}
    count = 0
    for index in sorted(set(pages)):
        try:
            with opened(document, index) as page:
                for item in images_on(page):
                    count += 1
                    if count > _MOST_DRAWN:
                        raise TooComplex(f"The pages draw more than {_MOST_DRAWN:,} images.")
                    _note(found, index, item)
        except UnreadablePage:
            continue
    return found


def images_on(page: pypdfium2.PdfPage) -> Iterator[Any]:
    """The image objects of a page, also those in its forms."""
    return page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEPEST)  # type: ignore[no-any-return]


def _note(found: dict[bytes, Drawn], index: int, item: Any) -> None:
    try:
        data, size = bytes(item.get_data(decode_simple=False)), item.get_px_size()
    except pypdfium2.PdfiumError:
        return
    drawn = found.setdefault(digest(data), Drawn(*size))
    if not drawn.pages or drawn.pages[-1] != index:
        drawn.pages.append(index)
    dpi = _dpi(item, *size)
    if dpi is not None and (drawn.dpi is None or dpi < drawn.dpi):
        drawn.dpi = dpi


def _dpi(item: Any, width: int, height: int) -> float | None:
    """Pixels per inch on the page, the lower of both directions; None for an image that is drawn flat."""
    a, b, c, d = 1.0, 0.0, 0.0, 1.0
    for matrix in _matrices(item):
        a, b, c, d = (
            a * matrix.a + b * matrix.c,
            a * matrix.b + b * matrix.d,
            c * matrix.a + d * matrix.c,
            c * matrix.b + d * matrix.d,
        )
    across, down = math.hypot(a, b), math.hypot(c, d)
    if not across or not down:
        return None
    return min(width / across, height / down) * POINTS_PER_INCH


def _matrices(item: Any) -> Iterator[Any]:
    """From the image's own matrix outwards through the forms that it stands in."""
    while item is not None:
        yield item.get_matrix()
        item = item.container

"""Compare pages before and after as a reader sees them, so that a step that hurt a page can be undone."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2

from services.compression.similarity import largest_shift, similarity

# It warns of every XFA form that it cannot run scripts for; pages are only looked at here.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)

_DPI = 100
#: A larger page is compared at a lower resolution.
_MAX_RASTER_PIXELS = 4_000_000
#: A region whose mean level moved by more than this lost something: a mask, an inversion, a colour space.
_BROKEN_SHIFT = 48.0

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PageComparison:
    """How one page, counted from 0, compares with its source."""

    page: int
    similarity: float
    #: Largest change of mean level, 0 to 255, of any square of 16 pixels.
    shift: float
    identical: bool

    def passes(self, floor: float, *, any_colour: bool) -> bool:
        """Whether the page may go out. A floor of 1.0 asks for identical pixels."""
        if floor >= 1.0:
            return self.identical
        return self.similarity >= floor and (any_colour or self.shift <= _BROKEN_SHIFT)


class PageGate:
    """The source's sampled pages, rendered once and compared with as many drafts as are tried."""

    def __init__(self, source: Path, password: str | None) -> None:
        self._source = source
        self._password = password
        self._before: dict[int, Pixels] = {}

    def compare(self, draft: Path, pages: Iterable[int]) -> list[PageComparison]:
        """Render and compare pages, counted from 0. Pages that the renderer cannot open in the source are skipped.

        A page that it opens in the source and not in the draft compares as 0.
        """
        wanted = list(pages)
        missing = [page for page in wanted if page not in self._before]
        if missing:
            self._before.update(_render(self._source, missing, self._password))
        after = _render(draft, [page for page in wanted if page in self._before], self._password)
        return [_compare(page, self._before[page], after.get(page)) for page in wanted if page in self._before]


def _compare(page: int, before: Pixels, after: Pixels | None) -> PageComparison:
    if after is None or after.shape != before.shape:
        return PageComparison(page, 0.0, 255.0, identical=False)
    if np.array_equal(before, after):
        return PageComparison(page, 1.0, 0.0, identical=True)
    alike = similarity(_luma(before), _luma(after))
    return PageComparison(page, alike, largest_shift(before, after), identical=False)


def _luma(pixels: Pixels) -> Pixels:
    """ITU-R 601 luma of blue, green, red."""
    blue, green, red = (pixels[..., channel].astype(np.uint16) for channel in range(3))
    return ((blue * 29 + green * 150 + red * 77) >> 8).astype(np.uint8)


def _render(path: Path, pages: list[int], password: str | None) -> dict[int, Pixels]:
    rendered: dict[int, Pixels] = {}
    try:
        document = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError:
        return rendered
    try:
        document.init_forms()
        for number in pages:
            if number < len(document):
                _render_page(document, number, rendered)
    finally:
        document.close()
    return rendered


def _render_page(document: Any, number: int, rendered: dict[int, Pixels]) -> None:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return
    width, height = page.get_size()
    scale = _DPI / 72
    scale *= min(1.0, (_MAX_RASTER_PIXELS / max(1.0, width * height * scale * scale)) ** 0.5)
    bitmap = page.render(scale=scale, no_smoothtext=False)
    rendered[number] = bitmap.to_numpy()[..., :3].copy()
    bitmap.close()
    page.close()

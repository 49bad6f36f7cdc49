"""Compare pages before and after as a reader sees them, so that a step that hurt a page can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.compression.rendering import Pixels, read_pages, render_pages
from services.compression.similarity import largest_shift, similarity

#: A region whose mean level moved by more than this lost something: a mask, an inversion, a colour space.
_BROKEN_SHIFT = 48.0


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
        self._texts: dict[int, str] = {}

    def compare(self, draft: Path, pages: Iterable[int]) -> list[PageComparison]:
        """Render and compare pages, counted from 0. Pages that the renderer cannot open in the source are skipped.

        A page that it opens in the source and not in the draft compares as 0.
        """
        wanted = list(pages)
        missing = [page for page in wanted if page not in self._before]
        if missing:
            self._before.update(render_pages(self._source, missing, self._password))
        after = render_pages(draft, [page for page in wanted if page in self._before], self._password)
        return [_compare(page, self._before[page], after.get(page)) for page in wanted if page in self._before]

    def reads_the_same(self, draft: Path, pages: list[int]) -> bool:
        """Whether pages, counted from 0, give the same text, white space apart, when it is extracted.

        A reader places blanks by the glyphs of a font: one that draws the same can still read differently.
        """
        missing = [page for page in pages if page not in self._texts]
        self._texts.update(read_pages(self._source, missing, self._password))
        readable = [page for page in pages if page in self._texts]
        after = read_pages(draft, readable, self._password)
        return all(self._texts[page].split() == after.get(page, "").split() for page in readable)


def _compare(page: int, before: Pixels, after: Pixels | None) -> PageComparison:
    if after is None or after.shape != before.shape:
        return PageComparison(page, 0.0, 255.0, identical=False)
    if np.array_equal(before, after):
        return PageComparison(page, 1.0, 0.0, identical=True)
    alike = similarity(luma_of(before), luma_of(after))
    return PageComparison(page, alike, largest_shift(before, after), identical=False)


def luma_of(pixels: Pixels) -> Pixels:
    """Return the ITU-R 601 luma of blue, green, red."""
    blue, green, red = (pixels[..., channel].astype(np.uint16) for channel in range(3))
    return ((blue * 29 + green * 150 + red * 77) >> 8).astype(np.uint8)

"""The pages of a document as words in rows, with their places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from services.ai.figures.value import Evidence
from shared.pdf.lines import Row, Run, rows_of, runs_of, turned
from shared.pdf.page_ranges import PageRanges, chosen_pages
from shared.pdf.reading import UnreadablePage, open_for_reading, open_page
from shared.pdf.text_page import open_text
from shared.pdf.words import Word, words_of


@dataclass(frozen=True)
class Page:
    """One page. Lengths in points from the upper left corner of the page as a viewer shows it."""

    #: Counted from 1, as in the file.
    number: int
    width: float
    height: float
    #: Those that run to the right; text that is turned (a stamp, a margin note) is no part of any table.
    words: list[Word]

    @cached_property
    def rows(self) -> list[Row]:
        """Runs of words that stand at one height, from top to bottom, each from left to right."""
        return rows_of(runs_of(self.words))

    def evidence(self, words: Sequence[Word]) -> Evidence:
        """The place of neighbouring words."""
        box = (
            min(word.left for word in words),
            min(word.top for word in words),
            max(word.right for word in words),
            max(word.bottom for word in words),
        )
        return Evidence(page=self.number, box=rounded(box), text=" ".join(word.text for word in words))


@dataclass(frozen=True)
class Document:
    """The pages that were asked for."""

    pages: list[Page]
    #: Pages that could not be read, by number.
    unreadable: list[int] = field(default_factory=list)

    @property
    def words(self) -> int:
        """How many words there are."""
        return sum(len(page.words) for page in self.pages)


def read(source: Path, password: str | None, pages: PageRanges | None) -> Document:
    """Read the chosen pages of a PDF.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.pdf.reading`.
        PagesOutOfRange: see `shared.pdf.page_ranges`.
    """
    found, unreadable = [], []
    with open_for_reading(source, password) as pdf:
        for index in sorted(set(chosen_pages(pages, len(pdf)))):
            try:
                with open_page(pdf, index) as page, open_text(page) as text:
                    width, height = text.frame.size
                    upright = turned(words_of(text), (width, height)).get(0, [])
                    found.append(Page(index + 1, width, height, upright))
            except UnreadablePage:
                unreadable.append(index + 1)
    return Document(found, unreadable)


def words_in(runs: Iterable[Run]) -> list[Word]:
    """The words of runs, in their order."""
    return [word for run in runs for word in run.words]


def rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """A box to hundredths of a point."""
    left, top, right, bottom = box
    return round(left, 2), round(top, 2), round(right, 2), round(bottom, 2)

"""The pages of a document as words in rows, with their places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pikepdf

from services.ai.figures.value import Box, Evidence
from services.ai.reading.scan_words import rejoined
from services.ai.reading.tilt import levelled, tilt_of, tilted
from services.ai.reading.unseen import is_text_layer, without_unseen
from shared.pdf.layers import hidden_layers
from shared.pdf.lines import Row, Run, rows_of, runs_of, turned
from shared.pdf.open_document import open_written
from shared.pdf.page_ranges import PageRanges, chosen_pages
from shared.pdf.reading import UnreadablePage, open_for_reading, open_page
from shared.pdf.text_page import open_text
from shared.pdf.words import Word, words_of


@dataclass(frozen=True)
class Page:
    """One page, turned so that most of its text runs level to the right. Points from its upper left corner then.

    A page that a viewer shows upright is not turned.
    """

    #: Counted from 1, as in the file.
    number: int
    width: float
    height: float
    #: Those that run to the right; text that is turned (a stamp, a margin note) is no part of any table.
    words: list[Word]
    #: Where the text of the page runs to as a viewer shows it, clockwise: 0 to the right, 90 down, 180, 270 up.
    direction: int = 0
    #: How far the lines of a scan fall to the right of that, in degrees; here they are level.
    tilt_degrees: float = 0.0

    @cached_property
    def rows(self) -> list[Row]:
        """Runs of words that stand at one height, from top to bottom, each from left to right."""
        return rows_of(runs_of(self.words))

    @property
    def shown_size(self) -> tuple[float, float]:
        """Width and height in points, as a viewer shows the page."""
        return (self.width, self.height) if self.direction in (0, 180) else (self.height, self.width)

    def evidence(self, words: Sequence[Word]) -> Evidence:
        """The place of neighbouring words, on the page as a viewer shows it."""
        box = (
            min(word.left for word in words),
            min(word.top for word in words),
            max(word.right for word in words),
            max(word.bottom for word in words),
        )
        return Evidence(page=self.number, box=rounded(self._shown(box)), text=" ".join(word.text for word in words))

    def _shown(self, box: Box) -> Box:
        left, top, right, bottom = tilted(box, self.tilt_degrees) if self.tilt_degrees else box
        if self.direction == 90:
            return self.height - bottom, left, self.height - top, right
        if self.direction == 180:
            return self.width - right, self.height - bottom, self.width - left, self.height - top
        if self.direction == 270:
            return top, self.width - right, bottom, self.width - left
        return left, top, right, bottom


@dataclass(frozen=True)
class Document:
    """The pages that were asked for."""

    pages: list[Page]
    #: Pages that could not be read, by number.
    unreadable: list[int] = field(default_factory=list)
    #: By page: how many words stand in the file that nobody sees, and that are not read therefore.
    unseen: dict[int, int] = field(default_factory=dict)

    @property
    def remarks(self) -> list[str]:
        """What a person should know of the pages, in sentences."""
        told = []
        if self.unreadable:
            told.append(f"Pages that could not be read: {', '.join(map(str, self.unreadable))}.")
        if self.unseen:
            pages = ", ".join(map(str, self.unseen))
            told.append(
                f"{sum(self.unseen.values())} words are in the file that nobody sees on the page (white, tiny, covered "
                f"or invisible): they were not read. Pages: {pages}."
            )
        return told

    @property
    def words(self) -> int:
        """How many words there are."""
        return sum(len(page.words) for page in self.pages)


def read(source: Path, password: str | None, pages: PageRanges | None) -> Document:
    """Read the chosen pages of a PDF, without text on hidden layers and without text that nobody sees.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.pdf.reading`.
        PagesOutOfRange: see `shared.pdf.page_ranges`.
    """
    found, unreadable = [], []
    unseen: dict[int, int] = {}
    with open_for_reading(source, password) as pdf:
        layers = _hidden_layers(source, password)
        for index in sorted(set(chosen_pages(pages, len(pdf)))):
            try:
                with open_page(pdf, index) as page, open_text(page, layers) as text:
                    words = words_of(text)
                    seen = without_unseen(text, words)
                    scanned = is_text_layer(text, words)
                    found.append(_page(index + 1, text.frame.size, seen, scanned=scanned))
                if len(seen) < len(words):
                    unseen[index + 1] = len(words) - len(seen)
            except UnreadablePage:
                unreadable.append(index + 1)
    return Document(found, unreadable, unseen)


def _hidden_layers(source: Path, password: str | None) -> frozenset[str]:
    try:
        with open_written(source, password) as pdf:
            return hidden_layers(pdf)
    except (pikepdf.PdfError, ValueError, RuntimeError):
        # What only pdfium opens is read without a look at its layers.
        return frozenset()


def _page(number: int, size: tuple[float, float], words: list[Word], *, scanned: bool) -> Page:
    characters: Counter[int] = Counter()
    for word in words:
        characters[word.direction] += len(word.text) if len(word.text) > 1 else 0
    direction = max(characters, key=lambda each: characters[each], default=0)
    for word in words:
        # Of a single character nobody can tell where it runs to.
        if len(word.text) == 1:
            word.direction = direction
    width, height = reversed(size) if direction in (90, 270) else size
    upright = turned(words, size).get(direction, [])
    if not scanned:
        return Page(number, width, height, upright, direction)
    tilt = tilt_of(upright)
    level = levelled(upright, tilt) if tilt else upright
    return Page(number, width, height, rejoined(level), direction, tilt)


def words_in(runs: Iterable[Run]) -> list[Word]:
    """The words of runs, in their order."""
    return [word for run in runs for word in run.words]


def rounded(box: Box) -> Box:
    """A box to hundredths of a point."""
    left, top, right, bottom = box
    return round(left, 2), round(top, 2), round(right, 2), round(bottom, 2)

"""Rows of a document with the figures and dates in them: what tables and labels are read from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.ai.layout.amounts import Notation, decide
from services.ai.layout.currencies import NO_MINOR
from services.ai.layout.currencies import decide as decide_currency
from services.ai.layout.dates import PrintedDate, dates
from services.ai.layout.figures import Printed, figures, has_dashes_for_cells, is_spaced
from services.ai.layout.line import Line
from services.ai.layout.shape import shape_of
from services.ai.reading.document import Document, Page
from shared.pdf.lines import GAP_HEIGHTS, Row
from shared.pdf.words import Word

#: Kana, Hangul, the yen and the won.
_WITHOUT_CENTS = re.compile("[\u3040-\u30ff\uac00-\ud7af\u5186\u20a9]")
#: Pages with more words in one row are no documents of money.
_MAX_ROW_WORDS = 400


@dataclass(eq=False)
class TextRow:
    """One row of a page."""

    page: Page
    words: list[Word]
    figures: list[Printed]
    dates: list[PrintedDate]

    @cached_property
    def top(self) -> float:
        """Upper edge in points."""
        return min(word.top for word in self.words)

    @cached_property
    def bottom(self) -> float:
        """Lower edge in points."""
        return max(word.bottom for word in self.words)

    @cached_property
    def height(self) -> float:
        """Of the tallest word, in points."""
        return max(word.bottom - word.top for word in self.words)

    @cached_property
    def middle(self) -> float:
        """Vertical middle in points, of the words of usual height."""
        centres = sorted((word.top + word.bottom) / 2 for word in self.words)
        return centres[len(centres) // 2]

    @cached_property
    def text(self) -> str:
        """All words."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def runs(self) -> list[list[Word]]:
        """Words without a wide gap between them."""
        return runs_in(self.words)


def runs_in(words: Sequence[Word]) -> list[list[Word]]:
    """Neighbouring words, parted where a gap is as wide as between columns."""
    runs: list[list[Word]] = []
    for word in words:
        if runs:
            last = runs[-1][-1]
            if word.left - last.right <= GAP_HEIGHTS * max(word.bottom - word.top, last.bottom - last.top):
                runs[-1].append(word)
                continue
        runs.append([word])
    return runs


def text_rows(document: Document) -> tuple[list[TextRow], Notation]:
    """The rows of all pages from top to bottom, and what the marks in the figures of all mean."""
    pages = [(page, [_words(row) for row in page.rows]) for page in document.pages]
    spaced = is_spaced([words for _, rows in pages for words in rows])
    loose = not has_dashes_for_cells([words for _, rows in pages for words in rows])
    rows = [_row(page, words, spaced, loose) for page, found in pages for words in found if words]
    notation = decide((printed for row in rows for printed in row.figures), spaced=spaced)
    if notation.decimal is None and _has_no_minor_unit(rows):
        # Three digits behind a mark are no decimals where money has none.
        marks = {
            shape.either for row in rows for each in row.figures if (shape := shape_of(each.core)) and shape.either
        }
        if len(marks) == 1:
            notation = Notation("." if marks == {","} else ",", spaced)
    return rows, notation


def _has_no_minor_unit(rows: Sequence[TextRow]) -> bool:
    """Whether a document is in a currency without cents, or in a script of a country that has none."""
    if any(_WITHOUT_CENTS.search(word.text) for row in rows for word in row.words):
        return True
    found = decide_currency((each for row in rows for each in row.figures), "")
    return found is not None and found.code in NO_MINOR


def _row(page: Page, words: list[Word], spaced: bool, loose: bool) -> TextRow:
    if len(words) > _MAX_ROW_WORDS:
        return TextRow(page, words, [], [])
    found = dates(Line(words))
    # The numbers of a date are no figures, but what may be a figure as well stays one.
    taken = {id(word) for each in found if not each.doubtful for word in each.words}
    printed = [
        figure
        for figure in figures(words, spaced=spaced, loose_signs=loose)
        if not all(id(word) in taken for word in figure.words)
    ]
    return TextRow(page, words, printed, found)


def _words(row: Row) -> list[Word]:
    words = [word for run in row.runs for word in run.words]
    return sorted(words, key=lambda word: word.left)


def height_of(rows: Iterable[TextRow]) -> float:
    """The middle height of rows, in points."""
    heights = sorted(row.height for row in rows)
    return heights[len(heights) // 2] if heights else 10.0

"""Printed texts as figures and days: found on the page where they stand there, and read by our own code in any case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.ai.contracts.extraction import DateOrder
from services.ai.figures.value import Evidence
from services.ai.layout.amounts import decide
from services.ai.layout.dates import Reckoning, dates, decide_order
from services.ai.layout.figures import figures, is_spaced
from services.ai.layout.line import Line
from services.ai.layout.sides import Side, sides_of
from services.ai.model.places import Places
from services.ai.reading.document import Document, words_in
from shared.pdf.words import Word


class Parser:
    """How the figures and dates of one document are to be read."""

    def __init__(
        self, document: Document, *, date_order: DateOrder = DateOrder.AUTO, language: str | None = None
    ) -> None:
        rows = [words_in(row.runs) for page in document.pages for row in page.rows]
        self._spaced = is_spaced(rows)
        printed = [each for words in rows for each in figures(words, spaced=self._spaced)]
        self._notation = decide(printed, spaced=self._spaced)
        self._sides = sides_of(each.side for each in printed)
        found = [each for words in rows for each in dates(Line(words))]
        self._without_period = Reckoning(decide_order(found, option=date_order, language=language))
        self._reckoning = self._without_period
        self._places = Places(document, spaced=self._spaced)

    def set_period(self, start: date | None, end: date | None) -> None:
        """Days that are printed without a year are of this period."""
        self._reckoning = replace(self._without_period, period_start=start, period_end=end)

    def place(self, text: str, page: int, row: int) -> tuple[Evidence, ...]:
        """Where a text stands; empty where it stands nowhere."""
        return self._places.text(text, page, row)

    def figure(
        self, text: str, page: int, row: int, used: set[Word]
    ) -> tuple[Decimal, Side | None, tuple[Evidence, ...]] | None:
        """A figure with the sign that is printed at it, and the mark of debit or credit; None where it is none.

        `used` are words that other values stand on, and gets those of this one.
        """
        evidence: tuple[Evidence, ...] = ()
        place = self._places.figure(text, page, row, used)
        if place:
            printed, evidence = place[0], (place[1],)
        else:
            alone = figures(_as_words(text), spaced=self._spaced)
            if len(alone) != 1:
                return None
            printed = alone[0]
        number = self._notation.value(printed)
        return None if number is None else (number, self._sides.get(printed.side), evidence)

    def day(self, text: str, page: int, row: int) -> tuple[date, tuple[Evidence, ...]] | None:
        """A day; None where it is none, or may be several."""
        alone = dates(Line(_as_words(text)))
        if len(alone) != 1:
            return None
        place = self._places.date(alone[0], page, row)
        day = self._reckoning.date_of(place[0] if place else alone[0])
        return None if day is None else (day, (place[1],) if place else ())


def _as_words(text: str) -> list[Word]:
    """A text as if it stood on a page, its words a space apart."""
    words, left = [], 0.0
    for token in text.split():
        words.append(Word(token, left, 0.0, left + 5.0 * len(token), 10.0))
        left += 5.0 * len(token) + 3.0
    return words

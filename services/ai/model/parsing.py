"""Printed texts as figures and days: found on the page where they stand there, and read by our own code in any case."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.figures.value import Evidence
from services.ai.layout.currencies import codes_of, decide
from services.ai.layout.dates import Reckoning, dates
from services.ai.layout.figures import figures
from services.ai.layout.line import Line
from services.ai.layout.sheet import sheet_of
from services.ai.layout.sides import Side, sides_of
from services.ai.model.places import Places
from services.ai.reading.document import Document
from shared.pdf.words import Word

#: What stands beside a currency in a printed amount.
_NO_LETTERS = re.compile(r"[\d.,'\s()+\-\u2212]+")


class Parser:
    """How the figures and dates of one document are to be read."""

    def __init__(self, document: Document, options: ExtractionOptions) -> None:
        self._sheet = sheet_of(document.pages, options)
        self._spaced = self._sheet.notation.spaced
        self._printed = [printed for row in self._sheet.rows for printed in row.figures]
        marks = {printed.side for printed in self._printed}
        self._sides = {**_usual_sides(marks), **sides_of(marks)}
        self._places = Places(document, spaced=self._spaced)
        self._order = self._sheet.reckoning.order

    def currency(self, text: str) -> str | None:
        """The ISO code of a sign or code; None where it may be several and the document does not tell."""
        codes = codes_of(_NO_LETTERS.sub("", text)) or codes_of(text.strip())
        if len(codes) == 1:
            return codes[0]
        told = decide(self._printed, "\n".join(row.text for row in self._sheet.rows))
        return told.code if told and told.code in codes else None

    def set_period(self, start: date | None, end: date | None) -> None:
        """Days that are printed without a year are of this period."""
        self._sheet.reckoning = Reckoning(self._order, start, end)

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
        number = self._sheet.amount(printed)
        return None if number is None else (number, self._sides.get(printed.side), evidence)

    def day(self, text: str, page: int, row: int) -> tuple[date, tuple[Evidence, ...]] | None:
        """A day; None where it is none, or may be several."""
        alone = dates(Line(_as_words(text)))
        if len(alone) != 1:
            return None
        place = self._places.date(alone[0], page, row)
        day = self._sheet.reckoning.date_of(place[0] if place else alone[0])
        return None if day is None else (day, (place[1],) if place else ())


def _usual_sides(marks: set[str]) -> dict[str, Side]:
    """What single letters mean where nothing else tells: D is credit only beside the Czech MD."""
    return {} if "MD" in marks else {"D": Side.DEBIT, "C": Side.CREDIT}


def _as_words(text: str) -> list[Word]:
    """A text as if it stood on a page, its words a space apart."""
    words, left = [], 0.0
    for token in text.split():
        words.append(Word(token, left, 0.0, left + 5.0 * len(token), 10.0))
        left += 5.0 * len(token) + 3.0
    return words

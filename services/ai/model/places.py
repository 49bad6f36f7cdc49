"""Finds what the model says that it read where it says that it stands, else elsewhere on the pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import TypeVar

from services.ai.figures.value import Evidence
from services.ai.layout.dates import PrintedDate, dates
from services.ai.layout.figures import Printed, ascii_digits, figures
from services.ai.layout.line import Line
from services.ai.reading.document import Document, words_in
from shared.pdf.words import Word

#: Models miscount rows: the neighbours are looked at too.
_NEAR_ROWS = 2
#: A text may go over so many rows.
_MOST_ROWS = 8
_MOST_WORDS = 400
_SAME = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})

T = TypeVar("T")


class Places:
    """The rows of a document, to search in."""

    def __init__(self, document: Document, *, spaced: bool) -> None:
        self._pages = {page.number: page for page in document.pages}
        self._spaced = spaced
        self._rows: dict[int, list[list[Word]]] = {}
        self._figures: dict[tuple[int, int], list[Printed]] = {}

    def rows(self, page: int) -> list[list[Word]]:
        """The words of each row of a page; none for a page that is not there."""
        if page not in self._rows:
            known = self._pages.get(page)
            self._rows[page] = [words_in(row.runs) for row in known.rows] if known else []
        return self._rows[page]

    def text(self, wanted: str, page: int, row: int) -> tuple[Evidence, ...]:
        """Where a text stands; empty where it stands nowhere, or elsewhere and in more than one place."""
        tokens = [plain(token) for token in wanted.split() if plain(token)]
        if not tokens or len(tokens) > _MOST_WORDS:
            return ()

        def at(number: int, index: int) -> tuple[Evidence, ...] | None:
            return self._text_at(tokens, number, index) or None

        return self._search(at, page, row) or ()

    def figure(self, wanted: str, page: int, row: int, used: set[Word]) -> tuple[Printed, Evidence] | None:
        """The figure as the page prints it, with the sign that stands there; `used` words belong to another value."""
        core = core_of(wanted)
        if core is None:
            return None

        def at(number: int, index: int) -> tuple[Printed, Evidence] | None:
            same = [
                printed
                for printed in self._figures_at(number, index)
                if core_of(printed.core) == core and not used.intersection(printed.words)
            ]
            if not same:
                return None
            printed = same[0]
            if printed.bare:
                # Digits alone may be anything: those in brackets belong to a name, the others are a quantity.
                printed = next((each for each in same if plain(each.text) == plain(wanted)), printed)
            return printed, self._pages[number].evidence(printed.words)

        found = self._search(at, page, row)
        if found:
            used.update(found[0].words)
        return found

    def date(self, wanted: PrintedDate, page: int, row: int) -> tuple[PrintedDate, Evidence] | None:
        """The date as the page prints it."""
        sought = (wanted.first, wanted.second, wanted.year, wanted.known)

        def at(number: int, index: int) -> tuple[PrintedDate, Evidence] | None:
            for printed in dates(Line(self.rows(number)[index])):
                if (printed.first, printed.second, printed.year, printed.known) == sought:
                    return printed, self._pages[number].evidence(printed.words)
            return None

        return self._search(at, page, row)

    def _figures_at(self, page: int, index: int) -> list[Printed]:
        key = (page, index)
        if key not in self._figures:
            self._figures[key] = figures(self.rows(page)[index], spaced=self._spaced)
        return self._figures[key]

    def _search(self, at: Callable[[int, int], T | None], page: int, row: int) -> T | None:
        """What is found in the row or, nearest first, beside it; elsewhere only if it stands in one place."""
        rows = len(self.rows(page))
        near = sorted(range(row - 1 - _NEAR_ROWS, row + _NEAR_ROWS), key=lambda index: abs(index - row + 1))
        for index in near:
            if 0 <= index < rows and (found := at(page, index)) is not None:
                return found
        elsewhere = self._everywhere(at, first=page)
        only = next(elsewhere, None)
        return only if next(elsewhere, None) is None else None

    def _everywhere(self, at: Callable[[int, int], T | None], *, first: int) -> Iterator[T]:
        for number in sorted(self._pages, key=lambda number: (number != first, number)):
            for index in range(len(self.rows(number))):
                if (found := at(number, index)) is not None:
                    yield found

    def _text_at(self, tokens: list[str], number: int, index: int) -> tuple[Evidence, ...]:
        """The text from a row on, a piece of it in each of the rows that follow; empty where it does not stand."""
        page, rows = self._pages[number], self.rows(number)
        left = tokens
        found: list[Evidence] = []
        for words in rows[index : index + _MOST_ROWS]:
            taken = _longest(words, left)
            if not taken and not found:
                return ()
            if taken:
                found.append(page.evidence(taken))
                left = left[_tokens_of(taken) :]
            if not left:
                return tuple(found)
        return ()


def _longest(words: list[Word], tokens: list[str]) -> list[Word]:
    """The longest stretch of a row's words that the tokens begin with."""
    best: list[Word] = []
    texts = [plain(word.text) for word in words]
    for start, text in enumerate(texts):
        if text != tokens[0]:
            continue
        length = 0
        while length < len(tokens) and start + length < len(texts) and texts[start + length] == tokens[length]:
            length += 1
        if length > len(best):
            best = words[start : start + length]
    return best


def _tokens_of(words: list[Word]) -> int:
    return len(words)


def plain(text: str) -> str:
    """A text for comparing: without case and ligatures, marks that are drawn alike as one."""
    return unicodedata.normalize("NFKC", text).translate(_SAME).casefold().strip()


def core_of(text: str) -> str | None:
    """The digits of a figure and the marks between them; None where there are no digits."""
    text = ascii_digits(text)
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return None
    core = text[places[0] : places[-1] + 1]
    if places[0] and text[places[0] - 1] in ".,":
        core = text[places[0] - 1] + core
    return "".join(letter for letter in core if letter.isdigit() or letter in ".,")

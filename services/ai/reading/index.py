"""Where figures, dates and words stand in a document: found at once, whatever way they are printed in."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from services.ai.figures.value import Evidence
from services.ai.layout.figures import ascii_digits
from services.ai.layout.months import months_named
from services.ai.reading.document import Document, Page
from shared.pdf.words import Word

#: From the first digit to the last, with what may part them.
_CORE = re.compile(r"^\D*?(\d(?:[\d.,']*\d)?)\D*$")
_GROUP = re.compile(r"\d{3}(?:[.,]\d+)?\D*")
_NO_KEY = re.compile(r"[^0-9a-z]")
_DATE_PART = re.compile(r"\d+|[^\W\d_]{3,}")
#: Most words of one date ("le 3 de marzo de 2024"), and of a figure whose thousands are parted by spaces.
_DATE_WORDS, _FIGURE_WORDS = 5, 4
#: A text goes on in one of so many rows below.
_ROWS_BELOW = 2
#: Steps of one search for a text; what needs more is made of one word again and again.
_MOST_STEPS = 2000


@dataclass(frozen=True, eq=False)
class Place:
    """Words that say something, and their row, counted through the whole document."""

    page: Page
    row: int
    words: Sequence[Word]

    @property
    def evidence(self) -> Evidence:
        """On the page."""
        return self.page.evidence(self.words)


@dataclass(eq=False)
class _Spot:
    """A word with its neighbours."""

    word: Word
    page: Page
    row: int
    key: str
    #: In the same row.
    next: _Spot | None = None
    #: Whether a gap parts it from what stands before.
    begins: bool = True


class Index:
    """All that stands on the pages."""

    def __init__(self, document: Document) -> None:
        self._rows: list[list[_Spot]] = []
        for page in document.pages:
            for row in page.rows:
                self._rows.append(list(_spots(row.runs, page, len(self._rows))))
        self._by_word: dict[str, list[_Spot]] = defaultdict(list)
        self._figures: dict[Decimal, list[Place]] = defaultdict(list)
        self._dates: dict[tuple[int, int], list[tuple[int | None, Place]]] = defaultdict(list)
        for spots in self._rows:
            for number, spot in enumerate(spots):
                if spot.key:
                    self._by_word[spot.key[:2]].append(spot)
                self._note_figures(spots, number)
                self._note_dates(spots, number)

    def figure(self, value: Decimal) -> list[Place]:
        """Where its digits stand, with either sign, in the order of the document."""
        return self._figures.get(abs(value).normalize(), [])

    def day(self, value: date) -> list[Place]:
        """Where it stands, with its year or without any."""
        found = self._dates.get((value.month, value.day), [])
        with_year = [place for year, place in found if year is not None and year in (value.year, value.year % 100)]
        return with_year or [place for year, place in found if year is None]

    def text(self, value: str) -> list[Place]:
        """Where its letters and digits stand, parted in whatever way, also over several lines."""
        wanted = _key(value)
        found = []
        for spot in self._by_word.get(wanted[:2], []) if len(wanted) > 1 else self._single(wanted):
            if chain := self._chain(spot, wanted):
                found.append(Place(spot.page, spot.row, [each.word for each in chain]))
        return found

    def _single(self, wanted: str) -> list[_Spot]:
        return [spot for spot in self._by_word.get(wanted, []) if spot.key == wanted]

    def _chain(self, first: _Spot, wanted: str) -> list[_Spot]:
        """Words from `first` on that make up the text; none where they do not."""
        steps, open_ends = 0, [(first, 0, [first])]
        while open_ends and steps < _MOST_STEPS:
            steps += 1
            spot, done, chain = open_ends.pop()
            if not wanted.startswith(spot.key, done):
                continue
            done += len(spot.key)
            if done == len(wanted):
                return chain
            for other in self._followers(spot, first):
                open_ends.append((other, done, [*chain, other]))
        return []

    def _followers(self, spot: _Spot, first: _Spot) -> Iterator[_Spot]:
        """What may come next: the next in the row is looked at first, and so comes last."""
        height = first.word.bottom - first.word.top
        for row in range(spot.row + _ROWS_BELOW, spot.row, -1):
            for other in self._rows[row] if row < len(self._rows) else ():
                if other.page is spot.page and other.begins and abs(other.word.left - first.word.left) < 3 * height:
                    yield other
        if spot.next:
            yield spot.next

    def _note_figures(self, spots: list[_Spot], number: int) -> None:
        spot = spots[number]
        text = ascii_digits(spot.word.text)
        core = _CORE.match(text)
        if not core:
            return
        for value in _readings(core[1]):
            self._figures[value].append(Place(spot.page, spot.row, [spot.word]))
        joined, words = core[1], [spot.word]
        if not (joined.isdigit() and len(joined) <= 3):
            return
        for other in spots[number + 1 : number + _FIGURE_WORDS]:
            piece = ascii_digits(other.word.text)
            if not joined.isdigit() or not _GROUP.fullmatch(piece) or other.begins:
                return
            tail = _CORE.match(piece)
            joined, words = joined + (tail[1] if tail else ""), [*words, other.word]
            for value in _readings(joined):
                self._figures[value].append(Place(spot.page, spot.row, words))

    def _note_dates(self, spots: list[_Spot], number: int) -> None:
        parts: list[str] = []
        for count, spot in enumerate(spots[number : number + _DATE_WORDS], start=1):
            found = _date_parts(spot.word.text)
            if found is None or (count == 1 and not found):
                return
            parts.extend(found)
            told = _days(tuple(parts))
            place = Place(spot.page, spot.row, [each.word for each in spots[number : number + count]])
            for year, month, day in told:
                self._dates[month, day].append((year, place))
            if told and told[0][0] is not None:
                return


def _spots(runs: Sequence[object], page: Page, row: int) -> Iterator[_Spot]:
    before: _Spot | None = None
    for run in runs:
        for position, word in enumerate(run.words):  # type: ignore[attr-defined]
            spot = _Spot(word, page, row, _key(word.text), begins=position == 0)
            if before:
                before.next = spot
            before = spot
            yield spot


def _key(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    if text.isascii():
        return text.lower() if text.isalnum() else _NO_KEY.sub("", text.lower())
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if char.isalnum())


@lru_cache(maxsize=50_000)
def _date_parts(text: str) -> tuple[str, ...] | None:
    """The numbers and names of months in a word; None for one that is no part of a date."""
    found = _DATE_PART.findall(ascii_digits(text))
    if any(len(part) > 8 if part[0].isdigit() else months_named(part) is None for part in found):
        return None
    return tuple(found)


@lru_cache(maxsize=10_000)
def _readings(core: str) -> tuple[Decimal, ...]:
    """Every number that the digits may be, whatever their marks mean."""
    digits = re.sub(r"\D", "", core)
    if len(digits) > 20:
        return ()
    found = {Decimal(digits).normalize()}
    whole, mark, fraction = core.rpartition("." if core.rfind(".") > core.rfind(",") else ",")
    if mark:
        found.add(Decimal(f"{re.sub(r'[^0-9]', '', whole) or '0'}.{fraction}").normalize())
        if not (len(fraction) == 3 or "'" in fraction):
            found.discard(Decimal(digits).normalize())
    return tuple(found)


@lru_cache(maxsize=10_000)
def _days(parts: tuple[str, ...]) -> tuple[tuple[int | None, int, int], ...]:
    """Year, month and day that numbers and names may mean: none, one, or two where day and month may be either."""
    if len(parts) == 1 and len(parts[0]) == 8 and parts[0].isdigit():
        parts = (parts[0][:4], parts[0][4:6], parts[0][6:])
    numbers = [part for part in parts if part[0].isdigit()]
    named = [months_named(part) for part in parts if not part[0].isdigit()]
    if named:
        if not numbers or len(numbers) > 2 or len(named) > 1:
            return ()
        day, year = (numbers[0], numbers[1] if len(numbers) == 2 else None)
        if len(day) == 4 and year:
            day, year = year, day
        return _possible((year, str(named[0]), day))
    if len(numbers) == 2 and len(parts) == 2:
        return _possible((None, *numbers), (None, *reversed(numbers)))
    if len(numbers) != 3 or len(parts) != 3:
        return ()
    one, two, three = numbers
    if len(one) == 4:
        return _possible((one, two, three))
    return _possible((three, two, one), (three, one, two))


def _possible(*candidates: tuple[str | None, ...]) -> tuple[tuple[int | None, int, int], ...]:
    found = []
    for year, month, day in candidates:
        if month and day and len(month) <= 2 and len(day) <= 2 and (year is None or len(year) in (2, 4)):
            entry = (int(year) if year else None, int(month), int(day))
            if 1 <= entry[1] <= 12 and 1 <= entry[2] <= 31 and entry not in found:
                found.append(entry)
    return tuple(found)

"""Dates as the languages of the world print them, and what order their numbers have in one document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from services.ai.contracts.extraction import DateOrder
from services.ai.layout.figures import ascii_digits
from services.ai.layout.line import Line
from services.ai.layout.months import months_named
from shared.pdf.words import Word

#: Of two digits of a year, those from here on mean the last century.
_LAST_CENTURY = 70
#: A movement may be booked so long before or after the period that its statement prints.
_SLACK = timedelta(days=45)
_LETTERS = r"[^\W\d_]"
_MONTH = rf"(?P<month>{_LETTERS}{{3,12}})\.?"
_NUMERIC = re.compile(
    r"(?<![\w.,/-])(?:"
    r"(?P<y>(?:19|20)\d\d)(?P<s1>\. ?|[-/])(?P<m>\d{1,2})(?P=s1)(?P<d>\d{1,2})"
    r"|(?P<y8>(?:19|20)\d\d)(?P<m8>0[1-9]|1[0-2])(?P<d8>0[1-9]|[12]\d|3[01])"
    r"|(?P<a>\d{1,2})(?P<s2>\. ?|[-/ ])(?P<b>\d{1,2})(?P=s2)(?P<c>(?:19|20|25)\d\d|\d\d)"
    r"|(?P<a2>\d{1,2})(?P<s3>[./-])(?P<b2>\d{1,2})(?P<end>\.)?"
    r"|(?P<yc>(?:19|20)\d\d)\s?[\u5e74\ub144][ ]?(?P<mc>\d{1,2})\s?[\u6708\uc6d4][ ]?(?P<dc>\d{1,2})\s?[\u65e5\uc77c]"
    r"|(?P<mk>\d{1,2})[\u6708\uc6d4][ ]?(?P<dk>\d{1,2})[\u65e5\uc77c]"
    r")(?![\d/]|[.,-]\d|[.:]\d\d)"
)
_NAMED = (
    re.compile(
        rf"(?<![\w.,/])(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th|er|º|ª|\.º)?(?P<gap>[ \-/.]{{0,2}})(?:de |d'|of )?{_MONTH}"
        rf"(?:(?P<gap2>[ \-/.,]{{0,3}})(?:de |del )?(?P<year>(?:19|20|25)\d\d|'?\d\d(?![\d.,:])))?(?!\w)"
    ),
    re.compile(
        rf"(?<![\w.,/]){_MONTH}[ \-]{{0,2}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
        rf"(?:,? (?P<year>(?:19|20)\d\d)(?!\d))?(?![\w]|[.,:]\d)"
    ),
    re.compile(rf"(?<![\w.,/])(?P<year>(?:19|20)\d\d)[ \-.]{{1,2}}{_MONTH}[ \-]{{1,2}}(?P<day>\d{{1,2}})(?!\w)"),
)
#: What follows where two digits are the day of the next date and no year.
_NEXT_DATE = re.compile(rf"\.?[ \-]?{_LETTERS}{{3,12}}")
#: The hyphen of 01.02.2026-28.02.2026, the slash of 03.02./04.02.
_RANGE = re.compile(
    r"(?<=\d)[-\u2013](?=\d{1,2}[./]\d{1,2}[./]\d{2,4}(?!\d))"
    r"|(?<=\d\.\d\d)/(?=\d\d?\.\d)|(?<=\d\.)/(?=\d\d?\.\d)|(?<=\d\.\d\d\d\d)/(?=\d\d?\.\d)|(?<=-\d\d)/(?=\d\d?-\d)"
)


@dataclass(slots=True)
class PrintedDate:
    """A date as it stands on the page. Which number is the day, `Reckoning` tells."""

    words: tuple[Word, ...]
    text: str
    #: The two numbers in the order printed, or day and month where `known`.
    first: int
    second: int
    year: int | None
    #: Whether `first` is the day and `second` the month for sure.
    known: bool
    #: Whether the numbers are parted by full stops, which nobody does who has the month first.
    dotted: bool = False
    #: May as well be a figure (14.05), or its year a number behind it (5 Jan 12).
    doubtful: bool = False
    #: Where it begins in the text of its line.
    start: int = 0

    @property
    def left(self) -> float:
        """Left edge in points."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Right edge in points."""
        return self.words[-1].right

    def day_and_month(self, order: DateOrder | None) -> tuple[int, int] | None:
        """Day and month under an order; None where that makes no date."""
        if self.known or self.first == self.second:
            day, month = self.first, self.second
        elif self.first > 12 or self.second > 12:
            day, month = max(self.first, self.second), min(self.first, self.second)
        elif order is None:
            return None
        else:
            day, month = (self.first, self.second) if order is DateOrder.DAY_FIRST else (self.second, self.first)
        return (day, month) if _on_calendar(self.year or 2024, month, day) else None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How the dates of one document are read."""

    #: None where nothing tells.
    order: DateOrder | None = None
    period_start: date | None = None
    period_end: date | None = None

    def date_of(self, printed: PrintedDate) -> date | None:
        """The day; None where its order or its year is not known."""
        found = printed.day_and_month(self.order)
        if found is None:
            return None
        day, month = found
        if printed.year is not None:
            whole = date(printed.year, month, day)
            if not printed.doubtful or self.period_end is None or abs(whole - self.period_end) < timedelta(days=400):
                return whole
        return self._in_period(day, month)

    def _in_period(self, day: int, month: int) -> date | None:
        """A day without a year: the one in the period, else the nearest to it where that is near enough."""
        end = self.period_end or self.period_start
        start = self.period_start or self.period_end
        if end is None or start is None:
            return None
        years = [
            date(year, month, day) for year in range(start.year - 1, end.year + 2) if _on_calendar(year, month, day)
        ]
        if not years:
            return None
        # Of a period's end only, days before it count; after its start, later ones.
        low = start - (timedelta(days=330) if self.period_start is None else _SLACK)
        high = end + (timedelta(days=330) if self.period_end is None else _SLACK)
        inside = [each for each in years if start <= each <= end]
        if len(inside) == 1:
            return inside[0]
        near = [each for each in years if low <= each <= high]
        return min(near, key=lambda each: _distance(each, start, end)) if near and not inside else None


def dates(line: Line) -> list[PrintedDate]:
    """The dates in a line, from left to right."""
    text = _RANGE.sub(" ", ascii_digits(line.text))
    if not any(letter.isdigit() for letter in text) or len(text) != len(line.text):
        return []
    found = [*_numeric(line, text), *_named(line, text)]
    found.sort(key=lambda each: (each.start, -len(each.text)))
    kept: list[PrintedDate] = []
    end = -1
    for each in found:
        if each.start >= end:
            kept.append(each)
            end = each.start + len(each.text)
    return kept


def decide_order(
    found: Iterable[PrintedDate],
    *,
    option: DateOrder = DateOrder.AUTO,
    language: str | None = None,
    sequences: Sequence[Sequence[PrintedDate]] = (),
) -> DateOrder | None:
    """Whether days or months come first in 03/04/2026.

    Told, in this order, by a number over 12 (where these do not contradict each other), by full stops between the
    numbers, by columns of dates (`sequences`) that run in order one way only, by the language, by the option.
    """
    told = {DateOrder.DAY_FIRST: 0, DateOrder.MONTH_FIRST: 0}
    dotted = 0
    for each in found:
        if each.known or each.doubtful:
            continue
        if each.first > 12:
            told[DateOrder.DAY_FIRST] += 1
        elif each.second > 12:
            told[DateOrder.MONTH_FIRST] += 1
        dotted += each.dotted
    days, months = told[DateOrder.DAY_FIRST], told[DateOrder.MONTH_FIRST]
    if days and not months:
        return DateOrder.DAY_FIRST
    if months and not days:
        return DateOrder.MONTH_FIRST
    if dotted:
        return DateOrder.DAY_FIRST
    running = [order for order in told if any(_runs(sequence, order) for sequence in sequences)]
    if len(running) == 1:
        return running[0]
    if language and language.lower() == "en-us":
        return DateOrder.MONTH_FIRST
    if language and not language.lower().startswith("en"):
        return DateOrder.DAY_FIRST
    return option if option is not DateOrder.AUTO else None


def _runs(sequence: Sequence[PrintedDate], order: DateOrder) -> bool:
    """Whether at least four different dates run in order, up or down, within a quarter of a year."""
    days = []
    for each in sequence:
        found = each.day_and_month(order)
        if found is None:
            return False
        days.append(date(each.year or 2024, found[1], found[0]))
    if len(set(days)) < 4 or max(days) - min(days) > timedelta(days=100):
        return False
    return all(one <= other for one, other in pairwise(days)) or all(one >= other for one, other in pairwise(days))


def _numeric(line: Line, text: str) -> Iterable[PrintedDate]:
    for match in _NUMERIC.finditer(text):
        groups = match.groupdict()
        year = _first(groups, "y", "y8", "yc")
        month, day = _first(groups, "m", "m8", "mc", "mk"), _first(groups, "d", "d8", "dc", "dk")
        if month is not None and day is not None:
            if _on_calendar(year or 2024, month, day):
                yield _printed(line, match.span(), day, month, year, known=True)
            continue
        one, other = _first(groups, "a", "a2") or 0, _first(groups, "b", "b2") or 0
        separator, last = match["s2"] or match["s3"], match["c"]
        if separator == " " and not (last and len(match["a"]) == len(match["b"]) == 2):
            continue
        loose = last is None and separator == "." and not match["end"]
        if loose and len(match["b2"]) < 2:
            continue
        year = _whole_year(last) if last else None
        if _on_calendar(year or 2024, other, one) or _on_calendar(year or 2024, one, other):
            found = _printed(line, match.span(), one, other, year, known=False)
            found.dotted, found.doubtful = separator[0] == "." and not loose, loose
            yield found


def _named(line: Line, text: str) -> Iterable[PrintedDate]:
    for pattern in _NAMED:
        end = 0
        while (match := pattern.search(text, end)) is not None:
            start, end = match.span()
            printed = match["year"]
            short = printed is not None and len(printed) == 2
            gap = match.groupdict().get("gap2", "")
            if short and gap.strip() == "" and _NEXT_DATE.match(text, end):
                printed, end = None, match.end("month")
            month, day = months_named(match["month"]), int(match["day"])
            year = _whole_year(printed.strip("'")) if printed else None
            if month is not None and _on_calendar(year or 2024, month, day):
                found = _printed(line, (start, end), day, month, year, known=True)
                found.doubtful = short and gap == " "
                yield found
            elif month is None:
                # What looked like a month may stand before the day of the next date.
                end = min(match.end("month"), match.end("day"))


def _printed(
    line: Line, span: tuple[int, int], first: int, second: int, year: int | None, *, known: bool
) -> PrintedDate:
    return PrintedDate(
        tuple(line.words_at(*span)), line.text[span[0] : span[1]], first, second, year, known, start=span[0]
    )


def _first(groups: dict[str, str | None], *names: str) -> int | None:
    return next((int(value) for name in names if (value := groups[name])), None)


def _whole_year(printed: str) -> int:
    year = int(printed)
    if year > 2400:
        # The Buddhist era of Thailand.
        return year - 543
    return year if year > 99 else year + (1900 if year >= _LAST_CENTURY else 2000)


def _on_calendar(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _distance(each: date, start: date, end: date) -> timedelta:
    return max(start - each, each - end, timedelta(0))

"""Periods: two dates that words join, or dates behind labels of a begin and an end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

from services.ai.figures.value import Value
from services.ai.layout.dates import PrintedDate, Reckoning
from services.ai.layout.pairs import Pair, pairs_in
from services.ai.layout.rows import TextRow
from services.ai.layout.vocabulary import Vocabulary, tokens_of, vocabulary_in

_LABELS = Path(__file__).with_name("periods.toml")
_DAY = re.compile(r"[0-9]{1,2}")
#: What words before a period begin with.
_LEADING = ("period", "zeitraum", "okres", "obdobi", "for")
_DASHES = "-/\u2013\u2014"


@dataclass(frozen=True)
class Period:
    """From when to when, with the places of both."""

    start: Value[date] | None = None
    end: Value[date] | None = None


@cache
def periods_vocabulary() -> Vocabulary:
    """Words before, between and behind the dates of a period."""
    return vocabulary_in(_LABELS, "periods")


def period_in(rows: Sequence[TextRow], reckoning: Reckoning) -> Period:
    """The first two dates that words of a period join, else dates behind labels of its begin and end."""
    for row in rows:
        for one, other in pairwise(row.dates):
            if are_joined(row, one, other):
                end = reckoning.date_of(other)
                start = _start_of(one, end, reckoning)
                if start and end and start <= end:
                    return Period(_dated(row, one, start), _dated(row, other, end))
        for found in row.dates:
            period = _of_one_month(row, found, reckoning)
            if period is not None:
                return period
    start_value = end_value = None
    for pair in pairs_in(rows, periods_vocabulary()):
        printed = _first_date(pair)
        day = reckoning.date_of(printed[1]) if printed else None
        if printed is None or day is None:
            continue
        if "period_start" in pair.meanings and start_value is None:
            start_value = _dated(*printed, day)
        elif "period_end" in pair.meanings and end_value is None:
            end_value = _dated(*printed, day)
    if start_value and end_value and start_value.value > end_value.value:
        return Period()
    return Period(start_value, end_value)


def period_text(rows: Sequence[TextRow]) -> str | None:
    """The two dates of the first period in rows, as printed."""
    for row in rows:
        for one, other in pairwise(row.dates):
            if are_joined(row, one, other):
                return f"{one.text} {other.text}"
    return None


def are_joined(row: TextRow, one: PrintedDate, other: PrintedDate) -> bool:
    """Whether nothing but words of a period stands between two dates."""
    if one.words[-1] is other.words[0]:
        return True
    words = row.words
    between = words[words.index(one.words[-1]) + 1 : words.index(other.words[0])]
    matches = periods_vocabulary().matches(between)
    known = sum(match.end - match.first for match in matches if "between" in match.meanings)
    letters = [word for word in between if tokens_of(word.text)]
    return (
        (bool(between) or other.left - one.right > 0)
        and known == len(letters)
        and (bool(known) or any(word.text in _DASHES for word in between))
    )


def _start_of(one: PrintedDate, end: date | None, reckoning: Reckoning) -> date | None:
    """The first day; without a year it lies before the last one."""
    if one.year is not None or end is None:
        return reckoning.date_of(one)
    found = one.day_and_month(reckoning.order)
    if found is None:
        return None
    day, month = found
    try:
        start = date(end.year, month, day)
        return start if start <= end else date(end.year - 1, month, day)
    except ValueError:
        return None


def _of_one_month(row: TextRow, last: PrintedDate, reckoning: Reckoning) -> Period | None:
    """A period whose first day has no month of its own, as 3 - 30 March 2025. The day may be no number of a page."""
    run = next((run for run in row.runs if last.words[0] in run), [])
    at = run.index(last.words[0]) if run else 0
    end = reckoning.date_of(last)
    if at < 2 or end is None or last.year is None or not last.known:
        return None
    day, joint = run[at - 2], run[at - 1]
    number = day.text.rstrip(".")
    joined = joint.text in _DASHES or "between" in periods_vocabulary().meanings_of(joint.text)
    if not joined or not _DAY.fullmatch(number) or not 0 < int(number) <= end.day:
        return None
    if at > 2 and not _leads(run[at - 3].text):
        return None
    start = Value[date](value=end.replace(day=int(number)), evidence=(row.page.evidence((day, joint, *last.words)),))
    return Period(start, _dated(row, last, end))


def _leads(text: str) -> bool:
    """Whether a word stands before the first day of a period."""
    plain = "".join(tokens_of(text))
    return plain.startswith(_LEADING) or "period_start" in periods_vocabulary().meanings_of(plain)


def _first_date(pair: Pair) -> tuple[TextRow, PrintedDate] | None:
    for row, words in ((pair.row, pair.beside), *pair.below):
        for found in row.dates:
            if found.words[0] in words[:2]:
                return row, found
    return None


def _dated(row: TextRow, printed: PrintedDate, day: date) -> Value[date]:
    return Value[date](value=day, evidence=(row.page.evidence(printed.words),))

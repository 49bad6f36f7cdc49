"""Whose ledger a trial balance is of, of which period and currency: read from the rows around the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from services.ai.documents.trial_balance import TrialBalance
from services.ai.figures.value import TextValue, Value
from services.ai.layout.currencies import decide as decide_currency
from services.ai.layout.dates import Reckoning
from services.ai.layout.figures import currency_codes
from services.ai.layout.pairs import pairs_in
from services.ai.layout.periods import period_in
from services.ai.layout.rows import TextRow
from services.ai.layout.vocabulary import Vocabulary, tokens_of, vocabulary_in
from shared.pdf.words import Word

_LABELS = Path(__file__).with_name("labels.toml")


@cache
def titles_vocabulary() -> Vocabulary:
    """Titles of such documents, labels of their company, and what else stands at their head."""
    return vocabulary_in(_LABELS, "titles")


def describe(
    balance: TrialBalance, rows: Sequence[TextRow], tables: Sequence[TextRow], reckoning: Reckoning, assumed: str | None
) -> None:
    """Fill in company, period and currency."""
    balance.company = _company(rows)
    period = period_in(rows, reckoning)
    balance.period_start, balance.period_end = period.start, period.end
    if balance.period_start is None and balance.period_end is None:
        balance.period_end = _only_day(rows, reckoning)
    balance.currency = _currency(rows, tables, assumed)


def _company(rows: Sequence[TextRow]) -> TextValue | None:
    """What a label calls the company, else the first words of the page that are no title, date or label."""
    for pair in pairs_in(rows, titles_vocabulary()):
        if "company" in pair.meanings and pair.row.words[0] is pair.label[0]:
            words = [word for word in pair.beside if tokens_of(word.text)]
            if words:
                return _text(pair.row, _first_run(words, pair.row))
    for row in rows[:8]:
        for run in row.runs:
            if not _is_furniture(row, run):
                return _text(row, run)
    return None


def _first_run(words: Sequence[Word], row: TextRow) -> list[Word]:
    taken = [words[0]]
    for word in words[1:]:
        if word.left - taken[-1].right > row.height:
            break
        taken.append(word)
    return taken


def _is_furniture(row: TextRow, run: Sequence[Word]) -> bool:
    """Whether a run is the title, a date, a page number or another label."""
    if any(word in run for found in row.dates if found.year or found.dotted for word in found.words):
        return True
    if not any(letter.isalpha() for word in run for letter in word.text):
        return True
    matches = titles_vocabulary().matches(run)
    if any("title" in match.meanings and match.end - match.first > 1 for match in matches):
        return True
    known = sum(match.end - match.first for match in matches)
    return bool(matches) and (matches[0].first == 0 and ("skip" in matches[0].meanings or known == len(run)))


def _only_day(rows: Sequence[TextRow], reckoning: Reckoning) -> Value[date] | None:
    """The one day that the head of the document names, but for the one that it was printed on."""
    days: dict[date, Value[date]] = {}
    for row in rows[:12]:
        printed_on = any(
            "skip" in match.meanings and match.text.split()[0] in _PRINTED
            for match in titles_vocabulary().matches(row.words)
        )
        for found in row.dates:
            day = reckoning.date_of(found)
            if day is not None and found.year and not found.doubtful and not printed_on:
                days.setdefault(day, Value[date](value=day, evidence=(row.page.evidence(found.words),)))
    return next(iter(days.values())) if len(days) == 1 else None


_PRINTED = {
    "printed",
    "gedruckt",
    "druckdatum",
    "imprime",
    "edite",
    "stampato",
    "impreso",
    "afgedrukt",
    "wydrukowano",
    "date",
    "run",
    "print",
    "created",
    "erstellt",
    "edition",
    "tirage",
    "data",
    "fecha",
}


def _currency(rows: Sequence[TextRow], tables: Sequence[TextRow], assumed: str | None) -> TextValue | None:
    """A code that stands alone at the head, else what stands beside the figures."""
    for row in rows[:12]:
        for word in row.words:
            code = word.text.strip("().,:;[]")
            if code in currency_codes() and (len(row.words) < 12):
                return Value[str](value=code, evidence=(row.page.evidence([word]),))
    every: Iterable[TextRow] = [*rows, *tables]
    found = decide_currency(
        (printed for row in every for printed in row.figures), " ".join(row.text for row in rows[:12])
    )
    if found is None:
        return Value[str](value=assumed) if assumed else None
    place = next((row for row in every if found.shown_by in row.figures), None)
    evidence = (place.page.evidence(found.shown_by.words),) if place and found.shown_by else ()
    return Value[str](value=found.code, evidence=evidence)


def _text(row: TextRow, words: Sequence[Word]) -> TextValue:
    return Value[str](value=" ".join(word.text for word in words), evidence=(row.page.evidence(list(words)),))

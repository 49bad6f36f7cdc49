"""Values that labels have: references, dates, periods, accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from services.ai.figures.value import TextValue, Value
from services.ai.layout.figures import figures
from services.ai.layout.identifiers import bic_in, iban_holds, ibans
from services.ai.layout.labelled import Hits, Place, first_value
from services.ai.layout.labels import plain
from services.ai.layout.sheet import Sheet, SheetRow, shape_is_money, text_value
from shared.pdf.words import Word

T = TypeVar("T")

_MAX_CODE_CHARACTERS = 40
#: Parts of a reference that is printed with spaces: letters in capitals, digits, and marks between.
_CODE_PART = re.compile(r"[A-Z0-9\u00c0-\u00de]{1,24}(?:[-/._+*:][A-Za-z0-9]{1,24}){0,8}|[-/+*]{1,3}|\d{1,24}")
_CODE = re.compile(r"[#(*+]{0,3}[\w][\w\-/._+*:&|\\]{0,39}[)+*]{0,3}")
#: What ends a number in running text: "Nr. 17 vom 3. Mai".
_STOP = frozenset(
    ["vom", "du", "del", "of", "from", "dated", "date", "datum", "le", "der", "den", "dato", "av", "zu", "to", "page"]
)
#: The code of a kind of document behind its name: `Invoice (380)`.
_IN_BRACKETS = re.compile(r"\(\w{1,6}\)").fullmatch
_ABBREVIATIONS = frozenset(["no", "nr", "n", "num", "numero", "nummer", "number", "nro", "c", "id"])


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """A value that a label has; a higher rank wins."""

    rank: int
    row: SheetRow
    value: T
    place: Place


def code_in(place: Place) -> TextValue | None:
    """The reference at the beginning of some words: has a digit, is no date, no money and no prose."""
    words = list(place.words)
    while words and (plain(words[0].text) in _ABBREVIATIONS or not plain(words[0].text) or _IN_BRACKETS(words[0].text)):
        words = words[1:]
    if not words:
        return None
    taken: list[Word] = []
    for word in words[:8]:
        text = word.text.strip(",;")
        if plain(text) in _STOP or not _CODE_PART.fullmatch(text.strip("()#.:")):
            break
        taken.append(word)
        if word.text.endswith((",", ";")):
            break
    if not any(map(str.isdigit, "".join(word.text for word in taken))):
        taken = words[:1]
    text = " ".join(word.text for word in taken).strip(" ,;:#.()")
    if not any(map(str.isdigit, text)) or len(text) > _MAX_CODE_CHARACTERS:
        return None
    if len(taken) == 1 and not _CODE.fullmatch(taken[0].text.strip(",;:.")):
        return None
    if _is_date(place, taken) or any(shape_is_money(printed) for printed in figures(taken)):
        return None
    return text_value(place.row, taken, text)


def _is_date(place: Place, words: Sequence[Word]) -> bool:
    own = {id(word) for word in words}
    return any(
        {id(word) for word in each.words} & own
        and not each.text.isdigit()
        and len(each.text) >= 6
        and each.words[0] is words[0]
        for each in place.row.dates
    )


def day_in(sheet: Sheet, place: Place) -> Value[date] | None:
    """The date at the beginning of some words."""
    own = {id(word) for word in place.words[:6]}
    for printed in place.row.dates:
        if id(printed.words[0]) in own:
            return sheet.day(place.row, printed)
    return None


def days_in(sheet: Sheet, place: Place) -> list[Value[date]] | None:
    """The two dates of a period."""
    own = {id(word) for word in place.words}
    found = [sheet.day(place.row, each) for each in place.row.dates if id(each.words[0]) in own]
    known = [each for each in found if each is not None]
    if len(known) == 2 and known[0].value <= known[1].value:
        return known
    return None


def chosen(
    sheet: Sheet,
    hits: Hits,
    fields: Sequence[str],
    take: Callable[[Place], T | None],
    same: Callable[[T], object],
) -> T | None:
    """The value of the best label; null where two labels that are equally good have different ones.

    `fields` are ranked: the first are the best. Of different values under one label, those on the first page that has
    any count.
    """
    found: list[Candidate[T]] = []
    for hit in hits:
        ranks = [len(fields) - fields.index(name) for name in fields if name in hit.label.fields]
        if not ranks:
            continue
        taken = first_value(sheet, hits, hit, take)
        if taken is not None:
            found.append(Candidate(max(ranks), hit.row, taken[1], taken[0]))
    return _agreed(found, same)


def _agreed(found: Sequence[Candidate[T]], same: Callable[[T], object]) -> T | None:
    if not found:
        return None
    rank = max(each.rank for each in found)
    best = [each for each in found if each.rank == rank]
    page = min(each.row.page.number for each in best)
    first = [each for each in best if each.row.page.number == page]
    if len({same(each.value) for each in first}) == 1:
        return first[0].value
    # A weaker label may tell which of them it is.
    weaker = {same(each.value) for each in found if each.rank < rank}
    told = [each for each in first if same(each.value) in weaker]
    return told[0].value if len({same(each.value) for each in told}) == 1 else None


def the_iban(rows: Iterable[SheetRow]) -> TextValue | None:
    """The one IBAN of a document that an invoice asks to be paid to.

    Null where there are several that hold, and where the text says that the amount will be taken from an account.
    """
    found: dict[str, TextValue] = {}
    for row in rows:
        for each in ibans(row.words):
            found.setdefault(each.value, text_value(row, each.words, each.value))
    holding = [value for number, value in found.items() if iban_holds(number)]
    if len(holding) == 1:
        return holding[0]
    return next(iter(found.values())) if len(found) == 1 else None


def bic_of(sheet: Sheet, hits: Hits) -> TextValue | None:
    """The BIC behind its label."""

    def take(place: Place) -> TextValue | None:
        found = bic_in(place.words)
        return text_value(place.row, found.words, found.value) if found else None

    return chosen(sheet, hits, ("bic",), take, lambda value: value.value)

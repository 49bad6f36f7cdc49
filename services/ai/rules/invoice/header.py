"""The head of an invoice: what it is called, numbers, dates, currency, account."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.figures.value import TextValue, Value
from services.ai.layout.currencies import Currency, codes_of, current_codes, decide
from services.ai.layout.fields import bic_of, chosen, code_in, day_in, days_in, the_iban
from services.ai.layout.labelled import Hit, Hits, Place, names_invoice
from services.ai.layout.labels import label_at, plain, traits
from services.ai.layout.sheet import Sheet, SheetRow, evidence, text_value

#: Between "payable" and its day in running text.
_UNTIL = re.compile(
    r"\b(?:by|before|until|bis|spatestens|avant|antes|hasta|entro|voor|ate|do|senast|senest|viimeistaan)\b"
    r"|\b(?:due|payable|fallig|zahlbar|exigible|vence|scade|vervalt|forfaller|scadenza|echeance)"
    r"(?: (?:on|am|le|el|il|em|op|den))?$"
)
#: A date this far behind the beginning of a number belongs to it.
_NEAR_CHARACTERS = 60
#: Beyond so many words before the date, something else is told.
_MAX_DUE_WORDS = 12
#: Where an account is debited, its number is the buyer's.
_DEBITED = re.compile(
    r"\blastschrift|abgebucht|abbuch|eingezogen|direct debit|debited|preleve|domiciliacion|domiciliado|addebit|incasso"
    r"|autogiro|betalingsservice|avtalegiro|polecenie zaplaty"
)
#: A title has no more words.
_MAX_TITLE_WORDS = 6
#: Beside the date of a document a plain number is that of the document.
_DATES = frozenset({"issue_date", "date"})
#: Between the two days of a period.
_TO = re.compile(
    r"[\s,]*(?:bis|to|until|through|au|al|a|hasta|tot|t/m|do|till|til|fino al|-|\u2013|\u2014|~|\u301c)[\s,]*"
    r"(?:zum|den|le|el|il)?[\s,]*",
    re.IGNORECASE,
)
#: Before a date that stands alone: a town, and an article.
_MAX_BEFORE_DATE = 3
#: The number of a document stands no further below its name, and little beside it.
_BELOW_TITLE_POINTS = 90.0
_BESIDE_TITLE_POINTS = 40.0


def header(sheet: Sheet, hits: Hits, options: ExtractionOptions) -> dict[str, Any]:
    """The fields of an invoice that stand beside labels of their own; absent ones are null."""
    number = _number(sheet, hits)
    period = chosen(sheet, hits, ("period",), lambda place: days_in(sheet, place), lambda days: days[0].value)
    period = period or _period_in_text(sheet)
    return {
        "number": number,
        "issue_date": _day(sheet, hits, "issue_date", "date") or _day_behind(sheet, number) or _day_alone(sheet),
        "due_date": _day(sheet, hits, "due_date") or _due_in_text(sheet),
        "delivery_date": _day(sheet, hits, "delivery_date"),
        "period_start": period[0] if period else None,
        "period_end": period[1] if period else None,
        "currency": _currency(sheet, hits, options),
        "customer_number": _code(sheet, hits, "customer_number") or _code_of_buyer(sheet, hits),
        "purchase_order": _code(sheet, hits, "purchase_order"),
        "payment_reference": _code(sheet, hits, "payment_reference"),
        "iban": None if _DEBITED.search(plain(_text(sheet))) else the_iban(sheet.rows),
        "bic": bic_of(sheet, hits),
    }


def kind_of(rows: Sequence[SheetRow]) -> Literal["invoice", "credit_note"]:
    """What a title among rows says; an invoice where none says otherwise."""
    for row in rows:
        for run in row.runs:
            label = label_at(run.words, 0)
            if label is not None and "credit_title" in label.fields and len(run.words) <= _MAX_TITLE_WORDS:
                return "credit_note"
    return "invoice"


def _number(sheet: Sheet, hits: Hits) -> TextValue | None:
    def behind(place: Place) -> TextValue | None:
        return code_in(place) if place.how == "behind" else None

    return (
        chosen(sheet, hits, ("number",), code_in, lambda value: value.value)
        or chosen(sheet, hits, ("title", "credit_title"), behind, lambda value: value.value)
        or chosen(sheet, _below_title(hits), ("bare_number",), code_in, lambda value: value.value)
    )


def _below_title(hits: Hits) -> Hits:
    """Plain labels as `No.` that stand behind or below the name of the document; parties have numbers as well."""
    titles = [hit for hit in hits if hit.label.fields & {"title", "credit_title"}]
    return hits.where(lambda hit: "bare_number" in hit.label.fields and (_is_of_document(hit, hits, titles)))


def _is_of_document(hit: Hit, hits: Hits, titles: Sequence[Hit]) -> bool:
    if names_invoice(hit.run.words[: hit.first]) or any(_is_below(hit, title) for title in titles):
        return True
    return any(other.row is hit.row and other.label.fields & _DATES for other in hits)


def _is_below(hit: Hit, title: Hit) -> bool:
    if hit.row.page is not title.row.page or not 0 <= hit.row.top - title.row.top < _BELOW_TITLE_POINTS:
        return False
    return (
        hit.run.left - _BESIDE_TITLE_POINTS < title.run.right and title.run.left < hit.run.right + _BESIDE_TITLE_POINTS
    )


def _code(sheet: Sheet, hits: Hits, field: str) -> TextValue | None:
    return chosen(sheet, hits, (field,), code_in, lambda value: value.value)


def _code_of_buyer(sheet: Sheet, hits: Hits) -> TextValue | None:
    """The number beside a plain `Customer:`, where nothing but a number stands."""

    def alone(place: Place) -> TextValue | None:
        found = code_in(place) if place.how != "below" else None
        return found if found is not None and found.evidence[0].text == " ".join(w.text for w in place.words) else None

    return chosen(sheet, hits, ("buyer",), alone, lambda value: value.value)


def _day(sheet: Sheet, hits: Hits, *fields: str) -> Value[date] | None:
    return chosen(sheet, hits, fields, lambda place: day_in(sheet, place), lambda value: value.value)


def _day_behind(sheet: Sheet, number: TextValue | None) -> Value[date] | None:
    """The date that follows a number in its line: `Nr. 17 vom 3. Mai 2024`."""
    if number is None:
        return None
    for row in sheet.rows:
        start = row.line.text.find(number.value)
        behind = [each for each in row.dates if start >= 0 and start < each.start <= start + _NEAR_CHARACTERS]
        if behind:
            return sheet.day(row, behind[0]) if len(behind) == 1 else None
    return None


def _day_alone(sheet: Sheet) -> Value[date] | None:
    """The one date that stands alone in its part of a line, behind a town at most: `Lyon, le 3 mai 2024`."""
    found = []
    for row in sheet.rows:
        for run in row.runs:
            own = [each for each in row.dates if each.words[-1] is run.words[-1]]
            if len(own) == 1 and 0 <= len(run.words) - len(own[0].words) <= _MAX_BEFORE_DATE:
                before = run.words[: len(run.words) - len(own[0].words)]
                if not any(any(map(str.isdigit, word.text)) or word.text.endswith(":") for word in before):
                    found.append((row, own[0]))
    days = [sheet.day(row, printed) for row, printed in found]
    return days[0] if len(days) == 1 and len([d for row in sheet.rows for d in row.dates]) <= _MAX_BEFORE_DATE else None


def _period_in_text(sheet: Sheet) -> list[Value[date]] | None:
    """The two days of the one `from ... to ...` of a document."""
    found: dict[tuple[date, date], list[Value[date]]] = {}
    for row in sheet.rows:
        for one, other in pairwise(row.dates):
            between = row.line.text[one.start + len(one.text) : other.start]
            start, end = sheet.day(row, one), sheet.day(row, other)
            if _TO.fullmatch(between) and start is not None and end is not None and start.value <= end.value:
                found[start.value, end.value] = [start, end]
    return next(iter(found.values())) if len(found) == 1 else None


def _due_in_text(sheet: Sheet) -> Value[date] | None:
    """The day in a sentence on payment: `Payable without deduction by 17.09.2025`."""
    found = []
    for row in sheet.rows:
        if len(row.dates) != 1:
            continue
        printed = row.dates[0]
        before = [word.text for word in row.words if word.right <= printed.left + 1.0][-_MAX_DUE_WORDS:]
        text = " ".join(before)
        if traits(text, "amounts") & {"due"} and _UNTIL.search(plain(text)):
            found.append(sheet.day(row, printed))
    known = [each for each in found if each is not None]
    return known[0] if len({each.value for each in known}) == 1 else None


def _currency(sheet: Sheet, hits: Hits, options: ExtractionOptions) -> TextValue | None:
    """The code that a label names, else what the figures show, else what the caller says."""

    def named(place: Place) -> TextValue | None:
        word = place.words[0]
        codes = codes_of(word.text.strip(".,;"))
        return text_value(place.row, [word], codes[0]) if len(codes) == 1 else None

    labelled = chosen(sheet, hits, ("currency",), named, lambda value: value.value)
    if labelled is not None:
        return labelled
    money = [printed for row in sheet.rows for printed in row.figures if printed.currency]
    found, beside = decide(money, _text(sheet)), _beside_sums(sheet)
    shown_by = found.shown_by if found is not None else None
    if found is not None and (beside is None or (shown_by is not None and len(codes_of(shown_by.currency)) == 1)):
        return _shown(sheet, found)
    return beside or (TextValue(value=options.currency) if options.currency and not money else None)


def _shown(sheet: Sheet, found: Currency) -> TextValue:
    for row in sheet.rows:
        for printed in row.figures:
            if printed is found.shown_by:
                return TextValue(value=found.code, evidence=(evidence(row, printed.words),))
    return TextValue(value=found.code)


def _beside_sums(sheet: Sheet) -> TextValue | None:
    """A code in the label of a sum or of a column: `Total EUR`, `Amount (EUR)`."""
    found: dict[str, TextValue] = {}
    for row in sheet.rows:
        labels = [run for run in row.runs if traits(run.text, "amounts") & {"total", "gross", "due", "net"}]
        for word in (word for run in labels for word in run.words):
            text = word.text.strip("()[].,:")
            if (text in current_codes() and len(text) == 3) or text == "\u20ac":
                code = codes_of(text)[0]
                found.setdefault(code, text_value(row, [word], code))
    return next(iter(found.values())) if len(found) == 1 else None


def _text(sheet: Sheet) -> str:
    return "\n".join(row.text for row in sheet.rows)

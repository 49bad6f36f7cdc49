"""Who issued a receipt, when, and under which number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from services.ai.documents.invoice import Party
from services.ai.figures.value import TextValue, Value
from services.ai.layout.blocks import MAIL, lines_value, tells_contact
from services.ai.layout.fields import code_in
from services.ai.layout.identifiers import vat_ids
from services.ai.layout.labelled import Place
from services.ai.layout.labels import label_at
from services.ai.layout.sheet import Sheet, SheetRow, shape_is_money, text_value
from shared.pdf.lines import Run
from shared.pdf.words import Word

_TIME = re.compile(r"(?<![\d.,:])([01]?\d|2[0-3])[:h\u6642](\d\d)(?::\d\d)?(?![\d%]|[.,]\d)")
_CARD = re.compile(r"(?:[xX*\u2022#.]{2,}[ -]?|ending(?: in)? )(\d{4})(?!\d)")
#: Name and address come first, in no more rows.
_MAX_HEAD_ROWS = 7


def merchant_of(sheet: Sheet) -> Party:
    """The first line with letters is the name, those below it the address, up to what tells something else."""
    lines: list[tuple[SheetRow, Run]] = []
    for row in sheet.rows[:_MAX_HEAD_ROWS]:
        run = row.runs[0]
        if _ends_head(row):
            break
        if len(row.runs) > 1 or (not lines and sum(map(str.isalpha, run.text)) < 2):
            continue
        lines.append((row, run))
    found = Party()
    if lines:
        row, run = lines[0]
        found.name = text_value(row, run.words)
        found.address = lines_value(lines[1:])
    for row in sheet.rows:
        for each in vat_ids(row.words):
            found.vat_id = found.vat_id or text_value(row, each.words, each.value)
        for word in row.words:
            match = MAIL.search(word.text) if "@" in word.text[:200] else None
            if match and found.email is None:
                found.email = text_value(row, [word], match[0])
    return found


def _ends_head(row: SheetRow) -> bool:
    if tells_contact(row.text) or row.dates or any(shape_is_money(printed) for printed in row.figures):
        return True
    label = label_at(row.words, 0)
    return label is not None and bool(label.fields & {"vat_id", "tax_number", "number", "title"})


def date_of(sheet: Sheet) -> Value[date] | None:
    """The one date of a receipt; null where it shows several."""
    found = [value for row in sheet.rows for each in row.dates if (value := sheet.day(row, each)) is not None]
    return found[0] if len({each.value for each in found}) == 1 else None


def time_of(sheet: Sheet) -> TextValue | None:
    """Hours and minutes that stand in the row of the date, else the only ones there are."""
    dated = [row for row in sheet.rows if row.dates]
    for rows in (dated, sheet.rows):
        found = [each for row in rows if (each := _time_in(row)) is not None]
        if len({each.value for each in found}) == 1:
            return found[0]
    return None


def _time_in(row: SheetRow) -> TextValue | None:
    match = _TIME.search(row.line.text)
    if match is None:
        return None
    hour = int(match[1])
    words = row.line.words_at(*match.span())
    behind = row.line.text[match.end() : match.end() + 4].strip(" .").upper()
    if behind.startswith(("PM", "P.M")) and hour < 12:
        hour += 12
    elif behind.startswith(("AM", "A.M")) and hour == 12:
        hour = 0
    return text_value(row, words, f"{hour:02}:{match[2]}")


def number_of(sheet: Sheet) -> TextValue | None:
    """The number behind a label of its own; null where two labels have different ones."""
    found: dict[str, TextValue] = {}
    for row in sheet.rows:
        for run in row.runs:
            for index in range(min(len(run.words), 20)):
                value = _number_at(row, run.words, index)
                if value is not None:
                    found.setdefault(value.value, value)
                    break
    return next(iter(found.values())) if len(found) == 1 else None


def _number_at(row: SheetRow, words: Sequence[Word], index: int) -> TextValue | None:
    label = label_at(words, index, "receipt_numbers")
    if label is None or index + label.count >= len(words):
        return None
    return code_in(Place("behind", row, words[index + label.count :]))


def card_of(sheet: Sheet) -> TextValue | None:
    """The last four digits of a card that is otherwise blotted out."""
    found: dict[str, TextValue] = {}
    for row in sheet.rows:
        match = _CARD.search(row.line.text)
        if match:
            found.setdefault(match[1], text_value(row, row.line.words_at(*match.span(1)), match[1]))
    return next(iter(found.values())) if len(found) == 1 else None

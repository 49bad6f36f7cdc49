"""Taxes by rate, from tables of taxes and from labels that name a rate."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from services.ai.documents.invoice import TaxLine
from services.ai.figures.value import FigureValue
from services.ai.layout.sheet import Sheet, SheetRow, evidence
from services.ai.layout.total_labels import Sum, percent_in
from services.ai.rules.invoice.sums import Labelled, Rated


def tax_lines(sheet: Sheet, rated: Sequence[Rated], sums: Sequence[Labelled]) -> list[TaxLine]:
    """One entry for each rate that is printed with its tax. A table of taxes counts before labels beside figures."""
    found = [_from_table(sheet, row) for row in rated]
    if any(row.headed for row in rated):
        return found
    seen: set[tuple[object, ...]] = set()
    for each in sums:
        if each.kind is not Sum.TAX or each.percent is None:
            continue
        key = (each.row.index, each.number)
        if key not in seen:
            seen.add(key)
            found.append(_from_label(sheet, each))
    return found


def _from_table(sheet: Sheet, row: Rated) -> TaxLine:
    percent, base, amount = (
        sheet.figure(row.row, printed) if printed is not None else None for printed in (row.percent, row.base, row.tax)
    )
    if percent is None:
        percent = _percent_of(row.row, percent_in(row.row.text))
    return TaxLine(percent=percent, base=base, amount=amount)


def _percent_of(row: SheetRow, digits: str | None) -> FigureValue | None:
    if digits is None:
        return None
    words = [word for word in row.words if "%" in word.text or "\uff05" in word.text] or row.words
    return FigureValue(value=Decimal(digits.replace(",", ".")), evidence=(evidence(row, words[:1]),))


def _from_label(sheet: Sheet, found: Labelled) -> TaxLine:
    return TaxLine(
        percent=_percent_of(found.row, percent_in(found.label)),
        base=sheet.figure(found.row, found.base) if found.base is not None else None,
        amount=sheet.figure(found.row, found.printed),
    )

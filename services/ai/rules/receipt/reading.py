"""Read till receipts from the rows of pages."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.documents.receipt import Receipt
from services.ai.figures.value import FigureValue, TextValue
from services.ai.layout.currencies import codes_of, current_codes, decide
from services.ai.layout.figures import Printed
from services.ai.layout.labels import plain, traits, whole_traits
from services.ai.layout.sheet import Sheet, SheetRow, evidence, shape_is_money, sheet_of, text_value
from services.ai.layout.total_labels import Sum, sum_named
from services.ai.reading.document import Document, Page
from services.ai.rules.invoice.sums import tax_rows
from services.ai.rules.invoice.taxes import tax_lines
from services.ai.rules.receipt.articles import articles_of
from services.ai.rules.receipt.head import card_of, date_of, merchant_of, number_of, time_of


class _Sum(StrEnum):
    SUBTOTAL = "subtotal"
    TOTAL = "total"
    TAX = "tax"
    TIP = "tip"
    PAID = "paid"
    CHANGE = "change"


_OF_INVOICES = {
    Sum.SUBTOTAL: _Sum.SUBTOTAL,
    Sum.NET: _Sum.SUBTOTAL,
    Sum.TAX: _Sum.TAX,
    Sum.TOTAL: _Sum.TOTAL,
    Sum.GROSS: _Sum.TOTAL,
    Sum.DUE: _Sum.TOTAL,
    Sum.PREPAID: _Sum.PAID,
}


def read(document: Document, options: ExtractionOptions) -> list[Receipt]:
    """The receipts of a document: one on each page that shows a total, or one over all pages."""
    pages = [[page] for page in document.pages]
    found = [receipt for page in pages if (receipt := _receipt(page, options)) is not None]
    if len(found) == len(pages):
        return found
    whole = _receipt(document.pages, options)
    return [whole] if whole is not None else []


def _receipt(pages: Sequence[Page], options: ExtractionOptions) -> Receipt | None:
    sheet = sheet_of(pages, options)
    first = next((row.index for row in sheet.rows if _ends_articles(row)), None)
    if first is None:
        return None
    rated = tax_rows(sheet, sheet.rows[first:])
    sums = _sums(sheet, sheet.rows[first:], {each.row.index for each in rated})
    total = sums.get(_Sum.TOTAL)
    if total is None:
        return None
    return Receipt(
        merchant=merchant_of(sheet),
        number=number_of(sheet),
        purchase_date=date_of(sheet),
        time=time_of(sheet),
        currency=_currency(sheet, options),
        lines=articles_of(sheet, sheet.rows[:first]),
        taxes=tax_lines(sheet, rated, []),
        subtotal=sums.get(_Sum.SUBTOTAL),
        tax_total=sums.get(_Sum.TAX),
        tip=sums.get(_Sum.TIP),
        total=total,
        paid=sums.get(_Sum.PAID),
        change=sums.get(_Sum.CHANGE),
        payment_method=_method(sheet.rows[first:]),
        card=card_of(sheet),
    )


def _ends_articles(row: SheetRow) -> bool:
    """Whether a row is the first of the totals: it has the label of one, with money, and no quantity."""
    printed = _last_money(row)
    if printed is None:
        return False
    kind = sum_named(_label(row, printed))
    return kind in (Sum.SUBTOTAL, Sum.TOTAL, Sum.GROSS, Sum.DUE) or (
        kind in (Sum.NET, Sum.TAX) and bool(whole_traits(_label(row, printed), "amounts"))
    )


def _sums(sheet: Sheet, rows: Sequence[SheetRow], rated: set[int]) -> dict[_Sum, FigureValue]:
    """The sums by their labels; what has two different figures is left out, but of totals the first counts."""
    found: dict[_Sum, list[FigureValue]] = {}
    for row in rows:
        printed = _last_money(row)
        if printed is None or row.index in rated or len([p for p in row.figures if shape_is_money(p)]) > 1:
            continue
        kind = _kind_of(_label(row, printed))
        value = sheet.figure(row, printed)
        if kind is not None and value is not None:
            found.setdefault(kind, []).append(value)
    taxes = found.get(_Sum.TAX, [])
    if len(taxes) > 1:
        found[_Sum.TAX] = _one_that_sums(taxes)
    return {kind: values[0] for kind, values in found.items() if len({each.value for each in values}) == 1}


def _one_that_sums(taxes: Sequence[FigureValue]) -> list[FigureValue]:
    """Of several taxes the one that is the sum of the others."""
    whole = sum((each.value for each in taxes), Decimal(0))
    return [each for each in taxes if each.value * 2 == whole]


def _kind_of(label: str) -> _Sum | None:
    found = traits(label, "receipts")
    if "change" in found:
        return _Sum.CHANGE
    if "tip" in found:
        return _Sum.TIP
    kind = sum_named(label)
    if kind in (Sum.TOTAL, Sum.GROSS, Sum.DUE) and not ("paid" in found and kind is not Sum.GROSS):
        return _Sum.TOTAL
    if "paid" in found:
        return _Sum.PAID
    return _OF_INVOICES.get(kind) if kind is not None else None


def _last_money(row: SheetRow) -> Printed | None:
    money = [each for each in row.figures if shape_is_money(each)]
    return money[-1] if money else None


def _label(row: SheetRow, printed: Printed) -> str:
    return " ".join(word.text for word in row.words if word.right <= printed.words[0].left + 1.0)


def _method(rows: Sequence[SheetRow]) -> TextValue | None:
    """How it was paid, where one row with an amount names it."""
    found: dict[str, TextValue] = {}
    for row in rows:
        printed = _last_money(row)
        if printed is None or _kind_of(_label(row, printed)) is not _Sum.PAID:
            continue
        for count in (2, 1):
            for index in range(len(row.words) - count + 1):
                words = row.words[index : index + count]
                if "method" in whole_traits(" ".join(word.text for word in words), "receipts"):
                    found.setdefault(plain(words[0].text), text_value(row, words))
                    break
            if found:
                break
    return next(iter(found.values())) if len(found) == 1 else None


def _currency(sheet: Sheet, options: ExtractionOptions) -> TextValue | None:
    money = [printed for row in sheet.rows for printed in row.figures if printed.currency]
    text = "\n".join(row.text for row in sheet.rows)
    found = decide(money, text)
    if found is not None:
        row = next((row for row in sheet.rows if found.shown_by in row.figures), None)
        places = (evidence(row, found.shown_by.words),) if row is not None and found.shown_by is not None else ()
        return TextValue(value=found.code, evidence=places)
    beside = [
        (row, word)
        for row in sheet.rows
        for word in row.words
        if word.text in ("EUR", "\u20ac") or (word.text in current_codes() and "total" in traits(row.text, "amounts"))
    ]
    if beside and len({word.text for _, word in beside}) == 1:
        row, word = beside[0]
        return text_value(row, [word], codes_of(word.text)[0])
    return TextValue(value=options.currency) if options.currency and not money else None

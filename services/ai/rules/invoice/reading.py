"""Read invoices from the rows of pages: several where a file holds several."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.documents.invoice import Invoice, Party, TaxLine
from services.ai.figures.value import FigureValue
from services.ai.layout.labelled import hits_of
from services.ai.layout.labels import label_at
from services.ai.layout.parties import Parties, parties_of
from services.ai.layout.sheet import Sheet, SheetRow, evidence, sheet_of
from services.ai.reading.document import Document
from services.ai.rules.invoice.columns import Kind
from services.ai.rules.invoice.header import header, kind_of
from services.ai.rules.invoice.lines import Table, has_tax_in, line_of, table_of
from services.ai.rules.invoice.parts import parts_of
from services.ai.rules.invoice.settle import Totals, settled
from services.ai.rules.invoice.sums import Labelled, above_sums, labelled_sums, tax_rows, without_sum_row
from services.ai.rules.invoice.taxes import tax_lines

#: The name of a document stands alone, with its number at most.
_MAX_TITLE_WORDS = 6


def read(document: Document, options: ExtractionOptions) -> list[Invoice]:
    """The invoices of a document; what is not clear in one is null. Pages that show no total and no line give none."""
    found: list[Invoice] = []
    for pages in parts_of(document, options):
        sheet = sheet_of(pages, options)
        invoice = _invoice(sheet, options)
        if _is_one(invoice, sheet) and invoice not in found:
            found.append(invoice)
    return found


def _is_one(invoice: Invoice, sheet: Sheet) -> bool:
    """Whether there is a sum or a line, and something says that it is an invoice: its name, a number, a tax."""
    shows = invoice.lines or invoice.gross_total or invoice.net_total or invoice.amount_due
    says = invoice.number or (invoice.tax_total and invoice.gross_total) or invoice.seller.vat_id
    return bool(shows) and bool(says or any(map(_has_title, sheet.rows)))


def _has_title(row: SheetRow) -> bool:
    """Whether a line is the name of an invoice and little more."""
    labels = [label_at(run.words, 0) for run in row.runs if len(run.words) <= _MAX_TITLE_WORDS]
    return any(label is not None and label.fields & {"title", "credit_title"} for label in labels)


def _invoice(sheet: Sheet, options: ExtractionOptions) -> Invoice:
    table = table_of(sheet)
    hits = hits_of(row for row in sheet.rows if row.index not in table.taken)
    totals, taxes = _totals(sheet, table)
    amount_kind = _amount_kind(totals, _lines_sum(sheet, table))
    if all(has_tax_in(sheet, item) for item in table.items):
        amount_kind = Kind.GROSS
    above = _above_lines(sheet, table)
    parties = parties_of(sheet, above, hits) if above else Parties(Party(), Party())
    return Invoice(
        **header(sheet, hits, options),
        kind=kind_of(above),
        seller=parties.seller,
        buyer=parties.buyer,
        lines=[line_of(sheet, item, amount_kind) for item in table.items],
        taxes=taxes,
        **_as_values(sheet, totals),
    )


def _totals(sheet: Sheet, table: Table) -> tuple[Totals, list[TaxLine]]:
    rest = [row for row in sheet.rows if row.index not in table.taken]
    every = tax_rows(sheet, rest)
    rated, below = without_sum_row(sheet, every)
    heads = list({item.head.row.index: item.head for item in table.items}.values())
    beside = labelled_sums(sheet, rest, every, heads)
    sums = [*beside, *below, *above_sums(sheet, rest, every, beside)]
    taxes = tax_lines(sheet, rated, sums)
    amounts = [each.amount.value for each in taxes if each.amount is not None]
    tax_sum = sum(amounts, Decimal(0)) if amounts else None
    return settled(sums, _lines_sum(sheet, table), tax_sum), taxes


def _lines_sum(sheet: Sheet, table: Table) -> Decimal | None:
    """The sum of the lines in the first kind of amount that all of them have; null where one cannot be read."""
    for kind in (Kind.NET, Kind.AMOUNT, Kind.GROSS):
        if table.items and all(kind in item.figures for item in table.items):
            numbers = [sheet.amount(item.figures[kind][1]) for item in table.items]
            known = [number for number in numbers if number is not None]
            return sum(known, Decimal(0)) if len(known) == len(numbers) else None
    return None


def _amount_kind(totals: Totals, lines_sum: Decimal | None) -> Kind:
    """What the amounts of lines are whose head does not tell: with tax where only the gross total is their sum."""
    return Kind.GROSS if lines_sum is not None and totals.has_tax_in(lines_sum) else Kind.NET


def _above_lines(sheet: Sheet, table: Table) -> list[SheetRow]:
    """Rows of the first page above the lines: where both parties stand."""
    first = sheet.rows[0].page if sheet.rows else None
    heads = [item.head.row.index for item in table.items]
    end = min(heads) if heads else len(sheet.rows)
    return [row for row in sheet.rows if row.page is first and row.index < end]


def _as_values(sheet: Sheet, totals: Totals) -> dict[str, Any]:
    gross, due = _figure(sheet, totals.gross), _figure(sheet, totals.due)
    return {
        "lines_total": _figure(sheet, totals.lines),
        "allowance_total": _unsigned(_summed(sheet, totals.allowances)),
        "charge_total": _unsigned(_summed(sheet, totals.charges)),
        "net_total": _figure(sheet, totals.net),
        "tax_total": _figure(sheet, totals.tax),
        "gross_total": gross,
        "prepaid": _unsigned(_figure(sheet, totals.prepaid)),
        "rounding": _figure(sheet, totals.rounding),
        "amount_due": due,
    }


def _figure(sheet: Sheet, found: Sequence[Labelled]) -> FigureValue | None:
    """The number that some labelled figures show, with all their places."""
    if not found:
        return None
    places = list({id(each.printed): evidence(each.row, each.printed.words) for each in found}.values())
    return FigureValue(value=found[0].number, evidence=tuple(places))


def _summed(sheet: Sheet, found: Sequence[Labelled]) -> FigureValue | None:
    """The sum of different allowances or charges; null where two have one amount and may be one printed twice."""
    numbers = {each.number for each in found}
    rows = {each.row.index for each in found}
    if len(numbers) == 1 and len(rows) == 1:
        return _figure(sheet, found[:1])
    if not found or len(numbers) != len(rows):
        return None
    places = tuple(evidence(each.row, each.printed.words) for each in found)
    return FigureValue(value=sum(numbers, Decimal(0)), evidence=places)


def _unsigned(value: FigureValue | None) -> FigureValue | None:
    return None if value is None else value.model_copy(update={"value": abs(value.value)})

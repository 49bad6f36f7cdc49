"""Trial balances put together from the rows of a document."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.documents.trial_balance import Account, Subtotal, TrialBalance
from services.ai.figures.value import Evidence, Figure, TextValue, Value
from services.ai.layout.columns import uses_bare
from services.ai.layout.dates import Reckoning, decide_order
from services.ai.layout.headings import Heading, find_headings
from services.ai.layout.rows import text_rows
from services.ai.layout.tables import fragments
from services.ai.reading.document import Document
from services.ai.rules.trial_balance.around import describe
from services.ai.rules.trial_balance.hierarchy import split
from services.ai.rules.trial_balance.lines import Item, items_of
from services.ai.rules.trial_balance.slots import heading_vocabulary, slots_of

A = TypeVar("A", bound=Account)
#: Fewer accounts are no ledger.
_MIN_ACCOUNTS = 2


def read(document: Document, options: ExtractionOptions) -> list[TrialBalance]:
    """The trial balance in a document; none where no heading names its columns."""
    rows, notation = text_rows(document)
    headings = find_headings(rows, heading_vocabulary())
    found = fragments(rows, headings, bare=uses_bare(rows))
    for each in found:
        each.columns = [column for column in each.columns if column.head is not None]
    found = [each for each in found if slots_of(each.columns, each.heading)]
    if not found:
        return []
    items, used = items_of(found, notation)
    accounts, subtotals, total = split(items)
    if len(accounts) < _MIN_ACCOUNTS:
        return []
    if total is not None:
        single = {
            name
            for each in found
            for slot in slots_of(each.columns, each.heading).values()
            if not slot.side
            for name in slot.fields
        }
        total = _without_nets(total, accounts, single)
    used |= _heading_rows(headings)
    around = [row for index, row in enumerate(rows) if index not in used]
    order = decide_order(
        (found for row in around for found in row.dates), option=options.date_order, language=options.language
    )
    balance = TrialBalance(
        accounts=[_account(Account, item) for item in accounts],
        subtotals=[_account(Subtotal, item) for item in subtotals],
        totals=_account(Account, total) if total else None,
    )
    tables = [row for index, row in enumerate(rows) if index in used]
    describe(balance, around, tables, Reckoning(order), options.currency)
    return [balance]


def _heading_rows(headings: Sequence[Heading]) -> set[int]:
    return {index for heading in headings for index in range(heading.first, heading.end)}


def _account(shape: type[A], item: Item) -> A:
    account = shape(code=_code(item), name=_name(item))
    for name, (printed, value) in item.cells.items():
        setattr(account, name, Value[Figure](value=value, evidence=(item.row.page.evidence(printed.words),)))
    return account


def _without_nets(total: Item, accounts: Sequence[Item], single: set[str]) -> Item | None:
    """The totals without those of columns with signs: what debits and credits come to is no sum of either."""
    for name in single & set(total.cells):
        summed = sum((account.values.get(name, Decimal(0)) for account in accounts), Decimal(0))
        if total.values[name] != summed:
            del total.cells[name]
    return total if total.cells else None


def _code(item: Item) -> TextValue | None:
    if not item.code:
        return None
    return Value[str](value=item.code_text, evidence=(item.row.page.evidence(item.code),))


def _name(item: Item) -> TextValue | None:
    lines = [(item.row, item.name), *item.more]
    words = [word for _, line in lines for word in line]
    if not words:
        return None
    evidence: tuple[Evidence, ...] = tuple(row.page.evidence(line) for row, line in lines if line)
    return Value[str](value=" ".join(word.text for word in words), evidence=evidence)

"""One statement from what belongs to its account: signs, dates, balances, totals, names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from services.ai.contracts.extraction import DateOrder, ExtractionOptions
from services.ai.documents.bank_statement import BankStatement, Movement
from services.ai.figures.value import Figure, FigureValue, TextValue, Value
from services.ai.layout.amounts import Notation
from services.ai.layout.dates import Reckoning
from services.ai.layout.figures import Printed
from services.ai.layout.periods import period_in
from services.ai.layout.rows import TextRow
from services.ai.rules.bank_statement.accounts import Account
from services.ai.rules.bank_statement.balances import Balances, balances_of
from services.ai.rules.bank_statement.identity import identify
from services.ai.rules.bank_statement.movements import Draft
from services.ai.rules.bank_statement.signs import signed
from shared.pdf.words import Word


def assemble(
    account: Account, notation: Notation, order: DateOrder | None, options: ExtractionOptions, *, bare: bool
) -> BankStatement:
    """Read an account as a statement. Movements whose sign nothing tells are left out."""
    balances = balances_of(account, notation, bare=bare)
    statement = BankStatement(
        opening_balance=balances.opening,
        closing_balance=balances.closing,
        total_debits=balances.total_debits,
        total_credits=balances.total_credits,
    )
    period = period_in(account.matter, Reckoning(order))
    statement.period_start, statement.period_end = period.start, period.end
    reckoning = Reckoning(
        order,
        period.start.value if period.start else None,
        period.end.value if period.end else _last_day(account, order),
    )
    tables = [
        *account.headings,
        *(line.cells.row for line in account.lines),
        *(draft.anchor for draft in account.drafts),
    ]
    identify(statement, account.matter, tables, options.currency, month_first=order is DateOrder.MONTH_FIRST)
    statement.movements = _movements(account.drafts, notation, reckoning, balances)
    return statement


def _movements(drafts: Sequence[Draft], notation: Notation, reckoning: Reckoning, balances: Balances) -> list[Movement]:
    opening = balances.opening.value if balances.opening else None
    closing = balances.closing.value if balances.closing else None
    reading = signed(drafts, notation, opening, closing, balances.sides)
    return [
        _movement(draft, amount, balance, reckoning)
        for draft, amount, balance in zip(drafts, reading.amounts, reading.balances, strict=True)
        if amount is not None
    ]


def _movement(draft: Draft, amount: Decimal, balance: Decimal | None, reckoning: Reckoning) -> Movement:
    return Movement(
        booking_date=_day(draft, reckoning, "date") or _day(draft, reckoning, "transaction_date"),
        value_date=_day(draft, reckoning, "value_date"),
        description=_words(draft, *draft.texts),
        reference=_words(draft, "reference"),
        amount=figure(draft.anchor, draft.amount, amount),
        balance=figure(draft.balance_row, draft.balance, balance)
        if draft.balance and draft.balance_row and balance is not None
        else None,
    )


def figure(row: TextRow, printed: Printed, value: Decimal) -> FigureValue:
    """A figure with its place."""
    return Value[Figure](value=value, evidence=(row.page.evidence(printed.words),))


def _day(draft: Draft, reckoning: Reckoning, name: str) -> Value[date] | None:
    for known, printed, row in draft.dates:
        if known == name:
            found = reckoning.date_of(printed)
            return Value[date](value=found, evidence=(row.page.evidence(printed.words),)) if found else None
    return None


def _words(draft: Draft, *meanings: str) -> TextValue | None:
    """The words of columns line by line, joined by spaces."""
    lines: list[tuple[TextRow, list[Word]]] = []
    for cells in draft.entries:
        words = sorted(cells.words(*meanings), key=lambda word: word.left)
        if words:
            lines.append((cells.row, words))
    if not lines:
        return None
    text = " ".join(word.text for _, words in lines for word in words)
    return Value[str](value=text, evidence=tuple(row.page.evidence(words) for row, words in lines))


def _last_day(account: Account, order: DateOrder | None) -> date | None:
    """The latest whole date around and in the table: days without a year are in the year before it."""
    plain = Reckoning(order)
    rows = [*account.matter, *(line.cells.row for line in account.lines)]
    days = [plain.date_of(found) for row in rows for found in row.dates if found.year and not found.doubtful]
    days += [plain.date_of(found) for draft in account.drafts for _, found, _ in draft.dates if found.year]
    return max((day for day in days if day), default=None)

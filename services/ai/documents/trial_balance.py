"""A trial balance: the accounts of a ledger with their debits and credits."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from services.ai.figures.value import FigureValue, TextValue, Value


class Account(BaseModel):
    """One account. Columns that the document does not have, and empty cells, are null.

    Figures are as printed, with a sign only where one is printed. Of a single balance column, debits stand in
    `closing_debit` and credits in `closing_credit`, both without a sign.
    """

    code: TextValue | None = None
    name: TextValue | None = None
    opening_debit: FigureValue | None = None
    opening_credit: FigureValue | None = None
    debit: FigureValue | None = None
    credit: FigureValue | None = None
    closing_debit: FigureValue | None = None
    closing_credit: FigureValue | None = None


class Subtotal(Account):
    """A line that sums accounts above or below it (a class, a group), and is no account itself."""


class TrialBalance(BaseModel):
    """The accounts of one ledger. A balance with only debit and credit columns has them in the closing columns."""

    company: TextValue | None = None
    currency: TextValue | None = None
    period_start: Value[date] | None = None
    #: The day that it is drawn up for.
    period_end: Value[date] | None = None
    accounts: list[Account] = []
    subtotals: list[Subtotal] = []
    #: The printed totals of the columns.
    totals: Account | None = None

"""A bank statement: one account over one period."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from services.ai.figures.value import FigureValue, TextValue, Value


class Movement(BaseModel):
    """One line of an account. `amount` is signed: what leaves the account (a debit) is negative."""

    booking_date: Value[date] | None = None
    value_date: Value[date] | None = None
    description: TextValue | None = None
    reference: TextValue | None = None
    amount: FigureValue
    #: The balance after this line, where the statement prints it; overdrawn is negative.
    balance: FigureValue | None = None


class BankStatement(BaseModel):
    """One account over one period. Balances are signed: overdrawn is negative."""

    bank: TextValue | None = None
    account_holder: TextValue | None = None
    account_number: TextValue | None = None
    iban: TextValue | None = None
    bic: TextValue | None = None
    #: ISO 4217.
    currency: TextValue | None = None
    statement_number: TextValue | None = None
    period_start: Value[date] | None = None
    period_end: Value[date] | None = None
    opening_balance: FigureValue | None = None
    closing_balance: FigureValue | None = None
    #: Sums that the statement prints, as it prints them: without a sign.
    total_debits: FigureValue | None = None
    total_credits: FigureValue | None = None
    movements: list[Movement] = []

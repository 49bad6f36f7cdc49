"""A till receipt."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from services.ai.documents.invoice import Party, TaxLine
from services.ai.figures.value import FigureValue, TextValue, Value


class ReceiptLine(BaseModel):
    """One article, or a discount with a negative amount."""

    description: TextValue | None = None
    quantity: FigureValue | None = None
    unit_price: FigureValue | None = None
    amount: FigureValue


class Receipt(BaseModel):
    """A receipt."""

    merchant: Party = Party()
    number: TextValue | None = None
    purchase_date: Value[date] | None = None
    #: Hours and minutes, as 14:05.
    time: TextValue | None = None
    #: ISO 4217.
    currency: TextValue | None = None
    lines: list[ReceiptLine] = []
    taxes: list[TaxLine] = []
    subtotal: FigureValue | None = None
    tax_total: FigureValue | None = None
    tip: FigureValue | None = None
    total: FigureValue | None = None
    #: What was handed over, and what came back.
    paid: FigureValue | None = None
    change: FigureValue | None = None
    payment_method: TextValue | None = None
    #: The last four digits that the receipt shows.
    card: TextValue | None = None

"""An invoice or a credit note, in the terms of EN 16931."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel

from services.ai.figures.value import FigureValue, TextValue, Value


class Party(BaseModel):
    """Who sells or buys."""

    name: TextValue | None = None
    #: Lines of the address joined by a line end.
    address: TextValue | None = None
    vat_id: TextValue | None = None
    tax_number: TextValue | None = None
    email: TextValue | None = None


class InvoiceLine(BaseModel):
    """One line. `net_amount` is without tax, `gross_amount` with it: invoices print one or both."""

    position: TextValue | None = None
    code: TextValue | None = None
    description: TextValue | None = None
    quantity: FigureValue | None = None
    unit: TextValue | None = None
    unit_price: FigureValue | None = None
    #: For how many units the price is meant, where not for one ("per 100").
    price_quantity: FigureValue | None = None
    discount_percent: FigureValue | None = None
    #: Taken off and added for the whole line, without a sign.
    allowance: FigureValue | None = None
    charge: FigureValue | None = None
    tax_percent: FigureValue | None = None
    net_amount: FigureValue | None = None
    gross_amount: FigureValue | None = None


class TaxLine(BaseModel):
    """Tax at one rate."""

    percent: FigureValue | None = None
    base: FigureValue | None = None
    amount: FigureValue | None = None


class Invoice(BaseModel):
    """An invoice. Amounts of a credit note are as it prints them; `kind` tells it."""

    kind: Literal["invoice", "credit_note"] = "invoice"
    number: TextValue | None = None
    issue_date: Value[date] | None = None
    due_date: Value[date] | None = None
    #: Of the delivery or service, or of its period.
    delivery_date: Value[date] | None = None
    period_start: Value[date] | None = None
    period_end: Value[date] | None = None
    #: ISO 4217.
    currency: TextValue | None = None
    seller: Party = Party()
    buyer: Party = Party()
    customer_number: TextValue | None = None
    purchase_order: TextValue | None = None
    payment_reference: TextValue | None = None
    iban: TextValue | None = None
    bic: TextValue | None = None
    lines: list[InvoiceLine] = []
    taxes: list[TaxLine] = []
    #: The sum of the lines before allowances and charges of the whole document.
    lines_total: FigureValue | None = None
    #: Of the whole document, without a sign.
    allowance_total: FigureValue | None = None
    charge_total: FigureValue | None = None
    net_total: FigureValue | None = None
    tax_total: FigureValue | None = None
    gross_total: FigureValue | None = None
    prepaid: FigureValue | None = None
    rounding: FigureValue | None = None
    amount_due: FigureValue | None = None

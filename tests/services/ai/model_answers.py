"""A statement, and what a model that reads it well answers."""

from __future__ import annotations

from typing import Any

from services.ai.documents.bank_statement import BankStatement

STATEMENT = [
    "Northwind Bank",
    "Account statement\tIBAN DE89 3704 0044 0532 0130 00",
    "01.03.2026 to 31.03.2026\tEUR",
    "Date\tText\tAmount\tBalance",
    "01.03.\tOpening balance\t\t1.000,00",
    "03.03.\tRent March\t-500,00\t500,00",
    "05.03.\tSalary\t2.250,40\t2.750,40",
    "09.03.\tBakery\t-12,50\t2.737,90",
    "31.03.\tClosing balance\t\t2.737,90",
]


def at(text: str, row: int, page: int = 1) -> dict[str, Any]:
    """A value with its place."""
    return {"text": text, "page": page, "row": row}


def line_of(row: int, day: str, text: str, amount: str, balance: str, page: int = 1) -> dict[str, Any]:
    """A movement."""
    return {
        "page": page,
        "row": row,
        "booking_date": day,
        "value_date": None,
        "description": text,
        "reference": None,
        "amount": amount,
        "balance": balance,
        "side": None,
    }


def answer_with(**changed: Any) -> dict[str, Any]:
    """The whole answer, some of its parts changed."""
    told = {
        **dict.fromkeys(BankStatement.model_fields),
        "bank": at("Northwind Bank", 1),
        "iban": at("DE89 3704 0044 0532 0130 00", 2),
        "currency": at("EUR", 3),
        "period_start": at("01.03.2026", 3),
        "period_end": at("31.03.2026", 3),
        "opening_balance": at("1.000,00", 5),
        "closing_balance": at("2.737,90", 9),
        "movements": [
            line_of(6, "03.03.", "Rent March", "-500,00", "500,00"),
            line_of(7, "05.03.", "Salary", "2.250,40", "2.750,40"),
            line_of(8, "09.03.", "Bakery", "-12,50", "2.737,90"),
        ],
        **changed,
    }
    return {"documents": [told]}

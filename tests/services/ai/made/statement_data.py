"""What a bank statement tells, before any layout: movements that add up, and how much of them is printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.services.ai.made.vocabulary import VOCABULARIES, name

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """One movement. The first line of its description is its kind, the others tell more."""

    booked: date
    value: date
    description: tuple[str, ...]
    reference: str
    amount: Decimal
    balance: Decimal


@dataclass
class StatementData:
    """One account over one period."""

    language: str
    opening: Decimal
    closing: Decimal
    start: date
    end: date
    lines: list[Line]
    holder: str
    #: What is wrong with it on purpose.
    flaw: str | None = None
    debits: Decimal = field(default=Decimal(0))
    credits: Decimal = field(default=Decimal(0))

    def truth(
        self,
        *,
        value_dates: bool = False,
        references: bool = False,
        balances: bool | Iterable[int] = False,
        sums: bool = False,
        opening: bool = True,
        closing: bool = True,
        period: bool = True,
        descriptions: str = "all",
        **printed: Any,
    ) -> dict[str, Any]:
        """The statement in the words of the typed document, with what a layout prints of it.

        `balances` may name the lines that have one; `descriptions` is `all` or `first` of their lines.
        """
        shown = range(len(self.lines)) if balances is True else balances or ()
        numbered = set(shown)
        movements = [
            {
                "booking_date": line.booked.isoformat(),
                "value_date": line.value.isoformat() if value_dates else None,
                "description": " ".join(line.description if descriptions == "all" else line.description[:1]),
                "reference": line.reference if references else None,
                "amount": str(line.amount),
                "balance": str(line.balance) if number in numbered else None,
            }
            for number, line in enumerate(self.lines)
        ]
        return {
            "account_holder": self.holder,
            "period_start": self.start.isoformat() if period else None,
            "period_end": self.end.isoformat() if period else None,
            "opening_balance": str(self.opening) if opening else None,
            "closing_balance": str(self.closing) if closing else None,
            "total_debits": str(self.debits) if sums else None,
            "total_credits": str(self.credits) if sums else None,
            **printed,
            "movements": movements,
        }

    def last_of_days(self) -> list[int]:
        """The lines that end a day."""
        ends = {line.booked: number for number, line in enumerate(self.lines)}
        return sorted(ends.values())


def statement(
    random: Random,
    language: str,
    count: int,
    *,
    start: date = date(2025, 3, 1),
    days: int = 31,
    opening: Decimal | None = None,
    digits: int = 2,
    large: int = 4000,
    more_lines: int = 2,
    interest: bool = False,
) -> StatementData:
    """Movements in the order of their dates."""
    step = Decimal(1).scaleb(-digits)
    balance = (
        Decimal(random.randint(-2_000, 9_000)) + Decimal(random.randint(0, 99)) / 100 if opening is None else opening
    )
    first = balance = balance.quantize(step)
    offsets = sorted(random.randrange(days) for _ in range(count))
    words, lines = VOCABULARIES[language], []
    for number, offset in enumerate(offsets):
        credit = random.random() < 0.3
        size = Decimal(str(round(random.choice([9, 60, 300, large]) * random.uniform(0.05, 1), 2)))
        amount = max(size.quantize(step), step) * (1 if credit else -1)
        kind = random.choice(words.credit_kinds if credit else words.debit_kinds)
        more = [name(random, language), random.choice(words.purposes)][: random.randint(0, more_lines)]
        if interest and number == count - 1:
            kind, more = words.interest, []
        balance += amount
        booked = start + timedelta(days=offset)
        value = booked + timedelta(days=random.choice([0, 0, 0, 1, -1, 2]))
        lines.append(Line(booked, value, (kind, *more), f"{random.randint(10**6, 10**7 - 1)}", amount, balance))
    end = start + timedelta(days=days - 1)
    data = StatementData(language, first, balance, start, end, lines, random.choice(words.people))
    data.debits = -sum((line.amount for line in lines if line.amount < 0), Decimal(0))
    data.credits = sum((line.amount for line in lines if line.amount > 0), Decimal(0))
    return data


def spoiled(data: StatementData, random: Random) -> StatementData:
    """The same with an error that arithmetic must find: a lost line, a wrong balance, a wrong amount."""
    kind = random.choice(["missing_line", "closing_balance", "amount"])
    lines = list(data.lines)
    if kind == "missing_line" and len(lines) > 2:
        del lines[random.randrange(1, len(lines) - 1)]
    elif kind == "amount" and lines:
        place = random.randrange(len(lines))
        lines[place] = replace(lines[place], amount=lines[place].amount + 90)
        if lines[place].amount == 0:
            lines[place] = replace(lines[place], amount=Decimal("12.00"))
    else:
        kind = "closing_balance"
        return replace(data, closing=data.closing + Decimal("27.00"), flaw=kind)
    return replace(data, lines=lines, flaw=kind)

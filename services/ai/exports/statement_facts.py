"""What formats of banks demand of a statement, found or refused with the reason."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.ai.documents.bank_statement import BankStatement, Movement
from services.ai.exports.xml_files import ExportImpossible

#: As the schemas of ISO 20022 demand them.
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{1,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


@dataclass(frozen=True)
class Entry:
    """One movement with what a bank's program needs."""

    #: The same for the same movement in another statement of the account, and in no other movement.
    id: str
    movement: Movement
    booked: date
    #: Where the money is worth something from; None when the statement does not tell.
    valued: date | None
    amount: Decimal
    text: str
    reference: str | None


@dataclass(frozen=True)
class StatementFacts:
    """One statement."""

    statement: BankStatement
    currency: str
    #: IBAN without spaces where there is one, else the number as printed.
    account: str
    first_day: date
    last_day: date
    entries: list[Entry]

    @property
    def iban(self) -> str | None:
        """Without spaces; None where what is printed has not the form of one."""
        packed = _packed(self.statement.iban.value).upper() if self.statement.iban else ""
        return packed if _IBAN.fullmatch(packed) else None

    @property
    def bic(self) -> str | None:
        """None where what is printed has not the form of one."""
        packed = _packed(self.statement.bic.value).upper() if self.statement.bic else ""
        return packed if _BIC.fullmatch(packed) else None


def facts_of(statement: BankStatement) -> StatementFacts:
    """Raises ExportImpossible: no account, no currency, a movement without a date, or no date at all."""
    if not statement.currency:
        raise ExportImpossible("the statement shows no currency; the option currency names it")
    number = statement.iban or statement.account_number
    if not number:
        raise ExportImpossible("the statement shows no account")
    account = _packed(number.value)
    entries = list(_entries(statement, account))
    days = [entry.booked for entry in entries]
    first = statement.period_start.value if statement.period_start else min(days, default=None)
    last = statement.period_end.value if statement.period_end else max(days, default=None)
    if first is None or last is None:
        raise ExportImpossible("the statement shows no date")
    return StatementFacts(statement, statement.currency.value, account, first, last, entries)


def _entries(statement: BankStatement, account: str) -> Iterator[Entry]:
    alike: Counter[tuple[object, ...]] = Counter()
    for number, movement in enumerate(statement.movements, start=1):
        dated = movement.booking_date or movement.value_date
        if not dated:
            raise ExportImpossible(f"movement {number} has no date")
        text = " ".join(movement.description.value.split()) if movement.description else ""
        reference = movement.reference.value if movement.reference else None
        amount = movement.amount.value
        # Not the place in the file: the same movement may stand in statements of overlapping periods.
        content = (account, dated.value, format(amount.normalize(), "f"), text.casefold(), reference or "")
        alike[content] += 1
        key = hashlib.sha256(repr((*content, alike[content])).encode()).hexdigest()[:32]
        valued = movement.value_date.value if movement.value_date else None
        yield Entry(key, movement, dated.value, valued, amount, text, reference)


def _packed(number: str) -> str:
    return "".join(number.split())

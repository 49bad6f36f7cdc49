"""Checks of a bank statement: what its balances, sums, dates and numbers say of each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from services.ai.documents.bank_statement import BankStatement, Movement
from services.ai.figures.checks import Check, compared, impossible, stated
from services.ai.figures.places import stands_beside
from services.ai.figures.running import Equation, equations, is_descending
from services.ai.figures.value import Evidence, FigureValue, Value
from services.ai.gates.directions import doubted, signs_told
from services.ai.layout.figures import currency_codes
from services.ai.layout.identifiers import iban_holds

#: Without these nothing says that a statement is whole.
NEEDED = ("closing_balance", "directions")
#: A booking may lie so far outside the printed period: weekends, and banks that print the date of the value.
_SLACK = timedelta(days=10)
_ZERO = Decimal(0)


def check(found: BankStatement) -> list[Check]:
    """Check one statement and mark its values."""
    checks = [*_running(found), *_closing(found), *_totals(found)]
    return [*checks, _directions(found), *_dates(found), *_identity(found)]


def _directions(found: BankStatement) -> Check:
    """All sums hold as well with every debit taken for a credit."""
    balances = [found.opening_balance, found.closing_balance, *(movement.balance for movement in found.movements)]
    amounts = [movement.amount for movement in found.movements]
    if signs_told(balances, amounts):
        return stated("directions", "Signs, marks or balances tell debits from credits.", holds=True)
    doubted([*balances, *amounts, found.total_debits, found.total_credits])
    return impossible("directions", "No sign, mark or balance tells debits from credits.")


def _running(found: BankStatement) -> list[Check]:
    """Each printed balance is the one before and the movements between."""
    if not any(movement.balance for movement in found.movements):
        return []
    checks = []
    for each in _equations(found):
        if each.found_line is None:
            continue
        start = found.opening_balance if each.start_line is None else found.movements[each.start_line].balance
        end = found.movements[each.found_line].balance
        between = [found.movements[line] for line in each.lines]
        checks.append(
            compared(
                "running_balance",
                f"The balance after line {each.found_line + 1} is the balance before it and the movements between.",
                expected=each.expected,
                found=each.found,
                proves=_proven(start, end, between),
                concerns=[movement.amount for movement in between],
                line=each.found_line,
            )
        )
    return checks


def _equations(found: BankStatement) -> list[Equation]:
    amounts = [movement.amount.value for movement in found.movements]
    balances = [movement.balance.value if movement.balance else None for movement in found.movements]
    opening = found.opening_balance.value if found.opening_balance else None
    closing = found.closing_balance.value if found.closing_balance else None
    return equations(amounts, balances, opening, closing, descending=is_descending(amounts, balances, opening, closing))


def _closing(found: BankStatement) -> list[Check]:
    """Opening and all movements give the closing balance."""
    opening, closing = found.opening_balance, found.closing_balance
    if opening is None or closing is None:
        missing = "opening" if opening is None else "closing"
        return [impossible("closing_balance", f"The document shows no {missing} balance.")]
    amounts = [movement.amount for movement in found.movements]
    return [
        compared(
            "closing_balance",
            "The opening balance and all movements give the closing balance.",
            expected=opening.value + sum((amount.value for amount in amounts), _ZERO),
            found=closing.value,
            proves=_proven(opening, closing, found.movements),
            concerns=(opening, closing, *amounts),
        )
    ]


def _proven(
    start: FigureValue | None, end: FigureValue | None, movements: Sequence[Movement]
) -> list[FigureValue | None]:
    """The values of an equation that would not hold had one of them been read wrongly.

    A zero proves nothing: it would hold had it been read from anywhere. Neither do two balances that were read from one
    place, nor two with nothing between them: both may be the same wrong figure.
    """
    moved = [movement for movement in movements if movement.amount.value != _ZERO]
    if not moved or _one_place(start, end):
        return []
    return [start, end, *_own(moved, alone=len(movements) == 1)]


def _own(movements: Sequence[Movement], *, alone: bool) -> list[FigureValue]:
    """The amounts that are their movement's own: a sum of several holds as well with two of them exchanged.

    An amount stands in a row of its movement's date or text, or it is alone between two balances.
    """
    return [
        movement.amount
        for movement in movements
        if alone
        or stands_beside(
            movement.amount, (movement.booking_date, movement.value_date, movement.description, movement.reference)
        )
    ]


def _one_place(one: FigureValue | None, other: FigureValue | None) -> bool:
    return one is not None and other is not None and bool(_places(one) & _places(other))


def _places(value: Value[Any]) -> set[Evidence]:
    return set(value.evidence)


def _totals(found: BankStatement) -> list[Check]:
    checks = []
    for code, total, sign in (("total_debits", found.total_debits, -1), ("total_credits", found.total_credits, 1)):
        if total is None:
            continue
        moved = [movement for movement in found.movements if movement.amount.value * sign > 0]
        amounts = [movement.amount for movement in moved]
        summed = sum((amount.value for amount in amounts), _ZERO) * sign
        # A total of one line is the same figure twice: its sign may be wrong in both.
        proves = (total, *_own(moved, alone=False)) if summed and not _is_copy(total, amounts) else ()
        checks.append(
            compared(
                code,
                f"The {'debits' if sign < 0 else 'credits'} sum up to their printed total.",
                expected=summed,
                found=total.value,
                proves=proves,
                concerns=(total, *amounts) if proves else (total,),
            )
        )
    return checks


def _is_copy(total: FigureValue, amounts: list[FigureValue]) -> bool:
    return any(_places(total) & _places(amount) for amount in amounts)


def _dates(found: BankStatement) -> list[Check]:
    checks = []
    start, end = found.period_start, found.period_end
    if start and end:
        checks.append(
            stated("period", "The period begins before it ends.", holds=start.value <= end.value, concerns=(start, end))
        )
    for line, movement in enumerate(found.movements):
        booked = movement.booking_date
        if booked is None or not (start or end):
            continue
        early = start is not None and booked.value < start.value - _SLACK
        late = end is not None and booked.value > end.value + _SLACK
        if early or late:
            checks.append(
                stated(
                    "dates_in_period",
                    "The booking lies outside the period.",
                    holds=False,
                    concerns=(booked,),
                    line=line,
                )
            )
    if (
        (start or end)
        and any(movement.booking_date for movement in found.movements)
        and not checks[bool(start and end) :]
    ):
        checks.append(stated("dates_in_period", "All bookings lie in the period.", holds=True))
    checks.extend(_order(found.movements))
    return checks


def _order(movements: list[Movement]) -> list[Check]:
    """Bookings run in order, up or down. Lists by kind (deposits, then checks) do not: that is no fault."""
    dates: list[date] = [movement.booking_date.value for movement in movements if movement.booking_date]
    if len(dates) < 2:
        return []
    up = all(one <= other for one, other in pairwise(dates))
    down = all(one >= other for one, other in pairwise(dates))
    if up or down:
        return [stated("dates_in_order", "The bookings are in the order of their dates.", holds=True)]
    return [impossible("dates_in_order", "The bookings are not in the order of their dates.")]


def _identity(found: BankStatement) -> list[Check]:
    checks = []
    if found.iban is not None:
        holds = iban_holds(found.iban.value)
        if holds is not None:
            checks.append(stated("iban", "The check digits of the IBAN hold.", holds=holds, proves=(found.iban,)))
    if found.currency is not None:
        known = found.currency.value in currency_codes()
        checks.append(stated("currency", "The currency is one of ISO 4217.", holds=known, concerns=(found.currency,)))
    return checks

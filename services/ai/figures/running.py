"""Running balances: the equations that the movements of an account and its printed balances make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Equation:
    """`start` and the amounts of some lines give `found`, or should."""

    #: Indexes of the lines, in the order of time.
    lines: tuple[int, ...]
    #: Index of the line that prints `start`; None for the opening balance.
    start_line: int | None
    #: Index of the line that prints `found`; None for the closing balance.
    found_line: int | None
    expected: Decimal
    found: Decimal

    @property
    def holds(self) -> bool:
        """Whether both are the same."""
        return self.expected == self.found


def equations(
    amounts: Sequence[Decimal],
    balances: Sequence[Decimal | None],
    opening: Decimal | None,
    closing: Decimal | None,
    *,
    descending: bool = False,
) -> list[Equation]:
    """One equation for each balance after the first that is known. `descending`: the last line is the first in time."""
    order = range(len(amounts) - 1, -1, -1) if descending else range(len(amounts))
    found: list[Equation] = []
    start, start_line = opening, None
    pending: list[int] = []
    for line in order:
        pending.append(line)
        balance = balances[line]
        if balance is None:
            continue
        if start is not None:
            expected = start + sum((amounts[each] for each in pending), Decimal(0))
            found.append(Equation(tuple(pending), start_line, line, expected, balance))
        start, start_line, pending = balance, line, []
    if start is not None and closing is not None and (pending or found):
        expected = start + sum((amounts[each] for each in pending), Decimal(0))
        found.append(Equation(tuple(pending), start_line, None, expected, closing))
    return found


def is_descending(
    amounts: Sequence[Decimal],
    balances: Sequence[Decimal | None],
    opening: Decimal | None,
    closing: Decimal | None,
) -> bool:
    """Whether the printed balances say that the newest line comes first."""
    up, down = (
        sum(each.holds for each in equations(amounts, balances, opening, closing, descending=descending))
        for descending in (False, True)
    )
    return down > up

"""The opening and closing balances and the printed totals of an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from services.ai.figures.value import Figure, FigureValue, Value
from services.ai.layout.amounts import Notation
from services.ai.layout.figures import Printed
from services.ai.layout.pairs import pairs_in
from services.ai.layout.rows import TextRow
from services.ai.layout.sides import Side, sides_of
from services.ai.rules.bank_statement.accounts import Account
from services.ai.rules.bank_statement.entries import BalanceLine
from services.ai.rules.bank_statement.labels import fields_vocabulary, words_vocabulary
from services.ai.rules.bank_statement.signs import balance_sides, column_role, mark_of, with_side


@dataclass
class Balances:
    """What an account prints beside its movements."""

    opening: FigureValue | None = None
    closing: FigureValue | None = None
    total_debits: FigureValue | None = None
    total_credits: FigureValue | None = None
    #: What marks beside balances mean.
    sides: Mapping[str, Side] = field(default_factory=dict)


def balances_of(account: Account, notation: Notation, *, bare: bool) -> Balances:
    """Balances in lines of the table come before those around it."""
    found = Balances(sides=_sides(account))
    first = account.drafts[0].index if account.drafts else None
    for line in account.lines:
        kind = _kind(line, first)
        place = _balance_figure(line, bare=bare)
        if place is None:
            continue
        column, printed = place
        value = _signed(line.cells.row, column, printed, notation, found.sides)
        if value is None:
            continue
        if kind == "opening" and found.opening is None:
            found.opening = _figure(line.cells.row, printed, value)
        elif kind == "closing":
            found.closing = _figure(line.cells.row, printed, value)
    _totals_in_lines(found, account.lines, notation)
    _around(found, account.matter, notation, bare=bare)
    if found.closing is None:
        _carried_to_the_end(found, account, notation, bare=bare)
    return found


def _kind(line: BalanceLine, first: int | None) -> str | None:
    for kind in ("opening", "closing"):
        if kind in line.meanings:
            return kind
    if "either" in line.meanings and first is not None:
        return "opening" if line.index < first else "closing"
    return None


def _balance_figure(line: BalanceLine, *, bare: bool) -> tuple[str, Printed] | None:
    """The figure of a line: in the column of balances, else the only one in any column, else the first of the row."""
    money = [(column_role(column.meanings), printed) for column, printed in line.cells.money]
    for role, printed in money:
        if role == "balance":
            return role, printed
    if len(money) == 1:
        return money[0]
    others = [printed for printed in line.cells.row.figures if (bare or not printed.bare) and not printed.percent]
    return ("", others[0]) if others and not money else None


def _signed(
    row: TextRow, column: str, printed: Printed, notation: Notation, sides: Mapping[str, Side]
) -> Decimal | None:
    value = with_side(notation.value(printed), printed, sides)
    if value is None or value < 0 or printed.side or printed.positive:
        return value
    overdrawn = any("overdrawn" in match.meanings for match in words_vocabulary().matches(row.words))
    return -value if column == "debit" or (overdrawn and column != "credit") else value


def _sides(account: Account) -> Mapping[str, Side]:
    """Marks beside balances; where amounts have the same ones, these tell as well."""
    printed = [draft.balance for draft in account.drafts if draft.balance]
    printed += [each for line in account.lines for _, each in line.cells.money]
    printed += [each for row in account.matter for each in row.figures if not each.bare]
    marks = {mark_of(draft) for draft in account.drafts}
    return {**sides_of(marks | {each.side for each in printed}), **balance_sides(printed)}


def _totals_in_lines(found: Balances, lines: Sequence[BalanceLine], notation: Notation) -> None:
    for line in lines:
        row = line.cells.row
        for column, printed in line.cells.money:
            value = notation.value(printed)
            if value is None:
                continue
            role = column_role(column.meanings)
            total = _figure(row, printed, abs(value))
            if "total_debits" in line.meanings or ("total" in line.meanings and role == "debit"):
                found.total_debits = found.total_debits or total
            elif "total_credits" in line.meanings or ("total" in line.meanings and role == "credit"):
                found.total_credits = found.total_credits or total


def _around(found: Balances, rows: Sequence[TextRow], notation: Notation, *, bare: bool) -> None:
    """Labels with figures around the table."""
    for pair in pairs_in(rows, fields_vocabulary()):
        wanted = pair.meanings & {"opening", "closing", "total_debits", "total_credits"}
        if len(wanted) != 1:
            continue
        place = pair.figure(bare=bare)
        if place is None:
            continue
        row, printed = place
        value = _signed(pair.row, "", printed, notation, found.sides)
        if value is None:
            continue
        (name,) = wanted
        if getattr(found, name) is None:
            setattr(found, name, _figure(row, printed, abs(value) if name.startswith("total") else value))


def _carried_to_the_end(found: Balances, account: Account, notation: Notation, *, bare: bool) -> None:
    """A balance that is carried on behind the last movement, or stands in the row of totals, closes the statement."""
    last = account.drafts[-1].index if account.drafts else None
    for line in account.lines:
        if last is None or line.index < last or not line.meanings & {"carried", "total"}:
            continue
        place = _balance_figure(line, bare=bare)
        if place is None or ("total" in line.meanings and place[0] != "balance"):
            continue
        value = _signed(line.cells.row, *place, notation, found.sides)
        if value is not None:
            found.closing = _figure(line.cells.row, place[1], value)


def _figure(row: TextRow, printed: Printed, value: Decimal) -> FigureValue:
    return Value[Figure](value=value, evidence=(row.page.evidence(printed.words),))

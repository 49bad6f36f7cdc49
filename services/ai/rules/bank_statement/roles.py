"""What the columns of a table hold whose heading does not say it, or that has no heading: found by arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations

from services.ai.figures.running import equations
from services.ai.layout.amounts import Notation
from services.ai.layout.columns import FigureColumn
from services.ai.layout.rows import TextRow
from services.ai.layout.tables import Fragment
from services.ai.rules.bank_statement.headless import headless_fragments
from services.ai.rules.bank_statement.signs import balance_sides, column_role, with_side

#: A reading is taken when so many equations hold that a wrong one would fail each time ...
_MIN_EQUATIONS = 3
#: ... and hardly any does not.
_HOLDING = 0.8
_ROLES = ("debit", "credit", "amount", "balance", "")
#: What may be without a balance to try it on, by the number of columns.
_DEFAULTS: dict[int, tuple[str, ...]] = {1: ("amount",)}


@dataclass(frozen=True)
class _Line:
    """The figures of a row by the index of their column."""

    figures: dict[int, Decimal]


def settle_roles(rows: Sequence[TextRow], found: list[Fragment], notation: Notation, *, bare: bool) -> list[Fragment]:
    """Name the columns that have no name; without any heading with figures below, look for a list."""
    if not any(_is_usable(each) for each in found):
        found = headless_fragments(rows, bare=bare)
        if not found:
            return []
    seen: set[tuple[int, ...]] = set()
    for fragment in found:
        _rename_amount(fragment.columns)
        key = tuple(map(id, fragment.columns))
        if key in seen or all(column_role(column.meanings) for column in fragment.columns):
            continue
        seen.add(key)
        _name(fragment.columns, [each for each in found if tuple(map(id, each.columns)) == key], notation)
    for fragment in found:
        for column in fragment.columns:
            if column.head is not None and not column_role(column.meanings):
                column.meanings = frozenset({"other"})
        fragment.columns = [column for column in fragment.columns if column.meanings]
    return [each for each in found if any(column_role(column.meanings) for column in each.columns)]


def _rename_amount(columns: Sequence[FigureColumn]) -> None:
    """Beside debits and credits, a column called amount is something else: arithmetic says whether a balance."""
    roles = [column_role(column.meanings) for column in columns]
    if "amount" in roles and {"debit", "credit"} <= set(roles):
        for column, role in zip(columns, roles, strict=True):
            if role == "amount":
                column.meanings = frozenset()


def _is_usable(fragment: Fragment) -> bool:
    return any(column_role(column.meanings) in ("debit", "credit", "amount") for column in fragment.columns) or (
        bool(fragment.columns) and not any(column.meanings for column in fragment.columns)
    )


def _name(columns: list[FigureColumn], fragments: Sequence[Fragment], notation: Notation) -> None:
    """The assignment of roles to the unnamed columns under which most equations hold."""
    lines = _lines(columns, fragments, notation)
    known = [column_role(column.meanings) for column in columns]
    open_places = [index for index, role in enumerate(known) if not role]
    # Beside debits and credits nothing but a balance is left: one reading needs less to bear it out.
    least = 1 if {"debit", "credit"} <= set(known) else _MIN_EQUATIONS
    best: tuple[int, tuple[str, ...]] = (0, ())
    for roles in _candidates(known, open_places):
        held, total = _score(lines, roles)
        if held >= least and held >= _HOLDING * total and held > best[0]:
            best = (held, roles)
    chosen = best[1] or (_DEFAULTS.get(len(columns), ()) if len(open_places) == len(columns) else ())
    for index in open_places:
        role = chosen[index] if index < len(chosen) else ""
        columns[index].meanings = frozenset({role}) if role else frozenset()


def _candidates(known: Sequence[str], open_places: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """All ways to name the open columns: each role once, one at most left without."""
    if len(open_places) > 4:
        return
    for chosen in permutations(_ROLES, len(open_places)):
        roles = list(known)
        for index, role in zip(open_places, chosen, strict=True):
            roles[index] = role
        named = [role for role in roles if role]
        moves = {"debit", "credit"} <= set(named) or ("amount" in named and not {"debit", "credit"} & set(named))
        if len(set(named)) == len(named) and "balance" in named and moves:
            yield tuple(roles)


def _lines(columns: Sequence[FigureColumn], fragments: Sequence[Fragment], notation: Notation) -> list[_Line]:
    every = [
        (columns.index(column), printed)
        for fragment in fragments
        for offset, row in enumerate(fragment.rows)
        for column, printed in fragment.cells(row, offset).money
    ]
    sides = balance_sides([printed for _, printed in every])
    lines = []
    for fragment in fragments:
        for offset, row in enumerate(fragment.rows):
            figures: dict[int, Decimal] = {}
            for column, printed in fragment.cells(row, offset).money:
                value = with_side(notation.value(printed), printed, sides)
                if value is not None:
                    figures[columns.index(column)] = value
            if figures:
                lines.append(_Line(figures))
    return lines


def _score(lines: Sequence[_Line], roles: Sequence[str]) -> tuple[int, int]:
    """How many equations hold, of how many; whichever way the list runs."""
    amounts: list[Decimal] = []
    balances: list[Decimal | None] = []
    for line in lines:
        amount, balance = Decimal(0), None
        for index, value in line.figures.items():
            role = roles[index]
            if role == "balance":
                balance = value
            elif role == "debit":
                amount -= abs(value)
            elif role in ("credit", "amount"):
                amount += value
        amounts.append(amount)
        balances.append(balance)
    best = (0, 0)
    for descending in (False, True):
        found = equations(amounts, balances, None, None, descending=descending)
        moving = [each for each in found if any(amounts[line] for line in each.lines)]
        best = max(best, (sum(each.holds for each in moving), len(moving)))
    unsigned = _unsigned(amounts, balances)
    return max(best, unsigned)


def _unsigned(amounts: Sequence[Decimal], balances: Sequence[Decimal | None]) -> tuple[int, int]:
    """Amounts without a sign: each is as large as the step of the balance."""
    held = total = 0
    before: Decimal | None = None
    for amount, balance in zip(amounts, balances, strict=True):
        if balance is not None and before is not None and amount:
            total += 1
            held += abs(balance - before) == abs(amount)
        before = balance
    return held, total

"""Which way the amounts of an account go: by column, by sign, by mark, by title, at last by the balances."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.ai.figures.running import equations
from services.ai.layout.amounts import Notation
from services.ai.layout.figures import Printed
from services.ai.layout.sides import Side, sides_of
from services.ai.rules.bank_statement.movements import Draft

#: A reading other than the plain one is taken when at least so many more equations hold.
_MORE_EQUATIONS = 2


@dataclass(frozen=True)
class Signed:
    """The amounts and balances of an account, None where their sign or their marks are not clear."""

    amounts: list[Decimal | None]
    balances: list[Decimal | None]


def column_role(meanings: Iterable[str]) -> str:
    """What a column of figures holds."""
    meanings = set(meanings)
    if "amount" in meanings or {"debit", "credit"} <= meanings:
        return "amount"
    return next((role for role in ("debit", "credit", "balance") if role in meanings), "")


def signed(
    drafts: Sequence[Draft],
    notation: Notation,
    opening: Decimal | None,
    closing: Decimal | None,
    balance_sides: Mapping[str, Side],
) -> Signed:
    """Give every amount its sign."""
    balances = [
        with_side(notation.value(draft.balance), draft.balance, balance_sides) if draft.balance else None
        for draft in drafts
    ]
    by_column = _by_column(drafts, notation)
    amounts = [by_column(draft) for draft in drafts]
    plain = Signed(amounts, balances)
    if all(amount is not None for amount in amounts):
        return _best(plain, opening, closing)
    return _by_balances(plain, drafts, notation, opening, closing)


def with_side(value: Decimal | None, printed: Printed, sides: Mapping[str, Side]) -> Decimal | None:
    """A balance with the sign that its mark gives it."""
    if value is None or not printed.side or printed.negative:
        return value
    side = sides.get(printed.side)
    return -value if side is Side.DEBIT else value


def balance_sides(printed: Iterable[Printed]) -> dict[str, Side]:
    """What marks beside balances mean. A single one beside unmarked balances says overdrawn."""
    printed = list(printed)
    marks = {each.side for each in printed} - {""}
    found = sides_of(marks)
    if len(marks) == 1 and not found and any(not each.side for each in printed):
        return dict.fromkeys(marks, Side.DEBIT)
    return found


def _by_column(drafts: Sequence[Draft], notation: Notation) -> Callable[[Draft], Decimal | None]:
    """How the sign of an amount is told in the columns of this account."""
    printed_minus = {
        role: sum(draft.amount.negative for draft in drafts if column_role(draft.column.meanings) == role)
        for role in ("debit", "credit", "amount")
    }
    debits = sum(column_role(draft.column.meanings) == "debit" for draft in drafts)
    marks = [mark_of(draft) for draft in drafts if column_role(draft.column.meanings) == "amount"]
    sides = sides_of(marks)
    one_sided = set(sides.values())
    # One kind of mark only: what has none goes the other way.
    unmarked = (Side.CREDIT if one_sided == {Side.DEBIT} else Side.DEBIT) if len(one_sided) == 1 else None
    any_sign = printed_minus["amount"] or any(draft.amount.positive for draft in drafts)

    def sign(draft: Draft) -> Decimal | None:
        value = notation.value(draft.amount)
        if value is None:
            return None
        role = column_role(draft.column.meanings)
        if role == "debit":
            # Printed with a minus throughout, it is no more than a debit; once among others it takes one back.
            return value if value <= 0 and 2 * printed_minus["debit"] > debits else -value
        if role == "credit":
            return value
        side = sides.get(mark_of(draft)) or (unmarked if not mark_of(draft) else None)
        if side is not None and not draft.amount.negative:
            return value if side is Side.CREDIT else -value
        if any_sign and draft.section is None:
            return value
        if draft.section is not None:
            return (
                abs(value) * (1 if draft.section is Side.CREDIT else -1)
                if not any_sign or value < 0
                else _in_section(value, draft.section)
            )
        return None

    return sign


def _in_section(value: Decimal, section: Side) -> Decimal:
    return value if section is Side.CREDIT else -value


def mark_of(draft: Draft) -> str:
    """The mark beside an amount, or in a column of its own."""
    if draft.amount.side:
        return draft.amount.side
    words = [word.text.upper().strip(".()") for cells in draft.entries for word in cells.words("side")]
    return words[0] if words else ""


def _best(plain: Signed, opening: Decimal | None, closing: Decimal | None) -> Signed:
    """The reading as printed, unless the balances say that all amounts or all balances go the other way."""
    score = _holding(plain, opening, closing)
    for amounts, balances in ((-1, 1),):
        other = Signed(_times(plain.amounts, amounts), _times(plain.balances, balances))
        if score == 0 and _holding(other, opening, closing) >= score + _MORE_EQUATIONS:
            return other
    return plain


def _by_balances(
    plain: Signed, drafts: Sequence[Draft], notation: Notation, opening: Decimal | None, closing: Decimal | None
) -> Signed:
    """Amounts without any sign: the step of the balance shows it. Without balances all may be of one kind."""
    sizes = [notation.number(draft.amount.core) for draft in drafts]
    for descending in (False, True):
        amounts = _from_steps(plain, sizes, opening, closing, descending=descending)
        if amounts is not None:
            return Signed(amounts, plain.balances)
    known = [size for size in sizes if size is not None]
    if opening is not None and closing is not None and len(known) == len(sizes) and not any(plain.amounts):
        for sign in (1, -1):
            if opening + sign * sum(known) == closing:
                return Signed([sign * size for size in known], plain.balances)
    return plain


def _from_steps(
    plain: Signed,
    sizes: Sequence[Decimal | None],
    opening: Decimal | None,
    closing: Decimal | None,
    *,
    descending: bool,
) -> list[Decimal | None] | None:
    order = list(range(len(sizes) - 1, -1, -1) if descending else range(len(sizes)))
    found = list(plain.amounts)
    start = opening
    held = missed = 0
    for index in order:
        balance = plain.balances[index]
        size = sizes[index]
        if balance is None or size is None:
            start = balance
            continue
        if start is not None:
            step = balance - start
            if abs(step) == abs(size):
                found[index], held = step, held + 1
            else:
                missed += 1
        start = balance
    del closing
    return found if held >= _MORE_EQUATIONS and held > 3 * missed else None


def _holding(reading: Signed, opening: Decimal | None, closing: Decimal | None) -> int:
    known = [amount for amount in reading.amounts if amount is not None]
    if len(known) < len(reading.amounts):
        return 0
    return max(
        sum(each.holds for each in equations(known, reading.balances, opening, closing, descending=descending))
        for descending in (False, True)
    )


def _times(values: Sequence[Decimal | None], sign: int) -> list[Decimal | None]:
    return [value * sign if value is not None else None for value in values]

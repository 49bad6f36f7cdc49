"""Checks of a trial balance: debits and credits, opening and closing, subtotals and totals."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal

from services.ai.documents.trial_balance import Account, TrialBalance
from services.ai.figures.checks import Check, compared, impossible, stated
from services.ai.figures.places import stands_beside
from services.ai.figures.value import FigureValue
from services.ai.gates.directions import columns_told, doubted
from services.ai.layout.figures import currency_codes

#: Without this nothing says that a ledger is whole.
NEEDED = ("debits_equal_credits", "directions")
_PAIRS = (
    ("opening_debit", "opening_credit", "opening balances"),
    ("debit", "credit", "movements"),
    ("closing_debit", "closing_credit", "closing balances"),
)
_FIELDS = tuple(name for debit, credit, _ in _PAIRS for name in (debit, credit))
_ZERO = Decimal(0)
#: Stretches of accounts that are tried for one sum.
_STRETCHES = 50


def check(found: TrialBalance) -> list[Check]:
    """Check one trial balance and mark its values."""
    checks = [*_pairs(found), *_totals(found), *_rows(found), *_subtotals(found)]
    return [*checks, *_directions(found), *_dates(found)]


def _directions(found: TrialBalance) -> list[Check]:
    """All sums hold as well with every debit taken for a credit."""
    checks = []
    lines = [*found.accounts, *found.subtotals, *([found.totals] if found.totals else ())]
    for debit, credit, name in _PAIRS:
        debits, credits = _column(found.accounts, debit), _column(found.accounts, credit)
        if not debits and not credits:
            continue
        if columns_told(debits, credits):
            checks.append(stated("directions", f"Columns or signs tell the debits of the {name}.", holds=True))
        else:
            doubted(value for side in (debit, credit) for value in _column(lines, side))
            checks.append(impossible("directions", f"Neither columns nor signs tell the debits of the {name}."))
    return checks


def _pairs(found: TrialBalance) -> list[Check]:
    """Debits equal credits in each pair of columns."""
    checks = []
    for debit, credit, name in _PAIRS:
        debits, credits = _column(found.accounts, debit), _column(found.accounts, credit)
        if not debits and not credits:
            continue
        moved = [value for value in (*debits, *credits) if value.value != _ZERO]
        own = [*_own(found.accounts, debit), *_own(found.accounts, credit)]
        checks.append(
            compared(
                "debits_equal_credits",
                f"The debits of the {name} equal their credits.",
                expected=_sum(debits),
                found=_sum(credits),
                # Two accounts alone balance whatever column each is read from.
                proves=own if len(moved) > 2 else (),
                concerns=moved,
            )
        )
    return checks


def _totals(found: TrialBalance) -> list[Check]:
    """Each printed total is the sum of its column."""
    if found.totals is None:
        return [impossible("totals", "The document shows no totals.")]
    checks = []
    balanced = {
        name
        for debit, credit, _ in _PAIRS
        for name in (debit, credit)
        if _sum(_column(found.accounts, debit)) == _sum(_column(found.accounts, credit))
    }
    for name in _FIELDS:
        total: FigureValue | None = getattr(found.totals, name)
        if total is None:
            continue
        values = _column(found.accounts, name)
        moved = [value for value in values if value.value != _ZERO]
        # A sum holds whatever its column means: that the pair balances speaks for its meaning.
        proves = len(moved) > 1 and name in balanced
        checks.append(
            compared(
                "totals",
                f"The accounts sum up to the printed total ({name.replace('_', ' ')}).",
                expected=_sum(values),
                found=total.value,
                proves=(total, *_own(found.accounts, name)) if proves else (),
                concerns=(total, *moved) if proves else (total,),
            )
        )
    return checks


def _rows(found: TrialBalance) -> list[Check]:
    """Opening balance and movement of an account give its closing balance."""
    has = {name for account in found.accounts for name in _FIELDS if getattr(account, name) is not None}
    moves, closes = has & {"debit", "credit"}, has & {"closing_debit", "closing_credit"}
    if not moves or not closes:
        return []
    opens = bool(has & {"opening_debit", "opening_credit"})
    results = [(line, account, *_net(account)) for line, account in enumerate(found.accounts)]
    fitting = sum(expected == closing for _, _, expected, closing in results)
    if not opens and 2 * fitting < len(results):
        # Balances that begin before the movements: nobody prints with what.
        return [impossible("closing_of_account", "The document shows no opening balances.")]
    checks = []
    for line, account, expected, closing in results:
        if not opens and expected != closing:
            continue
        values = [value for name in _FIELDS if (value := getattr(account, name)) is not None]
        moved = [value for value in values if value.value != _ZERO]
        checks.append(
            compared(
                "closing_of_account",
                "The opening balance and the movements give the closing balance.",
                expected=expected,
                found=closing,
                proves=moved if len(moved) > 1 else (),
                concerns=moved,
                line=line,
            )
        )
    return checks


def _net(account: Account) -> tuple[Decimal, Decimal]:
    """What opening balance and movements come to, and the closing balance; debits positive."""
    value = {name: found.value if (found := getattr(account, name)) is not None else _ZERO for name in _FIELDS}
    before = value["opening_debit"] - value["opening_credit"] + value["debit"] - value["credit"]
    return before, value["closing_debit"] - value["closing_credit"]


def _subtotals(found: TrialBalance) -> list[Check]:
    """Each line that sums accounts equals a stretch of accounts beside it on the page."""
    places = [place for account in found.accounts if (place := _place(account)) is not None]
    if len(places) < len(found.accounts):
        return []
    order = sorted(range(len(places)), key=places.__getitem__)
    running: dict[str, list[Decimal]] = {}
    for name in _FIELDS:
        sums = [_ZERO]
        for index in order:
            value = getattr(found.accounts[index], name)
            sums.append(sums[-1] + (value.value if value is not None else _ZERO))
        running[name] = sums
    sorted_places = [places[index] for index in order]
    spots = {name: _spots(sums) for name, sums in running.items()}
    checks = []
    for subtotal in found.subtotals:
        place = _place(subtotal)
        if place is not None:
            checks.append(_subtotal(subtotal, bisect_left(sorted_places, place), running, spots))
    return checks


def _spots(sums: Sequence[Decimal]) -> dict[Decimal, list[int]]:
    """Where a running sum has a value."""
    spots: dict[Decimal, list[int]] = {}
    for index, value in enumerate(sums):
        spots.setdefault(value, []).append(index)
    return spots


def _subtotal(
    subtotal: Account, at: int, running: dict[str, list[Decimal]], spots: dict[str, dict[Decimal, list[int]]]
) -> Check:
    """Seek a stretch that ends or begins at the line and that all of its columns fit."""
    label = subtotal.name.value if subtotal.name else "subtotal"
    values = {name: value for name in _FIELDS if (value := getattr(subtotal, name)) is not None}
    moved = [value for value in values.values() if value.value != _ZERO]
    key = next((name for name, value in values.items() if value.value != _ZERO), None)
    if key is not None:
        here, wanted = running[key][at], values[key].value
        ends = [(spot, at) for spot in spots[key].get(here - wanted, ())[-_STRETCHES:] if spot < at]
        ends += [(at, spot) for spot in spots[key].get(here + wanted, ())[:_STRETCHES] if spot > at]
        for start, end in ends:
            if all(running[name][end] - running[name][start] == value.value for name, value in values.items()):
                return stated("subtotals", f"Accounts beside it sum up to '{label}'.", holds=True, proves=moved)
    return impossible("subtotals", f"No accounts beside it sum up to all figures of '{label}'.")


def _place(account: Account) -> tuple[int, float] | None:
    """Page and height of a line."""
    for value in (account.name, account.code, *(getattr(account, name) for name in _FIELDS)):
        if value is not None and value.evidence:
            evidence = value.evidence[0]
            return evidence.page, (evidence.box[1] + evidence.box[3]) / 2
    return None


def _dates(found: TrialBalance) -> list[Check]:
    checks = []
    start, end = found.period_start, found.period_end
    if start and end:
        checks.append(
            stated("period", "The period begins before it ends.", holds=start.value <= end.value, concerns=(start, end))
        )
    if found.currency is not None:
        known = found.currency.value in currency_codes()
        checks.append(stated("currency", "The currency is one of ISO 4217.", holds=known, concerns=(found.currency,)))
    return checks


def _column(accounts: Sequence[Account], name: str) -> list[FigureValue]:
    return [value for account in accounts if (value := getattr(account, name)) is not None]


def _own(accounts: Sequence[Account], name: str) -> list[FigureValue]:
    """The figures of a column in the row of their account's code or name: a sum holds with two others exchanged."""
    return [
        value
        for account in accounts
        if (value := getattr(account, name)) is not None
        and value.value != _ZERO
        and stands_beside(value, (account.code, account.name))
    ]


def _sum(values: Iterable[FigureValue]) -> Decimal:
    return sum((value.value for value in values), _ZERO)

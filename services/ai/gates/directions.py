"""Whether what is printed tells debits from credits: sums hold as well with all of them taken for each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from services.ai.figures.value import Evidence, FigureValue, Source, Status
from services.ai.layout.figures import Printed, figures
from services.ai.layout.sides import Side, sides_of
from shared.pdf.words import Word

#: Columns stand at least so far apart, in points.
_APART_POINTS = 10.0


def signs_told(balances: Iterable[FigureValue | None], amounts: Iterable[FigureValue | None]) -> bool:
    """Whether signs and marks beside signed figures bear them out. A balance without any is not overdrawn.

    Rules give no figure a sign that no heading, mark, title or balance tells; a model may.
    """
    balances, amounts = list(balances), list(amounts)
    if all(value.source is Source.RULES and value.evidence for value in amounts if value is not None):
        return True
    printed = [(value, _printed(value), True) for value in balances if value is not None]
    printed += [(value, _printed(value), False) for value in amounts if value is not None]
    marks = {found.side for _, found, _ in printed if found is not None} - {""}
    sides = sides_of(marks)
    if len(marks) == 1 and not sides:
        # A single kind of mark beside figures without any says overdrawn.
        sides = dict.fromkeys(marks, Side.DEBIT)
    votes = 0
    for value, found, is_balance in printed:
        sign = 0 if found is None else _sign(found, sides) or int(is_balance)
        if sign and value.value:
            votes += 1 if (value.value > 0) == (sign > 0) else -1
    return votes > 0


def columns_told(debits: Sequence[FigureValue], credits: Sequence[FigureValue]) -> bool:
    """Whether debits stand left of credits, as everywhere; in one column, whether signs and marks tell them apart."""
    left, right = (median(edges) if (edges := _edges(values)) else None for values in (debits, credits))
    if left is None or right is None:
        return False
    if abs(left - right) > _APART_POINTS:
        return left < right
    found = [(printed, 1) for value in debits if (printed := _printed(value))]
    found += [(printed, -1) for value in credits if (printed := _printed(value))]
    sides = sides_of(printed.side for printed, _ in found)
    # Sides are those of the holder of a bank account, to whom a debit is less: in a ledger it is more.
    votes = sum(1 if _in_ledger(printed, sides) == side else -1 for printed, side in found)
    return votes > 0


def doubted(values: Iterable[FigureValue | None]) -> None:
    """Take back that values are verified, where nothing tells their direction."""
    for value in values:
        if value is not None and value.status is Status.VERIFIED:
            value.status = Status.UNVERIFIABLE


def _in_ledger(printed: Printed, sides: dict[str, Side]) -> int:
    side = sides.get(printed.side)
    if side is not None and not printed.negative:
        return 1 if side is Side.DEBIT else -1
    return -1 if printed.negative else 1


def _sign(printed: Printed, sides: dict[str, Side]) -> int:
    side = sides.get(printed.side)
    if printed.negative:
        return -1
    if side is not None:
        return 1 if side is Side.CREDIT else -1
    return int(printed.positive)


def _edges(values: Iterable[FigureValue]) -> list[float]:
    return [place.box[2] for value in values for place in value.evidence]


def _printed(value: FigureValue) -> Printed | None:
    """The figure in the text of a value's place."""
    return next((found for place in value.evidence for found in figures(_words(place))), None)


def _words(place: Evidence) -> list[Word]:
    """The words of a place, as if all characters were equally wide."""
    left, top, right, bottom = place.box
    step = (right - left) / max(len(place.text), 1)
    words, at = [], 0
    for text in place.text.split():
        at = place.text.index(text, at)
        words.append(Word(text, left + at * step, top, left + (at + len(text)) * step, bottom))
        at += len(text)
    return words

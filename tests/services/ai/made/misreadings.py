"""Makes typed documents of a truth, and reads them wrong on purpose in the ways in which layouts are misread."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from services.ai.documents.bank_statement import BankStatement
from services.ai.documents.invoice import Invoice
from services.ai.documents.receipt import Receipt
from services.ai.documents.trial_balance import TrialBalance
from services.ai.figures.value import Value
from services.ai.figures.walk import values_of

SHAPES: dict[str, type[BaseModel]] = {
    "bank_statement": BankStatement,
    "trial_balance": TrialBalance,
    "invoice": Invoice,
    "receipt": Receipt,
}
#: Columns that are easily taken for each other.
_NEIGHBOURS = {
    "debit": "credit",
    "credit": "debit",
    "opening_debit": "opening_credit",
    "opening_credit": "opening_debit",
    "closing_debit": "closing_credit",
    "closing_credit": "closing_debit",
}


def typed(kind: str, truth: dict[str, Any]) -> BaseModel:
    """The typed document that a perfect reader makes of a page."""
    return _filled(SHAPES[kind], truth)


def _filled(shape: type[BaseModel], truth: dict[str, Any]) -> BaseModel:
    made: dict[str, Any] = {}
    for name, field in shape.model_fields.items():
        value = truth.get(name)
        if value is None:
            continue
        inner = _inner(field.annotation)
        if isinstance(value, list):
            made[name] = [_filled(inner, each) for each in value]
        elif isinstance(inner, type) and issubclass(inner, Value):
            made[name] = inner.model_validate({"value": value})
        elif isinstance(value, dict):
            made[name] = _filled(inner, value)
        else:
            made[name] = value
    return shape(**made)


def _inner(annotation: Any) -> Any:
    """The model of an optional field, or of the items of a list."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    return get_args(annotation)[0] if get_origin(annotation) is list else annotation


Misreading = Callable[[BaseModel, Random], None]


def _figures(found: BaseModel) -> list[tuple[str, Value[Any]]]:
    return [(path, value) for path, value in values_of(found) if isinstance(value.value, Decimal) and value.value]


def another_digit(found: BaseModel, random: Random) -> None:
    """One figure with one wrong digit."""
    _, value = random.choice(_figures(found))
    value.value += Decimal(random.choice([1, 3, 6])).scaleb(value.value.as_tuple().exponent + random.randrange(3))


def lost_separator(found: BaseModel, random: Random) -> None:
    """One figure a hundred times too large."""
    _, value = random.choice(_figures(found))
    value.value *= 100


def wrong_sign(found: BaseModel, random: Random) -> None:
    """One figure with the wrong sign."""
    _, value = random.choice(_figures(found))
    value.value = -value.value


def exchanged_lines(found: BaseModel, random: Random) -> None:
    """Figures of one column on neighbouring lines taken for each other: every sum still holds."""
    columns: dict[str, list[Value[Any]]] = {}
    for path, value in _figures(found):
        head, _, rest = path.partition(".")
        number, _, name = rest.partition(".")
        if number.isdigit():
            columns.setdefault(f"{head} {name}", []).append(value)
    pairs = [(one, other) for column in columns.values() for one, other in pairwise(column)]
    if pairs:
        one, other = random.choice(pairs)
        one.value, other.value = other.value, one.value


def mirrored_signs(found: BaseModel, random: Random) -> None:
    """Every debit taken for a credit: amounts, balances and sums."""
    for path, value in _figures(found):
        if path.rpartition(".")[2] in ("amount", "balance", "opening_balance", "closing_balance"):
            value.value = -value.value


def exchanged_columns(found: BaseModel, random: Random) -> None:
    """Every debit column taken for the credit column beside it."""
    for each in [*getattr(found, "accounts", []), *getattr(found, "subtotals", []), getattr(found, "totals", None)]:
        if each is None:
            continue
        before = {name: getattr(each, name) for name in _NEIGHBOURS}
        for name, other in _NEIGHBOURS.items():
            setattr(each, name, before[other])


def lost_line(found: BaseModel, random: Random) -> None:
    """A line that was not seen, whose figure went to the line before."""
    for name in ("movements", "lines"):
        lines = getattr(found, name, None)
        if lines and len(lines) > 2:
            place = random.randrange(1, len(lines))
            one, gone = lines[place - 1], lines.pop(place)
            for column in ("amount", "net_amount", "gross_amount"):
                mine, lost = getattr(one, column, None), getattr(gone, column, None)
                if mine is not None and lost is not None:
                    mine.value += lost.value
            if getattr(gone, "balance", None) is not None:
                one.balance = gone.balance


MISREADINGS: tuple[Misreading, ...] = (
    another_digit,
    lost_separator,
    wrong_sign,
    exchanged_lines,
    mirrored_signs,
    exchanged_columns,
    lost_line,
)


def believed(found: BaseModel, truth: BaseModel) -> Iterator[str]:
    """The values that are not those of the truth and yet verified."""
    true = dict(values_of(truth))
    for path, value in values_of(found):
        right = path in true and true[path].value == value.value
        if value.status == "verified" and isinstance(value.value, Decimal) and not right:
            is_ = true[path].value if path in true else None
            yield f"{path}: is {is_}, read {value.value}, verified by {', '.join(value.checks)}"

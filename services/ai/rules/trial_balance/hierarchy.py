"""Lines that sum other lines, told by their label, their code, or by arithmetic alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from services.ai.rules.trial_balance.lines import Item

_Vector = tuple[Decimal, ...]


def split(items: Sequence[Item]) -> tuple[list[Item], list[Item], Item | None]:
    """Accounts, lines that sum them, and the line with the totals of all."""
    rows = [item for item in items if item.label not in ("carried", "result")]
    totals = [item for item in rows if item.label == "total"]
    total = totals[-1] if totals else None
    if total is not None:
        # What comes behind the totals is no account.
        rows = [item for item in rows if item.index <= total.index]
    summing = {id(item) for item in rows if item.label == "subtotal" or (item.label == "total" and item is not total)}
    summing |= _by_code(rows)
    body = [item for item in rows if item is not total]
    _by_sums(body, summing)
    accounts = [item for item in body if id(item) not in summing]
    return accounts, [item for item in body if id(item) in summing], total


def _by_code(rows: Sequence[Item]) -> set[int]:
    """Lines whose code begins the codes of the lines below, and whose figures these add up to."""
    found = set()
    for number, item in enumerate(rows):
        code = item.code_text
        if not code or not item.cells or item.label:
            continue
        end = number + 1
        while end < len(rows) and _is_below(rows[end], code):
            end += 1
        if end > number + 1 and _has_parts(item, rows[number + 1 : end]):
            found.add(id(item))
    return found


def _is_below(item: Item, code: str) -> bool:
    return item.code_text.startswith(code) and len(item.code_text) > len(code)


def _has_parts(item: Item, below: Sequence[Item]) -> bool:
    """Whether some column of a line is the sum of the lowest lines below it, or no less than any of them."""
    leaves = [
        each
        for number, each in enumerate(below)
        if not (number + 1 < len(below) and _is_below(below[number + 1], each.code_text))
    ]
    for name, value in item.values.items():
        if value and value == sum((leaf.values.get(name, Decimal(0)) for leaf in leaves), Decimal(0)):
            return True
    return len(below) > 1 and all(
        abs(value) >= max((abs(leaf.values.get(name, Decimal(0))) for leaf in leaves), default=Decimal(0))
        for name, value in item.values.items()
    )


def _by_sums(body: Sequence[Item], summing: set[int]) -> None:
    """Find lines without any hint that are the sum of at least two lines beside them, level by level."""
    fields = sorted({name for item in body for name in item.cells})
    while True:
        leaves = [item for item in body if id(item) not in summing]
        vectors = [tuple(item.values.get(name, Decimal(0)) for name in fields) for item in leaves]
        found = _sums_beside(leaves, vectors)
        if not found:
            return
        summing |= found


def _sums_beside(leaves: Sequence[Item], vectors: Sequence[_Vector]) -> set[int]:
    """Lines that equal the sum of lines directly before or behind them, in all columns."""
    running: list[_Vector] = [tuple(Decimal(0) for _ in vectors[0])] if vectors else []
    for vector in vectors:
        running.append(tuple(map(Decimal.__add__, running[-1], vector)))
    places: dict[_Vector, list[int]] = {}
    for index, total in enumerate(running):
        places.setdefault(total, []).append(index)
    found: set[int] = set()
    for number, vector in enumerate(vectors):
        if not _may_be_sum(leaves[number], vector) and not _is_outdented(leaves, number):
            continue
        behind = tuple(map(Decimal.__add__, running[number + 1], vector))
        before = tuple(map(Decimal.__sub__, running[number], vector))
        least = 1 if _is_outdented(leaves, number) else 2
        if any(place > number + least for place in places.get(behind, ())[-1:]) or any(
            place < number - 1 for place in places.get(before, ())[:1]
        ):
            found.add(id(leaves[number]))
    return found


def _is_outdented(leaves: Sequence[Item], number: int) -> bool:
    """Whether the name of the next line stands further right."""
    if number + 1 >= len(leaves) or not leaves[number].name or not leaves[number + 1].name:
        return False
    row = leaves[number].row
    return leaves[number + 1].name[0].left - leaves[number].name[0].left > 0.4 * row.height


def _may_be_sum(item: Item, vector: _Vector) -> bool:
    """A sum by chance is out of question only with digits enough; accounts with a code of their own seldom sum."""
    digits = sum(len(value.as_tuple().digits) for value in vector if value)
    return digits >= 7 and not item.label

"""Which figure of an account a column holds: opening, movement or closing, debit or credit or both by sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.ai.layout.columns import FigureColumn
from services.ai.layout.headings import Heading
from services.ai.layout.vocabulary import Vocabulary, vocabulary_in

_LABELS = Path(__file__).with_name("labels.toml")
#: The parts of a ledger's year, in their order from left to right.
PARTS = ("opening", "movement", "closing")


@dataclass(frozen=True, slots=True)
class Slot:
    """What a column holds. `side` is None for one column with signs."""

    part: str
    side: str | None

    @property
    def fields(self) -> tuple[str, str]:
        """The fields of the model for a debit and for a credit."""
        if self.part == "movement":
            return "debit", "credit"
        return f"{self.part}_debit", f"{self.part}_credit"


def heading_vocabulary() -> Vocabulary:
    """What columns of trial balances are called; `balance` for what may hold figures by itself."""
    return vocabulary_in(_LABELS, "columns")


def sides_vocabulary() -> Vocabulary:
    """Phrases that name a closing column with its side."""
    return vocabulary_in(_LABELS, "sides")


def slots_of(columns: Sequence[FigureColumn], heading: Heading) -> dict[int, Slot]:
    """The slot of each column by its index; columns that cannot be told are left out."""
    sides = [_side(column) for column in columns]
    parts = [_part(column) for column in columns]
    pairs = [index for index, side in enumerate(sides) if side]
    singles = [index for index, side in enumerate(sides) if side is None]
    _single_parts(parts, singles, pairs)
    if pairs and not any(parts[index] for index in pairs):
        if len(pairs) == 2 and any(parts[index] for index in singles):
            # Between balances in one column each stand the movements.
            parts[pairs[0]] = parts[pairs[1]] = "movement"
        else:
            _by_order(parts, pairs, _groups(heading))
    _remaining(parts, pairs)
    if len(pairs) == len(columns) and len(pairs) <= 2 and len({sides[index] for index in pairs}) == len(pairs):
        # Debits and credits alone are balances, whatever they are called.
        parts = ["closing"] * len(pairs)
    slots = {
        index: Slot(part, side) for index, (part, side) in enumerate(zip(parts, sides, strict=True)) if part is not None
    }
    return _unique(slots)


def _side(column: FigureColumn) -> str | None:
    for meanings in (column.head.meanings, column.head.above) if column.head else ():
        found = {"debit", "credit"} & meanings
        if len(found) == 1:
            return next(iter(found))
    return None


def _part(column: FigureColumn) -> str | None:
    head = column.head
    if head is None:
        return None
    for meanings in (head.meanings - {"debit", "credit"}, head.above):
        found = [part for part in PARTS if part in meanings]
        if len(found) == 1:
            return found[0]
    whole = sides_vocabulary().meanings_of(head.text)
    return "closing" if whole else None


def _groups(heading: Heading) -> list[str]:
    """The parts that stand above the columns, from left to right."""
    seen: list[tuple[float, str]] = []
    for cell in heading.groups:
        part = next((part for part in PARTS if part in cell.meanings), None)
        if part:
            seen.append(((cell.left + cell.right) / 2, part))
    return [part for _, part in sorted(seen)]


def _by_order(parts: list[str | None], pairs: list[int], groups: list[str]) -> None:
    """Pairs of columns under as many names; without names what their number tells."""
    count = len(pairs) // 2
    if len(pairs) % 2 or not count:
        return
    names: Sequence[str] = groups
    if len(groups) != count:
        names = {1: ["closing"], 2: ["movement", "closing"], 3: list(PARTS)}.get(count, [])
    for number, name in enumerate(names):
        parts[pairs[2 * number]] = parts[pairs[2 * number + 1]] = name


def _remaining(parts: list[str | None], pairs: list[int]) -> None:
    """Pairs without a name beside named ones: what comes before the closing balance."""
    open_pairs = [index for index in pairs if parts[index] is None]
    left = [part for part in PARTS if part not in {parts[index] for index in pairs}]
    if len(open_pairs) == 2 and len(left) > 0:
        # One pair beside the closing one holds the movements.
        name = "movement" if "movement" in left else left[-1]
        for index in open_pairs:
            parts[index] = name
    elif len(open_pairs) == 4 and len(left) == 2:
        for index, name in zip(open_pairs, (left[0], left[0], left[1], left[1]), strict=True):
            parts[index] = name


def _single_parts(parts: list[str | None], singles: list[int], pairs: list[int]) -> None:
    """A column without a side holds a balance: left of the movements the opening one, right of them the closing one."""
    for index in singles:
        if parts[index] == "movement":
            parts[index] = None
    if pairs and singles:
        before = [index for index in singles if index < pairs[0]]
        behind = [index for index in singles if index > pairs[-1]]
        if len(before) == 1 and len(behind) == 1 and parts[before[0]] in (None, "closing"):
            parts[before[0]], parts[behind[0]] = "opening", "closing"
        elif len(behind) == 1 and parts[behind[0]] is None:
            parts[behind[0]] = "closing"
    closings = [index for index in singles if parts[index] == "closing"]
    for index in closings[:-1]:
        parts[index] = None
    unnamed = [index for index in singles if parts[index] is None]
    if not closings and len(unnamed) == 1 and not any(parts) and not pairs:
        parts[unnamed[0]] = "closing"


def _unique(slots: dict[int, Slot]) -> dict[int, Slot]:
    """Of columns with the same slot the last counts: after the month comes the year."""
    last = {slot: index for index, slot in slots.items()}
    return {index: slot for index, slot in slots.items() if last[slot] == index}

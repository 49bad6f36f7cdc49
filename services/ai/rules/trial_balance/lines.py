"""Rows of a trial balance: accounts, lines that sum them, totals, and what is none of these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from services.ai.layout.amounts import Notation
from services.ai.layout.figures import Printed
from services.ai.layout.rows import TextRow
from services.ai.layout.sides import Side, sides_of
from services.ai.layout.tables import Cells, Fragment
from services.ai.layout.vocabulary import Vocabulary, tokens_of, vocabulary_in
from services.ai.rules.trial_balance.slots import Slot, slots_of
from shared.pdf.words import Word

_LABELS = Path(__file__).with_name("labels.toml")
_CODE = re.compile(r"[A-Z]{0,4}[-.]?\d[\dA-Z]*(?:[./\-_ ][\dA-Z]+)*[.:]?", re.IGNORECASE)
_DASHES = frozenset("- \u2013 \u2014 : | .".split())  # noqa: SIM905
#: A name goes on in the next line only so near, in heights.
_LEADING = 1.45


@dataclass(eq=False)
class Item:
    """One line with figures, or an account without any."""

    row: TextRow
    index: int
    code: list[Word]
    name: list[Word]
    #: Figures by the field of the model.
    cells: dict[str, tuple[Printed, Decimal]] = field(default_factory=dict)
    #: `total`, `subtotal`, `carried`, `result` by its label; empty for what looks like an account.
    label: str = ""
    #: Further lines of the name.
    more: list[tuple[TextRow, list[Word]]] = field(default_factory=list)

    @property
    def code_text(self) -> str:
        """The code as printed, without marks at its end."""
        return " ".join(word.text for word in self.code).rstrip(".:-\u2013")

    @property
    def values(self) -> dict[str, Decimal]:
        """Figures by field."""
        return {name: value for name, (_, value) in self.cells.items()}


@cache
def lines_vocabulary() -> Vocabulary:
    """What lines that are no accounts begin with."""
    return vocabulary_in(_LABELS, "lines")


def items_of(fragments: Sequence[Fragment], notation: Notation) -> tuple[list[Item], set[int]]:
    """The lines of all fragments, and the indexes of their rows."""
    drafts: list[tuple[Fragment, Cells, dict[int, Slot]]] = []
    for fragment in fragments:
        slots = slots_of(fragment.columns, fragment.heading)
        drafts += [(fragment, fragment.cells(row, fragment.start + i), slots) for i, row in enumerate(fragment.rows)]
    glued = _codes_lead_names(drafts)
    sides = _sides(drafts)
    items: list[Item] = []
    used: set[int] = set()
    for fragment, cells, slots in drafts:
        item = _item(fragment, cells, slots, notation, sides, glued=glued)
        if item is not None:
            items.append(item)
            used.add(cells.index)
        elif items and _goes_on(items[-1], cells):
            items[-1].more.append((cells.row, cells.words("name", "code_name") or list(cells.row.words)))
            used.add(cells.index)
    return _without_titles(items), used


def _item(
    fragment: Fragment, cells: Cells, slots: dict[int, Slot], notation: Notation, sides: dict[str, Side], *, glued: bool
) -> Item | None:
    code, name = _code_and_name(cells, glued=glued)
    item = Item(cells.row, cells.index, code, name, label="" if code else _label(name))
    for column, printed in cells.money:
        slot = slots.get(fragment.columns.index(column))
        value = notation.value(printed)
        if slot is None or value is None or printed.percent:
            continue
        field_name, value = _placed(slot, printed, value, sides)
        item.cells.setdefault(field_name, (printed, value))
    if item.cells:
        return item if code or name else None
    return item if code and name and not item.label and not cells.row.dates else None


def _placed(slot: Slot, printed: Printed, value: Decimal, sides: dict[str, Side]) -> tuple[str, Decimal]:
    debit, credit = slot.fields
    if slot.side is not None:
        return (debit if slot.side == "debit" else credit), value
    side = sides.get(printed.side)
    is_credit = value < 0 or side is Side.CREDIT
    return (credit if is_credit else debit), abs(value)


def _sides(drafts: Sequence[tuple[Fragment, Cells, dict[int, Slot]]]) -> dict[str, Side]:
    return sides_of(printed.side for _, cells, _ in drafts for _, printed in cells.money)


def _code_and_name(cells: Cells, *, glued: bool) -> tuple[list[Word], list[Word]]:
    code = cells.words("code")
    name = sorted(cells.words("name", "code_name", ""), key=lambda word: word.left)
    text = " ".join(word.text for word in code)
    if code and (not _CODE.fullmatch(text) or not any(map(str.isdigit, text))):
        # Words under the column of codes are the name of a total, or a name that begins there.
        head = 1 if _is_code(code[0]) else 0
        name = sorted([*code[head:], *name], key=lambda word: word.left)
        code = code[:head]
    if not code and glued and name and _is_code(name[0]):
        code, name = name[:1], name[1:]
    while name and name[0].text in _DASHES:
        name = name[1:]
    return code, name


def _codes_lead_names(drafts: Sequence[tuple[Fragment, Cells, dict[int, Slot]]]) -> bool:
    """Whether names begin with the code of the account in most lines."""
    led = lines = 0
    for _, cells, _ in drafts:
        words = sorted(cells.words("name", "code_name", ""), key=lambda word: word.left)
        if cells.money and words and not cells.words("code"):
            lines += 1
            led += len(words) > 1 and _is_code(words[0])
    return led > 0.6 * lines


def _is_code(word: Word) -> bool:
    text = word.text.rstrip(".:-\u2013")
    return bool(_CODE.fullmatch(text)) and len(text) <= 16 and any(map(str.isdigit, text))


def _label(words: Sequence[Word]) -> str:
    """What a line is by the phrase that it begins with; totals without any further word, or with that of a class."""
    letters = [word for word in words if any(not token.isdigit() for token in tokens_of(word.text))]
    matches = lines_vocabulary().matches(letters)
    if not matches or matches[0].first:
        return ""
    meanings, rest = matches[0].meanings, len(letters) - matches[0].end
    if "carried" in meanings:
        return "carried"
    if "subtotal" in meanings:
        return "subtotal"
    if "total" in meanings:
        return "total" if not rest else "subtotal"
    return "result" if not rest else ""


def _goes_on(item: Item, cells: Cells) -> bool:
    """Whether a row without code and figures is the rest of the name above it."""
    row, last = cells.row, item.more[-1][0] if item.more else item.row
    if row.page is not last.page or cells.money or row.dates or cells.words("code") or item.label:
        return False
    words = cells.words("name", "code_name")
    if not words or len(words) != len(row.words) or row.middle - last.middle > _LEADING * row.height:
        return False
    begins_small = words[0].text[:1].islower() or words[0].text[:1] in "(&-/"
    hangs = bool(item.name) and item.name[-1].text[-1:] in "-,&/("
    return begins_small or hangs


def _without_titles(items: list[Item]) -> list[Item]:
    """Without lines that have a code and no figures, unless their code is like those of accounts with figures."""
    shapes = {_shape(item) for item in items if item.cells and not item.label}
    return [item for item in items if item.cells or _shape(item) in shapes]


def _shape(item: Item) -> str:
    return re.sub(r"[A-Za-z]", "a", re.sub(r"\d", "0", item.code_text))

"""The lines of an invoice: what stands in the columns below the head of their table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from services.ai.documents.invoice import InvoiceLine
from services.ai.figures.value import FigureValue, TextValue
from services.ai.layout.currencies import codes_of
from services.ai.layout.figures import Printed
from services.ai.layout.labels import plain, whole_traits
from services.ai.layout.sheet import Sheet, SheetRow, evidence, shape_is_money, text_value
from services.ai.layout.total_labels import Sum, sum_named
from services.ai.rules.invoice.columns import AMOUNTS, Column, Head, Kind, head_at
from shared.pdf.words import Word

#: A line's words are no further apart than this, in heights of a line; a wider gap begins something else.
_NEXT_LINE_HEIGHTS = 0.95
#: Figures of one line may stand half a line higher or lower than its words.
_SAME_LINE_HEIGHTS = 0.6
_MAX_DESCRIPTION_ROWS = 12
#: So many sums named in a row without figures are the head of a table of sums.
_MIN_SUM_HEADS = 2
#: The figure of a sum stands no further left of the column of amounts.
_BESIDE_POINTS = 40.0
_POSITION = re.compile(r"(?:\d{1,5}(?:[.\-/]\d{1,4}){0,4}|[A-Za-z])[.)]?")


@dataclass
class Item:
    """One line while it is put together: figures by kind, words of the description by row."""

    head: Head
    rows: list[SheetRow] = field(default_factory=list)
    figures: dict[Kind, tuple[SheetRow, Printed]] = field(default_factory=dict)
    texts: dict[Kind, list[tuple[SheetRow, list[Word]]]] = field(default_factory=dict)
    #: Figures under heads that say nothing known, by the index of their column.
    others: dict[int, tuple[SheetRow, Printed]] = field(default_factory=dict)

    @property
    def amounts(self) -> list[Kind]:
        """The amounts that it has."""
        return [kind for kind in self.figures if kind in AMOUNTS]

    @property
    def reckons(self) -> bool:
        """Whether it has a quantity or a price as well as an amount."""
        return bool(self.amounts) and bool(self.figures.keys() & {Kind.QUANTITY, Kind.PRICE})


@dataclass
class Table:
    """All lines of an invoice, and the rows that they and the heads above them take."""

    items: list[Item]
    taken: set[int]


def table_of(sheet: Sheet) -> Table:
    """Find the lines under every head of a table of lines."""
    items: list[Item] = []
    taken: set[int] = set()
    index = 0
    head: Head | None = None
    heads = cache(lambda place: head_at(sheet.rows, place))
    while index < len(sheet.rows):
        found = heads(index)
        if found is not None:
            head = found
            taken.update(range(index, head.below))
            index = head.below
            continue
        row = sheet.rows[index]
        if head is not None and not _belongs(row, head, items):
            head = None
        if head is not None:
            stop = _end_of(sheet, index, heads)
            items.extend(_items(sheet, head, sheet.rows[index:stop], taken))
            index = stop
            continue
        index += 1
    items = [item for item in items if item.amounts]
    _name_by_arithmetic(sheet, items)
    return Table(items, taken)


def _name_by_arithmetic(sheet: Sheet, items: Sequence[Item]) -> None:
    """Take figures under an unknown head for the price, or the quantity, where they make every amount."""
    for index in {index for item in items for index in item.others}:
        own = [item for item in items if index in item.others]
        for kind, other in ((Kind.PRICE, Kind.QUANTITY), (Kind.QUANTITY, Kind.PRICE)):
            if any(kind in item.figures for item in own):
                continue
            if all(_reckons(sheet, item, item.others[index][1], other) for item in own):
                for item in own:
                    item.figures[kind] = item.others[index]
                break


def _reckons(sheet: Sheet, item: Item, printed: Printed, other: Kind) -> bool:
    """Whether a figure and another of a line make one of its amounts, less its discount."""
    if other not in item.figures:
        return False
    one, two = sheet.amount(printed), sheet.amount(item.figures[other][1])
    cut = sheet.amount(item.figures[Kind.DISCOUNT][1]) if Kind.DISCOUNT in item.figures else Decimal(0)
    amounts = [sheet.amount(item.figures[kind][1]) for kind in item.amounts]
    if one is None or two is None or cut is None:
        return False
    made = one * two * (1 - abs(cut) / 100)
    return any(amount is not None and abs(made - amount) <= Decimal("0.01") for amount in amounts)


def _belongs(row: SheetRow, head: Head, items: Sequence[Item]) -> bool:
    """Whether a row may go on a table: on its page, or on the next one without a head of its own."""
    return row.page.number == head.row.page.number or (bool(items) and row.page.number == head.row.page.number + 1)


def _end_of(sheet: Sheet, index: int, heads: Callable[[int], Head | None]) -> int:
    """Index of the row behind the last one of a page, or of the next head."""
    page = sheet.rows[index].page
    stop = index
    while stop < len(sheet.rows) and sheet.rows[stop].page is page:
        if stop > index and heads(stop) is not None:
            break
        stop += 1
    return stop


def _items(sheet: Sheet, head: Head, rows: Sequence[SheetRow], taken: set[int]) -> Iterator[Item]:
    """The lines in rows below a head, until sums begin. What follows sums must reckon to be a line."""
    current: Item | None = None
    summed = head.row.page is not rows[0].page
    for row in rows:
        cells = _cells(head, row)
        total = _is_sum(head, row, cells)
        if total or (summed and cells.figures and not _is_line(sheet, cells)):
            if current is not None:
                yield current
            current, summed = None, True
            continue
        if current is not None and _joins(current, row, cells):
            _add(current, row, cells)
            taken.add(row.index)
        elif set(cells.figures) & (AMOUNTS | {Kind.PRICE, Kind.QUANTITY}) and (cells.texts or _is_line(sheet, cells)):
            if current is not None:
                yield current
            current = Item(head)
            _add(current, row, cells)
            taken.add(row.index)
        elif current is not None and not _is_near(current, row):
            yield current
            current = None
    if current is not None:
        yield current


@dataclass
class _Cells:
    figures: dict[Kind, Printed]
    texts: dict[Kind, list[Word]]
    others: dict[int, Printed]


def _cells(head: Head, row: SheetRow) -> _Cells:
    """What stands in which column of a row."""
    placed = head.placed([printed for printed in row.figures if _may_be_cell(row, printed, head)])
    figures: dict[Kind, Printed] = {}
    others: dict[int, Printed] = {}
    used: set[int] = set()
    for index, printed in placed.items():
        column = head.columns[index]
        if column.kind is Kind.UNKNOWN:
            others[index] = printed
            continue
        if column.kind in (Kind.CODE, Kind.POSITION):
            continue
        if column.kind not in figures:
            figures[column.kind] = printed
            used.update(id(word) for word in _own_words(printed))
    texts: dict[Kind, list[Word]] = {}
    for run in row.runs:
        start = run.left
        for word in run.words:
            if id(word) not in used:
                of = _column_of(head, start, word)
                if of is not None and of.kind is Kind.POSITION:
                    if texts.get(Kind.POSITION):
                        # What follows a position in its run stands in columns of its own.
                        code = any(map(str.isdigit, word.text)) and not texts.get(Kind.DESCRIPTION)
                        texts.setdefault(Kind.CODE if code else Kind.DESCRIPTION, []).append(word)
                        continue
                    if _POSITION.fullmatch(word.text):
                        start = word.right + 1.0
                if of is not None:
                    texts.setdefault(of.kind, []).append(word)
    return _Cells(figures, texts, others)


def _own_words(printed: Printed) -> list[Word]:
    """The words of a figure without letters that may be a unit: `2 h` is no credit."""
    return [word for word in printed.words if any(map(str.isdigit, word.text)) or codes_of(word.text)]


def _may_be_cell(row: SheetRow, printed: Printed, head: Head) -> bool:
    """Whether a figure stands for itself and is no part of a description: `Paper 80 g`."""
    description = head.of(Kind.DESCRIPTION)
    own = _own_words(printed)
    run = next((run for run in row.runs if own[0] in run.words), None)
    if run is None or description is None:
        return True
    first = run.words.index(own[0])
    before, after = run.words[:first], run.words[first + len(own) :]
    in_text = any(any(map(str.isalpha, word.text)) for word in before)
    under = next((c for c in head.columns if c.numeric and c.left < printed.right and printed.left < c.right), None)
    if in_text:
        if any(word.text.endswith(":") for word in before):
            return False
        return under is not None and under.kind is not Kind.CODE and run.left < under.left
    starts_text = any(len(plain(word.text)) > 3 for word in after)
    return under is not None or not starts_text


def _column_of(head: Head, start: float, word: Word) -> Column | None:
    """The column of a word: the one that it stands under alone, else the one that its text begins under."""
    best = [column for column in head.columns if column.left < word.right and word.left < column.right]
    if len(best) == 1 and (best[0].kind in (Kind.UNIT, Kind.CODE, Kind.POSITION, Kind.QUANTITY)):
        return best[0]
    if start > word.left:
        start = word.left
    before = [column for column in head.columns if column.left <= max(start, 0.0) + 4.0]
    return before[-1] if before else head.columns[0]


def _is_sum(head: Head, row: SheetRow, cells: _Cells) -> bool:
    """Whether a row has the label of a sum and its figure, or is the head of a table of sums."""
    if not any(shape_is_money(printed) for printed in row.figures):
        heads = sum(sum_named(run.text) is not None for run in row.runs)
        if heads >= _MIN_SUM_HEADS or not row.figures:
            return heads >= _MIN_SUM_HEADS
    amounts = [column.left for column in head.columns if column.kind in AMOUNTS] or [head.columns[-1].left]
    if max(printed.right for printed in row.figures) < min(amounts) - _BESIDE_POINTS:
        return False
    label = " ".join(word.text for word in row.words if not any(word in p.words for p in row.figures))
    if whole_traits(label, "amounts") & {"total", "subtotal", "net", "gross", "carried", "due"}:
        return True
    kind = sum_named(label)
    if kind in (Sum.CHARGE, Sum.ALLOWANCE, Sum.PREPAID, Sum.ROUNDING):
        # An article may be called so; the sums of a document stand away from the column of descriptions.
        return not (Kind.DESCRIPTION in cells.texts and len(cells.figures) > 1)
    return kind is not None and not cells.figures.keys() & {Kind.QUANTITY}


def _is_line(sheet: Sheet, cells: _Cells) -> bool:
    """Whether quantity times price makes the amount."""
    amounts = [printed for kind, printed in cells.figures.items() if kind in AMOUNTS]
    numbers = [sheet.amount(p) for p in (cells.figures.get(Kind.QUANTITY), cells.figures.get(Kind.PRICE)) if p]
    known = [number for number in numbers if number is not None]
    if len(known) < 2 or not amounts:
        return False
    return any((value := sheet.amount(p)) is not None and abs(known[0] * known[1] - value) <= 1 for p in amounts)


def _is_near(item: Item, row: SheetRow) -> bool:
    last = item.rows[-1]
    return row.page is last.page and row.top - last.bottom <= _NEXT_LINE_HEIGHTS * max(row.height, last.height)


def _joins(item: Item, row: SheetRow, cells: _Cells) -> bool:
    """Whether a row goes on a line: more of its description, or figures that it still lacks."""
    if not _is_near(item, row) or len(item.rows) > _MAX_DESCRIPTION_ROWS:
        return False
    new = set(cells.figures)
    if not new:
        return set(cells.texts) <= {Kind.DESCRIPTION, Kind.CODE, Kind.POSITION, Kind.UNKNOWN} and bool(cells.texts)
    if new & item.figures.keys() or (item.amounts and new & AMOUNTS):
        return False
    close = row.top - item.rows[0].top <= (1 + _SAME_LINE_HEIGHTS) * item.rows[0].height
    return close and not (item.reckons and new)


def _add(item: Item, row: SheetRow, cells: _Cells) -> None:
    item.rows.append(row)
    for kind, printed in cells.figures.items():
        item.figures.setdefault(kind, (row, printed))
    for index, printed in cells.others.items():
        item.others.setdefault(index, (row, printed))
    for kind, words in cells.texts.items():
        item.texts.setdefault(kind, []).append((row, words))


def has_tax_in(sheet: Sheet, item: Item) -> bool:
    """Whether an amount is quantity times price and the tax of a rate that is not nothing."""
    printed = [item.figures.get(kind) for kind in (Kind.QUANTITY, Kind.PRICE, Kind.TAX, Kind.AMOUNT)]
    numbers = [sheet.amount(each[1]) for each in printed if each is not None]
    known = [number for number in numbers if number is not None]
    if len(known) < len(printed):
        return False
    quantity, price, percent, amount = known
    tax = quantity * price * percent / 100
    return abs(tax) > 1 and abs(quantity * price + tax - amount) < Decimal("0.02")


def line_of(sheet: Sheet, item: Item, amount_kind: Kind) -> InvoiceLine:
    """An item as a line; `amount_kind` says what an amount is of which the head does not tell it."""
    figures = dict(item.figures)
    if Kind.AMOUNT in figures:
        figures.setdefault(amount_kind, figures[Kind.AMOUNT])

    def figure(kind: Kind) -> FigureValue | None:
        return sheet.figure(*figures[kind]) if kind in figures else None

    unit = _text(item, Kind.UNIT) or _text(item, Kind.QUANTITY)
    return InvoiceLine(
        position=_position(item),
        code=_text(item, Kind.CODE, first_row=True),
        description=_text(item, Kind.DESCRIPTION) or _text(item, Kind.UNKNOWN),
        quantity=figure(Kind.QUANTITY),
        unit=unit,
        unit_price=figure(Kind.PRICE),
        discount_percent=figure(Kind.DISCOUNT),
        tax_percent=figure(Kind.TAX),
        net_amount=figure(Kind.NET),
        gross_amount=figure(Kind.GROSS),
    )


def _position(item: Item) -> TextValue | None:
    for row, words in item.texts.get(Kind.POSITION, [])[:1]:
        if _POSITION.fullmatch(words[0].text):
            return text_value(row, words[:1], words[0].text.rstrip(".)"))
    return None


def _text(item: Item, kind: Kind, *, first_row: bool = False) -> TextValue | None:
    found = item.texts.get(kind, [])
    if first_row:
        found = found[:1]
    if not found:
        return None
    text = " ".join(word.text for _, words in found for word in words)
    return TextValue(value=text, evidence=tuple(evidence(row, words) for row, words in found))

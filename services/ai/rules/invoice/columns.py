"""The columns of a table of invoice lines, from its head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.ai.layout.figures import Printed
from services.ai.layout.labels import plain, traits, whole_traits
from services.ai.layout.sheet import SheetRow, shape_is_money
from shared.pdf.words import Word

#: A head has at least so many columns that are known.
_MIN_KINDS = 3
_MIN_OWN_KINDS = 2
#: What has more words, in all or without a wide gap, is prose.
_MAX_HEAD_WORDS = 36
_MAX_CELL_WORDS = 12
#: A figure this far beside the words of a head, in points, is in no column of it.
_MAX_OFF_POINTS = 60.0
#: Lines of one head are no further apart, in heights of a line.
_HEAD_LINE_HEIGHTS = 0.9
#: Beside a head of taxes these are one of their own.
_TOTALS = ("total", "totale", "totaal", "summe", "suma", "razem")


class Kind(StrEnum):
    """What stands in a column."""

    POSITION = "position"
    CODE = "code"
    DESCRIPTION = "description"
    QUANTITY = "quantity"
    UNIT = "unit"
    PRICE = "unit_price"
    DISCOUNT = "discount"
    #: A rate of tax, or its amount: what stands there tells.
    TAX = "tax"
    TAX_AMOUNT = "tax_amount"
    NET = "net_amount"
    GROSS = "gross_amount"
    #: Of which nothing tells whether tax is in it.
    AMOUNT = "amount"
    UNKNOWN = "unknown"


AMOUNTS = frozenset({Kind.NET, Kind.GROSS, Kind.AMOUNT})
_NUMERIC = AMOUNTS | {Kind.QUANTITY, Kind.PRICE, Kind.DISCOUNT, Kind.TAX, Kind.TAX_AMOUNT}


@dataclass(slots=True)
class Column:
    """One column: its kind, and where its head stands in points."""

    kind: Kind
    left: float
    right: float
    label: str

    @property
    def numeric(self) -> bool:
        """Whether figures stand in it."""
        return self.kind in _NUMERIC or self.kind in (Kind.POSITION, Kind.CODE, Kind.UNKNOWN)


@dataclass(slots=True)
class Head:
    """The head of a table, from left to right."""

    row: SheetRow
    columns: list[Column]
    #: Index of the first row below it.
    below: int

    def of(self, kind: Kind) -> Column | None:
        """The first column of a kind."""
        return next((column for column in self.columns if column.kind is kind), None)

    def placed(self, figures: Sequence[Printed]) -> dict[int, Printed]:
        """Figures of a row by the index of their column, in order from left to right: what stands best."""
        return _best_order(self.columns, figures)


def head_at(rows: Sequence[SheetRow], index: int) -> Head | None:
    """The head whose main line is a row; None where it is none."""
    row = rows[index]
    if row.dates or len(row.words) > _MAX_HEAD_WORDS or max(len(run.words) for run in row.runs) > _MAX_CELL_WORDS:
        return None
    if any(shape_is_money(printed) for printed in row.figures):
        return None
    columns = [column for run in row.runs for column in _cells(run.words)]
    # Its own words must name some columns: the lines above and below only add to them.
    if len({_kind_of(column.label) for column in columns} - {Kind.UNKNOWN}) < _MIN_OWN_KINDS:
        return None
    columns, below = _with_other_lines(rows, index, columns)
    for column in columns:
        column.kind = _kind_of(column.label)
    kinds = {column.kind for column in columns} - {Kind.UNKNOWN, Kind.POSITION, Kind.UNIT}
    amounts = kinds & (AMOUNTS | {Kind.PRICE})
    if len(kinds) < _MIN_KINDS and not (amounts and kinds & {Kind.DESCRIPTION} and len(columns) <= _MIN_KINDS):
        return None
    if not amounts or not kinds & {Kind.DESCRIPTION, Kind.QUANTITY, Kind.CODE} or len(kinds) < 2:
        return None
    unknown = sum(column.kind is Kind.UNKNOWN for column in columns)
    if unknown > len(kinds):
        return None
    return Head(row, _settled(columns), below)


def _cells(words: Sequence[Word]) -> list[Column]:
    """Heads of columns in one run: several where they stand close, as `Qty Unit Price`."""
    if _kind_of(_text(words)) is not Kind.UNKNOWN and (len(words) == 1 or _is_one(words)):
        return [_column(words)]
    cells: list[Column] = []
    start = 0
    while start < len(words):
        for end in range(len(words), start, -1):
            text = _text(words[start:end])
            if whole_traits(text, "columns") or _says_only_whether_net(text):
                break
        else:
            end = start + 1
        cell = _column(words[start:end])
        if cells and (_says_only_whether_net(cell.label) or _goes_with_tax(cells[-1].label, cell.label)):
            cell = _column(words[start - len(cells.pop().label.split()) : end])
        cells.append(cell)
        start = end
    known = [cell for cell in cells if _kind_of(cell.label) is not Kind.UNKNOWN]
    if len(known) < 2 or len(known) < len(cells):
        return [_column(words)]
    return cells


def _says_only_whether_net(label: str) -> bool:
    """Whether words say no more than that what stands before is with or without tax: `HT` of `Montant HT`."""
    if traits(label, "columns") - {"amount", "tax"}:
        return False
    parts = [whole_traits(word, "amounts") for word in label.split()]
    with_tax = all(part & {"net", "gross", "without", "tax"} for part in parts)
    return bool(whole_traits(label, "amounts") & {"net", "gross", "without"}) or (
        with_tax and any(part & {"net", "gross", "without"} for part in parts)
    )


def _goes_with_tax(before: str, label: str) -> bool:
    """Whether a tax and its rate or amount are one head: `Stawka VAT`, `VAT amount`."""
    for tax, other in ((label, before), (before, label)):
        said = whole_traits(other, "rates") or whole_traits(other, "amounts") == {"total"}
        if whole_traits(tax, "amounts") == {"tax"} and said and not traits(other, "receipts"):
            return plain(other) not in _TOTALS
    return False


def _is_one(words: Sequence[Word]) -> bool:
    """Whether words are the head of one column: known as a whole, or no two parts are known each."""
    if whole_traits(_text(words), "columns"):
        return True
    return not all(whole_traits(word.text, "columns") for word in words)


def _column(words: Sequence[Word]) -> Column:
    return Column(Kind.UNKNOWN, min(word.left for word in words), max(word.right for word in words), _text(words))


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _with_other_lines(rows: Sequence[SheetRow], index: int, columns: list[Column]) -> tuple[list[Column], int]:
    """Add words that stand in lines right above and below the main one to their columns."""
    row, below = rows[index], index + 1
    for step in (-1, 1):
        edge, near = row, index + step
        while 0 <= near < len(rows) and _is_head_line(edge, rows[near]) and abs(near - index) <= 3:
            for run in rows[near].runs:
                over = [column for column in columns if column.left < run.right and run.left < column.right]
                if len(over) == 1:
                    over[0].label += " " + run.text
                    over[0].left, over[0].right = min(over[0].left, run.left), max(over[0].right, run.right)
            edge, near = rows[near], near + step
            if step > 0:
                below = near
    return columns, below


def _is_head_line(row: SheetRow, other: SheetRow) -> bool:
    """Whether a neighbouring row belongs to the same head: close by, of few words and without figures."""
    if other.page is not row.page or other.figures or other.dates:
        return False
    gap = max(other.top - row.bottom, row.top - other.bottom)
    if gap > _HEAD_LINE_HEIGHTS * 0.5 * row.height:
        return False
    return all(len(run.words) <= 3 and traits(run.text, "columns") | traits(run.text, "amounts") for run in other.runs)


def _kind_of(label: str) -> Kind:
    found, sums = traits(label, "columns"), traits(label, "amounts")
    if "measure" in found:
        return Kind.UNKNOWN
    if "discount" in found:
        return Kind.DISCOUNT
    whole = bool(sums & {"total"}) or "amount" in found
    with_tax, without_tax = "gross" in sums, bool(sums & {"net", "without"})
    if "tax" in found and not (with_tax or without_tax):
        return Kind.TAX_AMOUNT if whole and "%" not in label else Kind.TAX
    if "unit_price" in found and not (sums & {"total"}):
        return Kind.PRICE
    if whole or with_tax or (without_tax and "tax" not in found):
        return Kind.GROSS if with_tax else Kind.NET if without_tax else Kind.AMOUNT
    for kind in (Kind.TAX, Kind.QUANTITY, Kind.UNIT, Kind.CODE, Kind.DESCRIPTION, Kind.POSITION):
        if kind.value in found:
            return kind
    return Kind.UNKNOWN


def _settled(columns: list[Column]) -> list[Column]:
    """Decide what one name stands for by the others beside it."""
    columns.sort(key=lambda column: column.left)
    kinds = [column.kind for column in columns]
    if Kind.DESCRIPTION not in kinds and Kind.POSITION in kinds[1:]:
        columns[kinds.index(Kind.POSITION, 1)].kind = Kind.UNKNOWN
    if kinds.count(Kind.DESCRIPTION) > 1:
        # "Item" and "Description": the first is a number or a code.
        columns[kinds.index(Kind.DESCRIPTION)].kind = Kind.CODE
    if kinds.count(Kind.TAX) > 1:
        # "VAT %" and "VAT": the rate comes first.
        rates = [column for column in columns if column.kind is Kind.TAX]
        rate = next((column for column in rates if "%" in column.label), rates[0])
        for column in rates:
            column.kind = column.kind if column is rate else Kind.TAX_AMOUNT
    if kinds.count(Kind.PRICE) > 1:
        # Without any column of amounts the last is that; else one may be with tax, and arithmetic tells.
        prices = [column for column in columns if column.kind is Kind.PRICE]
        alone = not any(kind in AMOUNTS for kind in kinds)
        taxed = [column for column in prices if "gross" in traits(column.label, "amounts")]
        other = taxed[0] if taxed and len(taxed) < len(prices) else prices[-1]
        amount = Kind.GROSS if other in taxed else Kind.AMOUNT
        other.kind = amount if alone else Kind.UNKNOWN
    return columns


def _off(column: Column, figure: Printed) -> float:
    """How far a figure is from standing under the head of a column, in points; little where their edges are in line."""
    if figure.percent and column.kind in AMOUNTS | {Kind.PRICE, Kind.QUANTITY, Kind.TAX_AMOUNT}:
        return 8 * _MAX_OFF_POINTS
    apart = max(column.left - figure.right, figure.left - column.right, 0.0)
    lined = min(
        abs(column.right - figure.right),
        abs(column.left - figure.left),
        abs(column.left + column.right - figure.left - figure.right) / 2,
    )
    return 4 * apart + min(lined, 30.0)


def _best_order(columns: Sequence[Column], figures: Sequence[Printed]) -> dict[int, Printed]:
    """Match figures with columns in order, none twice, so that they are least off in all."""
    skip = 4 * _MAX_OFF_POINTS
    best: list[list[tuple[float, dict[int, Printed]]]] = [[(0.0, {})] * (len(columns) + 1)]
    for number, figure in enumerate(figures):
        line: list[tuple[float, dict[int, Printed]]] = [(best[number][0][0] + skip, best[number][0][1])]
        for index, column in enumerate(columns):
            options = [line[index], (best[number][index + 1][0] + skip, best[number][index + 1][1])]
            if column.numeric:
                cost, placed = best[number][index]
                options.append((cost + _off(column, figure), {**placed, index: figure}))
            line.append(min(options, key=lambda option: option[0]))
        best.append(line)
    return best[-1][-1][1]

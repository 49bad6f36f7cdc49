"""Tables: a heading, the rows under it on each page, and what stands in which column."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ai.layout.columns import FigureColumn, column_at, figure_columns, name_columns
from services.ai.layout.dates import PrintedDate
from services.ai.layout.figures import Printed
from services.ai.layout.headings import DATES, MONEY, HeadCell, Heading
from services.ai.layout.rows import TextRow, height_of
from shared.pdf.words import Word

#: A word may begin so many heights left of its column's heading.
_INDENT_HEIGHTS = 1.0
#: What stands so many heights beside a table is no part of it.
_BESIDE_HEIGHTS = 3.5
#: Behind the last column of figures nothing else is expected.
_BEHIND_HEIGHTS = 1.5


@dataclass(eq=False)
class Cells:
    """One row of a table by columns."""

    row: TextRow
    #: Index of the row in the document.
    index: int
    money: list[tuple[FigureColumn, Printed]] = field(default_factory=list)
    dates: list[tuple[HeadCell | None, PrintedDate]] = field(default_factory=list)
    #: The words of columns of text, and those left of all columns under "".
    text: dict[str, list[Word]] = field(default_factory=dict)

    def words(self, *meanings: str) -> list[Word]:
        """The words of columns, in order."""
        return [word for meaning in meanings for word in self.text.get(meaning, ())]


@dataclass(eq=False)
class Fragment:
    """The part of a table under one heading on one page; without one it goes on from the page before."""

    heading: Heading
    columns: list[FigureColumn]
    rows: list[TextRow]
    #: Index of the first of the rows in the document.
    start: int
    height: float
    #: Whether figures without any mark are money in this document.
    bare: bool = False
    #: What stands beside the table, by the index of its row.
    asides: dict[int, TextRow] = field(default_factory=dict)
    _starts: list[tuple[float, HeadCell]] = field(default_factory=list)
    _edges: tuple[float, float] = (0.0, float("inf"))

    def find_starts(self) -> None:
        """Where columns of text begin: at their headings, or left of these where the text behind dates does."""
        texts = [cell for cell in self.heading.cells if not cell.meanings & MONEY]
        self._starts = [(cell.left, cell) for cell in texts]
        for number, (left, cell) in enumerate(self._starts):
            if number and "description" in cell.meanings and self._starts[number - 1][1].meanings & DATES:
                behind = [
                    word.left
                    for row in self.rows
                    if row.dates and row.figures
                    for word in row.words
                    if self._starts[number - 1][0] <= row.dates[-1].right < word.left < left
                ]
                if len(behind) * 3 > sum(1 for row in self.rows if row.dates and row.figures):
                    self._starts[number] = (min(behind), cell)

    def find_edges(self) -> None:
        """Between which the table stands. Text that ends a row may run on to the edge of the page."""
        slack = _BESIDE_HEIGHTS * self.height
        first = min(self.heading.cells, key=lambda cell: cell.left)
        last = max(self.heading.cells, key=lambda cell: cell.right)
        right = max((column.right for column in self.columns), default=0.0)
        self._edges = (
            first.left - slack if first.meanings - MONEY else 0.0,
            max(last.right, right) + _BEHIND_HEIGHTS * self.height if last.meanings & MONEY else float("inf"),
        )

    def clip(self) -> None:
        """Part the rows of the table from what stands beside it at the same height."""
        left, right = self._edges
        for number, row in enumerate(self.rows):
            inside = [word for word in row.words if word.right >= left and word.left <= right]
            if inside and len(inside) < len(row.words):
                beside = [word for word in row.words if word.right < left or word.left > right]
                self.rows[number] = _part(row, inside)
                self.asides[self.start + number] = _part(row, beside)

    def cells(self, row: TextRow, index: int) -> Cells:
        """What stands where in a row."""
        cells = Cells(row, index)
        taken: set[int] = set()
        for found in row.dates:
            head = self.date_head(found)
            if head is not None:
                cells.dates.append((head, found))
                taken.update(map(id, found.words))
        for printed in row.figures:
            column = column_at(self.columns, printed, self.height) if self._is_money(printed) else None
            if column is not None and not any(id(word) in taken for word in printed.words):
                cells.money.append((column, printed))
                taken.update(map(id, printed.words))
        text: dict[str, list[Word]] = defaultdict(list)
        left, right = self._edges
        for word in row.words:
            if id(word) not in taken and word.right >= left and word.left <= right and not self._is_empty_cell(word):
                text[self._meaning_at(word)].append(word)
        cells.text = dict(text)
        return cells

    def _is_empty_cell(self, word: Word) -> bool:
        """Whether a word is a dash in a column of figures."""
        if len(word.text) > 3 or any(map(str.isalnum, word.text)):
            return False
        return any(
            column.left - self.height < word.right and word.left < column.right + self.height for column in self.columns
        )

    def _is_money(self, printed: Printed) -> bool:
        """Where money has decimals, digits alone are a page or a number, unless they are a plain zero."""
        return self.bare or not printed.bare or bool(printed.currency) or not printed.core.strip("0")

    def date_head(self, found: PrintedDate) -> HeadCell | None:
        """The column of dates that a date stands in: under its heading, or before the next column."""
        slack = _INDENT_HEIGHTS * self.height
        for number, cell in enumerate(self.heading.cells):
            if not cell.meanings & DATES:
                continue
            if min(cell.right, found.right) - max(cell.left, found.left) > 0:
                return cell
            after = self.heading.cells[number + 1].left if number + 1 < len(self.heading.cells) else float("inf")
            if cell.left - slack <= found.left < min(after, cell.left + 3 * slack):
                return cell
        return None

    def _meaning_at(self, word: Word) -> str:
        slack = _INDENT_HEIGHTS * self.height
        at = bisect_left([left - slack for left, _ in self._starts], word.left)
        if at == 0:
            return ""
        cell = self._starts[at - 1][1]
        return min(cell.meanings, default="") if cell.meanings else ""


def fragments(rows: Sequence[TextRow], headings: Sequence[Heading], *, bare: bool) -> list[Fragment]:
    """The tables of a document in order. Pages without a heading go on with the last one before."""
    found: list[Fragment] = []
    for number, heading in enumerate(headings):
        end = headings[number + 1].first if number + 1 < len(headings) else len(rows)
        at = heading.end
        while at < end:
            stop = at
            while stop < end and rows[stop].page is rows[at].page:
                stop += 1
            found.append(Fragment(heading, [], list(rows[at:stop]), at, height_of(rows[at:stop]), bare))
            at = stop
    _find_columns(found, bare=bare)
    return found


def _find_columns(found: list[Fragment], *, bare: bool) -> None:
    """Columns of figures, sought in all fragments whose headings stand at the same places."""
    alike: dict[tuple[object, ...], list[Fragment]] = defaultdict(list)
    for each in found:
        key = (each.heading.names, *(round(cell.right / 4) for cell in each.heading.cells))
        alike[key].append(each)
    for group in alike.values():
        height = group[0].height
        cells = group[0].heading.cells
        _settle_dates(cells, [row for each in group for row in each.rows])
        columns = figure_columns((_without_dates(each, row) for each in group for row in each.rows), height, bare=bare)
        for each in group:
            each.heading.fit(_usual(columns))
        cells = group[0].heading.cells
        name_columns(columns, cells, height)
        for each in group:
            _drop_beside(each.heading, columns)
        cells = group[0].heading.cells
        columns = [column for column in columns if column.meanings or _may_be_named(column, columns, cells)]
        for each in group:
            each.columns = columns
            for cell, settled in zip(each.heading.cells, cells, strict=True):
                cell.meanings = settled.meanings
            each.find_starts()
            each.find_edges()
            each.clip()


def _drop_beside(heading: Heading, columns: Sequence[FigureColumn]) -> None:
    """Leave out words right of the last column of money under which hardly any figures stand."""
    most = max((column.count for column in columns), default=0)
    while len(heading.cells) > 1 and not heading.cells[-1].meanings and heading.cells[-2].meanings & MONEY:
        last = heading.cells[-1]
        under = [column for column in columns if 2 * column.count >= most and column.overlap(last.left, last.right) > 0]
        if under and not _is_whole(heading.cells):
            return
        heading.cells.pop()


def _is_whole(cells: Sequence[HeadCell]) -> bool:
    """Whether a heading names balances as well as amounts, so that no further figures are to be expected."""
    named = {meaning for cell in cells for meaning in cell.meanings}
    return "balance" in named and bool(named & {"debit", "credit", "amount"})


def _usual(columns: Sequence[FigureColumn]) -> int:
    """How many columns have figures in many rows."""
    most = max((column.count for column in columns), default=0)
    return sum(4 * column.count >= most for column in columns)


def _part(row: TextRow, words: list[Word]) -> TextRow:
    """Some words of a row, with the figures and dates that are made of them."""
    inside = {id(word) for word in words}
    return TextRow(
        row.page,
        words,
        [printed for printed in row.figures if all(id(word) in inside for word in printed.words)],
        [found for found in row.dates if all(id(word) in inside for word in found.words)],
    )


def _settle_dates(cells: Sequence[HeadCell], rows: Sequence[TextRow]) -> None:
    """A name that may mean an amount or a day, as valor and value, means what stands below it."""
    for cell in cells:
        if cell.meanings & MONEY and cell.meanings & DATES:
            dated = sum(
                any(
                    min(found.right, cell.right) > max(found.left, cell.left) and not found.doubtful
                    for found in row.dates
                )
                for row in rows
            )
            cell.meanings = cell.meanings - (MONEY if dated else DATES)


def _without_dates(fragment: Fragment, row: TextRow) -> TextRow:
    """A row without the figures that are dates where they stand."""
    taken = {id(word) for found in row.dates if fragment.date_head(found) for word in found.words}
    if not taken:
        return row
    figures = [printed for printed in row.figures if not any(id(word) in taken for word in printed.words)]
    return TextRow(row.page, row.words, figures, row.dates)


def _may_be_named(column: FigureColumn, columns: Sequence[FigureColumn], cells: Sequence[HeadCell]) -> bool:
    """Whether arithmetic may still say what a column without a name holds: it has an unknown one, or many figures."""
    if any(not cell.meanings and min(cell.right, column.right) > max(cell.left, column.left) for cell in cells):
        return True
    if _is_whole(cells):
        return False
    most = max(each.count for each in columns)
    return 3 * column.count >= most and column.left > min(cell.right for cell in cells)

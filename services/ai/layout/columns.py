"""Columns of figures: found by how figures stand below each other, named by the heading over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.ai.layout.figures import Printed
from services.ai.layout.headings import MONEY, HeadCell
from services.ai.layout.rows import TextRow
from services.ai.layout.shape import shape_of

#: Right edges of one column differ by no more than so many heights: what machines that read pictures are off by.
_EDGE_HEIGHTS = 0.45
#: Two groups of figures over each other by so large a share of the narrower one are one column.
_OVER = 0.5
#: A heading stands no further from its figures than so many heights.
_FAR_HEIGHTS = 8.0


@dataclass(eq=False)
class FigureColumn:
    """Figures below each other."""

    left: float
    right: float
    count: int
    #: The heading's cell; None where none stands over it.
    head: HeadCell | None = None
    meanings: frozenset[str] = field(default_factory=frozenset)

    def overlap(self, left: float, right: float) -> float:
        """What a stretch has in common with this column, as a share of the narrower of both."""
        common = min(self.right, right) - max(self.left, left)
        return common / max(min(self.right - self.left, right - left), 0.1)


def is_cell(row: TextRow, printed: Printed) -> bool:
    """Whether a figure may be a cell of a column: nothing follows it closely."""
    index = row.words.index(printed.words[-1])
    if index + 1 == len(row.words):
        return True
    last, after = row.words[index], row.words[index + 1]
    return after.left - last.right > 0.5 * row.height


def figure_columns(rows: Iterable[TextRow], height: float, *, bare: bool) -> list[FigureColumn]:
    """The columns of figures of a table from left to right. `bare` takes figures without any mark as well."""
    spans = sorted(
        (printed.right, printed.left)
        for row in rows
        for printed in row.figures
        if (bare or not printed.bare) and not printed.percent and is_cell(row, printed)
    )
    groups: list[FigureColumn] = []
    edge = float("-inf")
    for right, left in spans:
        if groups and right - edge <= _EDGE_HEIGHTS * height:
            group = groups[-1]
            group.left, group.right, group.count = min(group.left, left), right, group.count + 1
        else:
            groups.append(FigureColumn(left, right, 1))
        edge = right
    columns: list[FigureColumn] = []
    for group in sorted(groups, key=lambda each: -each.count):
        home = next((each for each in columns if each.overlap(group.left, group.right) >= _OVER), None)
        if home is None:
            columns.append(group)
        else:
            home.left, home.right = min(home.left, group.left), max(home.right, group.right)
            home.count += group.count
    return sorted(columns, key=lambda each: each.left)


def uses_bare(rows: Iterable[TextRow]) -> bool:
    """Whether a document prints its money without decimals: hardly any figure has a mark before one or two digits."""
    marked = grouped = 0
    for row in rows:
        for printed in row.figures:
            shape = shape_of(printed.core)
            if shape is not None and not printed.percent:
                marked += shape.decimal is not None
                grouped += shape.either is not None or (shape.decimal is None and shape.group is not None)
    return grouped > 2 * marked


def name_columns(columns: Sequence[FigureColumn], heads: Sequence[HeadCell], height: float) -> None:
    """Give each column the cell of the heading over it. A cell names one column, in the order of both.

    Columns that stand under no cell keep no meaning. Sequence alignment (Needleman-Wunsch): the pairs cost the distance
    between column and cell.
    """
    money = [head for head in heads if head.meanings & MONEY]
    limit = _FAR_HEIGHTS * height
    best: list[list[tuple[float, list[tuple[int, int]]]]] = [[(0.0, [])] * (len(money) + 1)]
    for i, column in enumerate(columns, start=1):
        line: list[tuple[float, list[tuple[int, int]]]] = [(best[i - 1][0][0] + limit * min(column.count, 3), [])]
        for j, head in enumerate(money, start=1):
            choices = [line[j - 1], (best[i - 1][j][0] + limit * min(column.count, 3), best[i - 1][j][1])]
            away = _distance(column, head)
            if away < limit:
                cost, pairs = best[i - 1][j - 1]
                choices.append((cost + away, [*pairs, (i - 1, j - 1)]))
            line.append(min(choices, key=lambda choice: choice[0]))
        best.append(line)
    for i, j in best[-1][-1][1]:
        columns[i].head, columns[i].meanings = money[j], money[j].meanings


def column_at(columns: Sequence[FigureColumn], printed: Printed, height: float) -> FigureColumn | None:
    """The column that a figure stands in."""
    best, share = None, 0.0
    for column in columns:
        found = column.overlap(printed.left, printed.right)
        if abs(column.right - printed.right) <= _EDGE_HEIGHTS * height:
            found += 1
        if found > share:
            best, share = column, found
    return best if share >= _OVER else None


def _distance(column: FigureColumn, head: HeadCell) -> float:
    """How far a heading stands off: its nearest edge or middle, and the gap between both."""
    gap = max(head.left - column.right, column.left - head.right, 0.0)
    middles = abs(column.left + column.right - head.left - head.right) / 2
    return gap + min(abs(column.right - head.right), abs(column.left - head.left), middles) * 0.3

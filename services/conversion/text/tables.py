"""What a table is: cells in rows and columns, some of them spanning several."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.pdf.lines import Row, rows_of, runs_of
from shared.pdf.words import Word


@dataclass(slots=True, eq=False)
class Cell:
    """One cell. Rows and columns count from 0; the box is in points of the shown page."""

    row: int
    column: int
    row_span: int
    column_span: int
    left: float
    top: float
    right: float
    bottom: float
    words: list[Word] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The lines of text in the cell; words broken at line ends are whole again."""
        rows: list[Row] = rows_of(runs_of(self.words))
        lines: list[str] = []
        joined = ""
        for row in rows:
            joined += " ".join(word.text for run in row.runs for word in run.words)
            if not row.runs[-1].words[-1].broken:
                lines.append(joined)
                joined = ""
        return [*lines, joined] if joined else lines

    @property
    def text(self) -> str:
        """The text of the cell in one line."""
        return " ".join(self.lines)


@dataclass(slots=True, eq=False)
class Table:
    """A table on one page. `ruled`: its cells are drawn; otherwise white space tells them."""

    left: float
    top: float
    right: float
    bottom: float
    row_count: int
    column_count: int
    cells: list[Cell]
    ruled: bool

    def grid(self) -> list[list[str]]:
        """The text of every place; what a spanning cell covers beside its first place is empty."""
        grid = [[""] * self.column_count for _ in range(self.row_count)]
        for cell in self.cells:
            grid[cell.row][cell.column] = cell.text
        return grid

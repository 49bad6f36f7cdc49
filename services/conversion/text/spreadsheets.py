"""Tables as CSV and as sheets of a workbook: numbers as numbers, and no cell that could run as a formula."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Border, Side  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from services.conversion.text.numbers import decimal_mark, number_in, starts_like_formula
from services.conversion.text.tables import Table

#: Limits of the file format and what a screen shows.
_LONGEST_CELL, _WIDEST_COLUMN = 32_767, 60
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_EDGE = Side(style="thin", color="FF999999")


def write_csv(table: Table, target: Path) -> int:
    """Write a table in UTF-8 with commas; return how many cells were made harmless.

    A cell that starts like a formula and is no number gets an apostrophe before it, as OWASP recommends.
    """
    grid = table.grid()
    mark = decimal_mark(cell for row in grid for cell in row)
    defused = 0
    with target.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        for row in grid:
            harmful = [starts_like_formula(cell) and number_in(cell, mark) is None for cell in row]
            writer.writerow([f"'{cell}" if bad else cell for cell, bad in zip(row, harmful, strict=True)])
            defused += sum(harmful)
    return defused


class TableWorkbook:
    """A workbook with one sheet per table, named by page and place."""

    def __init__(self) -> None:
        self._workbook = Workbook()
        self._workbook.remove(self._workbook.active)
        #: Cells that became numbers, and such that look like formulas and stay text.
        self.typed = self.defused = 0

    def add(self, table: Table, name: str) -> None:
        """Add a table as the sheet `name`."""
        sheet: Any = self._workbook.create_sheet(name)
        grid = table.grid()
        mark = decimal_mark(cell for row in grid for cell in row)
        for cell in table.cells:
            if cell.row < _MOST_ROWS and cell.column + cell.column_span <= _MOST_COLUMNS:
                self._fill(sheet.cell(cell.row + 1, cell.column + 1), "\n".join(cell.lines), cell.text, mark)
                if table.ruled:
                    sheet.cell(cell.row + 1, cell.column + 1).border = Border(_EDGE, _EDGE, _EDGE, _EDGE)
                if cell.row_span > 1 or cell.column_span > 1:
                    last = (cell.row + cell.row_span, cell.column + cell.column_span)
                    sheet.merge_cells(None, cell.row + 1, cell.column + 1, *last)
        for column in range(min(table.column_count, _MOST_COLUMNS)):
            longest = max((len(row[column]) for row in grid), default=0)
            sheet.column_dimensions[get_column_letter(column + 1)].width = min(max(longest + 2, 8), _WIDEST_COLUMN)

    def save(self, target: Path) -> None:
        """Write the workbook. It must have a table."""
        self._workbook.save(target)

    def _fill(self, place: Cell, lines: str, text: str, mark: str | None) -> None:
        number = number_in(text, mark)
        if number is not None:
            place.value = number.value
            place.number_format = number.format
            self.typed += 1
            return
        place.value = ILLEGAL_CHARACTERS_RE.sub("", lines)[:_LONGEST_CELL]
        # openpyxl takes text that begins with an equals sign for a formula.
        place.data_type = "s"
        if starts_like_formula(text):
            place.quotePrefix = True
            self.defused += 1
        if "\n" in lines:
            place.alignment = Alignment(wrap_text=True, vertical="top")

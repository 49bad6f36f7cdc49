"""XLSX: a sheet for each table, one that sums up, one of the checks; figures are numbers and dates are dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from babel.numbers import get_currency_precision
from pydantic import BaseModel
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from services.ai.exports.tables import Row, Table, plain, tables_of
from services.ai.extraction import Extraction
from services.ai.figures.value import Status, Value

#: Ink and paper of a status; told apart without colours by the word, which stands beside.
_COLOURS = {
    Status.VERIFIED: ("#1E5631", "#DDF2E3"),
    Status.DISCREPANCY: ("#8B1A1A", "#FADBD8"),
    Status.UNVERIFIABLE: ("#7A5B00", "#FFF3CD"),
}
_HEAD = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#2F3E4E", "valign": "vcenter", "text_wrap": True}
_WIDEST_CHARACTERS = 60
#: What a cell of the format holds.
_MOST_CHARACTERS = 32_767
#: Digits beyond these a spreadsheet's binary numbers lose: such figures stay text.
_MOST_DIGITS = 15


class _Book:
    """A workbook being written."""

    def __init__(self, book: Workbook, currency: str | None) -> None:
        self._book = book
        self.head = book.add_format(_HEAD)
        self.bold = book.add_format({"bold": True})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self._formats: dict[tuple[str, Status | None], Format] = {}
        digits = get_currency_precision(currency) if currency else 2
        # No sign of a currency: one that is not the reader's own would be drawn wrongly by half of the programs.
        money = "#,##0" + (f".{'0' * digits}" if digits else "")
        self._numbers = {"figure": f"{money};[Red]-{money}", "exact": "General", "date": "yyyy-mm-dd"}
        self._digits = digits

    def sheet(self, name: str, head: Sequence[str], widths: Sequence[int]) -> Worksheet:
        """A sheet with a header that stays in sight and can be filtered by."""
        sheet = self._book.add_worksheet(name)
        for column, (text, width) in enumerate(zip(head, widths, strict=True)):
            sheet.write_string(0, column, text.replace("_", " "), self.head)
            sheet.set_column(column, column, width)
        sheet.set_row(0, 24)
        sheet.freeze_panes(1, 0)
        _print_wide(sheet)
        sheet.repeat_rows(0)
        return sheet

    def write(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        value: object,
        status: Status | None = None,
        *,
        money: bool = True,
    ) -> None:
        """One cell as what it is, in one line. Text never becomes a formula or a link."""
        if isinstance(value, Decimal) and len(value.as_tuple().digits) <= _MOST_DIGITS:
            exponent = value.normalize().as_tuple().exponent
            exact = not money or (isinstance(exponent, int) and -exponent > self._digits)
            sheet.write_number(row, column, float(value), self._format("exact" if exact else "figure", status))
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self._format("date", status))
        elif isinstance(value, int):
            sheet.write_number(row, column, value, self._format("", status))
        elif value is not None:
            text = ", ".join(str(value).splitlines())
            sheet.write_string(row, column, text[:_MOST_CHARACTERS], self._format("", status))

    def _format(self, kind: str, status: Status | None) -> Format:
        if (kind, status) not in self._formats:
            look: dict[str, Any] = {"valign": "top", "align": "right" if kind in ("figure", "exact") else "left"}
            if kind:
                look["num_format"] = self._numbers[kind]
            if look["align"] == "left":
                look["indent"] = 1
            if status is not None:
                look["font_color"], look["bg_color"] = _COLOURS[status]
            self._formats[kind, status] = self._book.add_format(look)
        return self._formats[kind, status]


def write(extraction: Extraction[Any], shape: type[BaseModel], target: Path) -> None:
    """Write the workbook. Cells with a discrepancy have its colour; the sheet `Checks` says what did not hold."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, {**options, "in_memory": True}) as file:
        book = _Book(file, _currency(extraction))
        summary, *lists = tables_of(extraction, shape)
        _write_summary(book, file, extraction, summary)
        for table in lists:
            if table.rows:
                _write_table(book, table)
        _write_checks(book, extraction)


def _print_wide(sheet: Worksheet) -> None:
    """All columns on one sheet of paper."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _write_summary(book: _Book, file: Workbook, extraction: Extraction[Any], summary: Table) -> None:
    """Upright, one column for each document: few documents have many fields."""
    sheet = file.add_worksheet("Summary")
    _print_wide(sheet)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, max(len(summary.rows), 1), 34)
    sheet.write_string(0, 0, extraction.document_type.replace("_", " ").capitalize(), book.title)
    sheet.write_string(1, 0, "status", book.bold)
    book.write(sheet, 1, 1, extraction.status.value, extraction.status)
    sheet.write_string(2, 0, "engine", book.bold)
    book.write(sheet, 2, 1, f"{extraction.engine} {extraction.engine_version}")
    line = 4
    sheet.write_string(line, 0, "document", book.head)
    for row in summary.rows:
        sheet.write_string(line, row.document + 1, f"{row.document + 1}", book.head)
    sheet.freeze_panes(line + 1, 1)
    statuses = [report.status for report in extraction.report.documents]
    line = _summary_line(book, sheet, line, "status of the document", lambda row: statuses[row.document], summary.rows)
    for position, column in enumerate(summary.columns):
        if any(row.cells[position] is not None for row in summary.rows):
            label = column.name.replace("_", " ")
            line = _summary_line(book, sheet, line, label, lambda row, at=position: row.cells[at], summary.rows)
    for note in extraction.notes:
        line += 1
        sheet.write_string(line + 1, 0, "note", book.bold)
        sheet.write_string(line + 1, 1, note)


def _summary_line(
    book: _Book,
    sheet: Worksheet,
    line: int,
    label: str,
    cell: Callable[..., Value[Any] | Status | str | None],
    rows: Sequence[Row],
) -> int:
    sheet.write_string(line + 1, 0, label, book.bold)
    for row in rows:
        there = cell(row)
        if isinstance(there, Status):
            book.write(sheet, line + 1, row.document + 1, there.value, there)
        else:
            book.write(sheet, line + 1, row.document + 1, plain(there), _alarming(there))
    return line + 1


def _write_table(book: _Book, table: Table) -> None:
    used = [at for at in range(len(table.columns)) if any(row.cells[at] is not None for row in table.rows)]
    head = ["document", *(table.columns[at].name for at in used), "status", "page"]
    widths = [10, *(_width(table, at) for at in used), 14, 7]
    sheet = book.sheet(table.name.capitalize()[:31], head, widths)
    for line, row in enumerate(table.rows, start=1):
        book.write(sheet, line, 0, row.document + 1)
        for column, at in enumerate(used, start=1):
            cell, money = row.cells[at], table.columns[at].is_money
            book.write(sheet, line, column, plain(cell), _alarming(cell), money=money)
        book.write(sheet, line, len(used) + 1, row.status.value, row.status)
        book.write(sheet, line, len(used) + 2, row.page)
    sheet.autofilter(0, 0, len(table.rows), len(head) - 1)


def _write_checks(book: _Book, extraction: Extraction[Any]) -> None:
    head = ("document", "line", "check", "status", "says", "expected", "found", "difference")
    sheet = book.sheet("Checks", head, (10, 7, 28, 14, 70, 16, 16, 16))
    for line, check in enumerate(extraction.checks, start=1):
        where = None if check.line is None else check.line + 1
        numbers = (check.expected, check.found, check.difference)
        cells = (check.document + 1, where, check.code, check.status.value, check.says, *numbers)
        for column, value in enumerate(cells):
            book.write(sheet, line, column, value, check.status if column in (2, 3) else None)
    sheet.autofilter(0, 0, max(len(extraction.checks), 1), len(head) - 1)


def _alarming(cell: object) -> Status | None:
    """Only what is wrong has a colour within a table: a sheet all green would hide it."""
    wrong = isinstance(cell, Value) and cell.status is Status.DISCREPANCY
    return Status.DISCREPANCY if wrong else None


def _width(table: Table, at: int) -> int:
    lengths = (len(str(plain(row.cells[at]) or "")) for row in table.rows)
    return min(max(len(table.columns[at].name), 12, *lengths) + 2, _WIDEST_CHARACTERS)


def _currency(extraction: Extraction[Any]) -> str | None:
    """That of all documents; None where they differ or do not tell."""
    found = {getattr(getattr(document, "currency", None), "value", None) for document in extraction.documents}
    return found.pop() if len(found) == 1 else None

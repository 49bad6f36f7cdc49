"""Tables are found where they stand, ruled or not, and reach spreadsheets as data that cannot run."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from services.conversion.contracts.text import ExtractTablesOptions
from services.conversion.text.errors import NoTables, NoText
from services.conversion.text.extract import extract_tables
from services.conversion.text.numbers import decimal_mark, number_in
from shared.media_types import PDF
from shared.operation import InputFile, Task
from tests.services.conversion.known_pages import KNOWN
from tests.services.conversion.text_documents import PageDraft, convert, prose_lines, save


def found_in(source: Path, folder: Path, **options: object):
    """The result of extract-tables, and what its file says."""
    folder.mkdir()
    task = Task((InputFile(source, source.name, PDF.name),), folder)
    result = extract_tables(task, ExtractTablesOptions.model_validate(options))
    (output,) = task.outputs
    return result, json.loads(output.path.read_text("utf-8"))["tables"]


def rows_of_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def workbook(path: Path) -> openpyxl.Workbook:
    with path.open("rb") as file:
        return openpyxl.load_workbook(file)


def table_page(rows: list[list[str]], *, ruled: bool = True, x: float = 72, y: float = 100) -> PageDraft:
    """A page with one table, 110 points a column and 20 a row."""
    page = PageDraft()
    xs = [x + 110 * n for n in range(len(rows[0]) + 1)]
    ys = [y + 20 * n for n in range(len(rows) + 1)]
    if ruled:
        page.grid(xs, ys)
    for row, top in zip(rows, ys, strict=False):
        for cell, left in zip(row, xs, strict=False):
            page.text(left + 4, top + 14, cell, size=9)
    return page


ROWS = [
    ["Name", "Town", "Born"],
    ["Ada", "London", "1815"],
    ["Emmy", "Erlangen", "1882"],
    ["Grace", "New York", "1906"],
]


@pytest.mark.parametrize("ruled", [True, False])
def test_every_cell_of_a_table_is_found(ruled: bool, tmp_path: Path) -> None:
    page = table_page(ROWS, ruled=ruled, y=200)
    page.draw(page.column(72, 80, prose_lines(4, 1, 90)))
    result, tables = found_in(save(tmp_path / "t.pdf", page), tmp_path / "out")
    assert [table["rows"] for table in tables] == [ROWS]
    assert tables[0]["ruled"] is ruled
    assert result["table_count"] == 1
    assert result["tables"][0]["rows"] == ROWS
    assert result["complete"] is True


def test_a_table_is_found_on_a_page_that_is_turned(tmp_path: Path) -> None:
    page = PageDraft(rotate=90)
    # Shown with the right side of the sheet at the foot: text runs up the sheet.
    for number, row in enumerate(ROWS):
        for column, cell in enumerate(row):
            page.text(104 + 20 * number, 596 - 110 * column, cell, matrix="0 1 -1 0", size=9)
    for n in range(len(ROWS) + 1):
        page.rule(90 + 20 * n, 600, 90 + 20 * n, 270)
    for n in range(4):
        page.rule(90, 600 - 110 * n, 170, 600 - 110 * n)
    _, tables = found_in(save(tmp_path / "t.pdf", page), tmp_path / "out")
    assert [table["rows"] for table in tables] == [ROWS]


def test_cells_that_span_are_told(tmp_path: Path) -> None:
    page = PageDraft()
    page.grid([72, 172, 272, 372], [120, 140, 160])
    page.rule(72, 100, 372, 100)
    for x in (72, 372):
        page.rule(x, 100, x, 120)
    page.text(80, 114, "over all three", size=9)
    for number, cell in enumerate("abcdef"):
        page.text(80 + 100 * (number % 3), 134 + 20 * (number // 3), cell, size=9)
    _, (table,) = found_in(save(tmp_path / "t.pdf", page), tmp_path / "out")
    first = table["cells"][0]
    assert (first["text"], first["column_span"], first["row_span"]) == ("over all three", 3, 1)
    assert table["rows"] == [["over all three", "", ""], ["a", "b", "c"], ["d", "e", "f"]]


def test_cells_drawn_as_filled_areas_make_a_table(tmp_path: Path) -> None:
    page = PageDraft()
    for row in range(3):
        for column in range(2):
            page.operators.append(f"0.9 g {72 + 120 * column} {600 - 20 * row} 118 18 re f 0 g")
            page.text(80 + 120 * column, 792 - 606 + 20 * row, f"r{row}c{column}", size=9)
    _, (table,) = found_in(save(tmp_path / "t.pdf", page), tmp_path / "out")
    assert table["rows"] == [[f"r{row}c{column}" for column in range(2)] for row in range(3)]


def test_columns_of_prose_are_no_table(tmp_path: Path) -> None:
    for name in ("two_columns", "three_columns", "sidebar"):
        result, tables = found_in(save(tmp_path / f"{name}.pdf", KNOWN[name]()[0]), tmp_path / name)
        assert tables == []
        assert result["table_count"] == 0


def test_ruled_only_leaves_tables_of_white_space_out(tmp_path: Path) -> None:
    source = save(tmp_path / "t.pdf", table_page(ROWS), table_page(ROWS, ruled=False))
    assert found_in(source, tmp_path / "all")[0]["table_count"] == 2
    assert [table["page"] for table in found_in(source, tmp_path / "ruled", ruled_only=True)[1]] == [1]


def test_each_table_becomes_a_sheet_and_a_csv_file(tmp_path: Path) -> None:
    source = save(tmp_path / "two.pdf", table_page(ROWS), table_page(ROWS[:3], ruled=False))
    result, outputs = convert(source, tmp_path / "xlsx", to="xlsx")
    book = workbook(outputs["two.xlsx"])
    assert book.sheetnames == ["page-1-table-1", "page-2-table-1"]
    assert result["tables"] == [
        {"page": 1, "rows": 4, "columns": 3, "ruled": True},
        {"page": 2, "rows": 3, "columns": 3, "ruled": False},
    ]
    _, outputs = convert(source, tmp_path / "csv", to="csv")
    assert rows_of_csv(outputs["two-page-1-table-1.csv"]) == ROWS
    assert rows_of_csv(outputs["two-page-2-table-1.csv"]) == ROWS[:3]
    _, outputs = convert(source, tmp_path / "zip", to="csv", as_zip=True)
    assert list(outputs) == ["two.zip"]


def test_numbers_become_numbers_where_they_are_beyond_doubt(tmp_path: Path) -> None:
    rows = [["1,234.50", "-7", "12.5%"], ["(88.10)", "$ 42.00", "007"], ["2024-02-29", "1,234", "12/03/2024"]]
    _, outputs = convert(save(tmp_path / "n.pdf", table_page(rows)), tmp_path / "out", to="xlsx")
    sheet = workbook(outputs["n.xlsx"]).active
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values == [[1234.5, -7, 0.125], [-88.1, 42, "007"], [datetime(2024, 2, 29), 1234, "12/03/2024"]]  # noqa: DTZ001
    assert sheet["B2"].number_format == '"$"0.00'
    assert sheet["C1"].number_format == "0.0%"


@pytest.mark.parametrize(
    ("cells", "text", "value"),
    [
        (["1,234"], "1,234", None),
        (["1,234", "0.5"], "1,234", 1234),
        (["1,234", "0,5"], "1,234", 1.234),
        (["1.234.567"], "1.234.567", 1234567),
        (["1.234,56"], "1.234,56", 1234.56),
        (["3,50", "3.50"], "1,234", None),
        ([], "12345678901234567", None),
        ([], "00123", None),
        ([], "+49", None),
        ([], "1 234", 1234),
        ([], "3 of 4", None),
        ([], "(12", None),
        ([], "2024-13-01", None),
    ],
)
def test_a_number_is_read_as_its_table_writes_numbers(cells: list[str], text: str, value: float | None) -> None:
    found = number_in(text, decimal_mark(cells))
    assert (found and found.value) == value


HARMFUL = ["=1+1", "+49 30 1234", "-cmd|' /C calc'!A0", "@SUM(A1)", "-5", "plain"]


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    rows = [["kind", "text"], *([f"row {n}", text] for n, text in enumerate(HARMFUL))]
    result, outputs = convert(save(tmp_path / "f.pdf", table_page(rows)), tmp_path / "out", to="xlsx")
    sheet = workbook(outputs["f.xlsx"]).active
    assert [sheet.cell(row, 2).value for row in range(2, 8)] == [*HARMFUL[:4], -5, "plain"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}
    assert all(sheet.cell(row, 2).quotePrefix for row in range(2, 6))
    assert result["cells_kept_from_running"] == 4


def test_no_cell_of_a_csv_file_begins_like_a_formula_unless_it_is_a_number(tmp_path: Path) -> None:
    rows = [["kind", "text"], *([f"row {n}", text] for n, text in enumerate(HARMFUL))]
    result, outputs = convert(save(tmp_path / "f.pdf", table_page(rows)), tmp_path / "out", to="csv")
    written = [row[1] for row in rows_of_csv(outputs["f-page-1-table-1.csv"])[1:]]
    assert written == [*(f"'{text}" for text in HARMFUL[:4]), "-5", "plain"]
    assert result["cells_kept_from_running"] == 4


def test_text_without_a_table_is_said(tmp_path: Path) -> None:
    page = PageDraft()
    page.draw(page.column(72, 80, prose_lines(20, 1, 90)))
    source = save(tmp_path / "t.pdf", page)
    for kind in ("csv", "xlsx"):
        with pytest.raises(NoTables):
            convert(source, tmp_path / kind, to=kind)


def test_a_scan_is_no_document_without_tables(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        found_in(save(tmp_path / "scan.pdf", PageDraft()), tmp_path / "out")


def test_the_tables_of_a_known_budget_are_whole(corpus: Path, tmp_path: Path) -> None:
    _, tables = found_in(corpus / "pdf/office__budget.pdf", tmp_path / "out")
    rows = [row for table in tables for row in table["rows"]]
    assert ["5. Nuclear Power Schemes", "296.00", "...", "296.00", "739.59", "...", "739.59", "1035.59", "26-27"] in [
        [cell for cell in row if cell] for row in rows
    ] or any("5. Nuclear Power Schemes" in row and "739.59" in row for row in rows)

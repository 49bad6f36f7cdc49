"""Columns are found by what is printed over them and by how figures stand below each other."""

from __future__ import annotations

from services.ai.layout.columns import figure_columns
from services.ai.layout.headings import Heading, columns_vocabulary, find_headings
from services.ai.layout.rows import text_rows
from tests.services.ai.typewritten import typewritten


def heading_of(text: str) -> Heading:
    """The only heading in a page."""
    rows, _ = text_rows(typewritten(text))
    (heading,) = find_headings(rows, columns_vocabulary())
    return heading


def test_a_heading_of_two_lines_is_one() -> None:
    heading = heading_of("Value                                Ledger\nDate      Description     Amount      Balance")
    assert [sorted(cell.meanings) for cell in heading.cells] == [
        ["value_date"],
        ["description"],
        ["amount"],
        ["balance"],
    ]


def test_a_title_over_a_table_names_no_column() -> None:
    heading = heading_of("WITHDRAWALS AND PAYMENTS\nDATE      DESCRIPTION          AMOUNT")
    assert [cell.text for cell in heading.cells] == ["DATE", "DESCRIPTION", "AMOUNT"]


def test_debit_and_credit_with_a_slash_are_one_column_and_without_one_two() -> None:
    joined = heading_of("Datum     Text          Soll/Haben     Betrag")
    apart = heading_of("Datum     Text          Soll Haben")
    assert "side" in joined.cells[2].meanings
    assert [sorted(cell.meanings) for cell in apart.cells[2:]] == [["debit"], ["credit"]]


def test_figures_of_any_length_under_each_other_are_one_column() -> None:
    rows, _ = text_rows(typewritten("a       1.00      7.00\nb  12,345.00\nc     123.00     77.00"))
    assert [column.count for column in figure_columns(rows, 10.0, bare=False)] == [3, 2]

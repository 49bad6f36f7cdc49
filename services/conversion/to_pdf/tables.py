"""CSV files as pages: a table with its header on each page while that is readable, else the lines as they are."""

from __future__ import annotations

import csv
import html
import io
from pathlib import Path

from services.conversion.contracts.convert import PageSize
from services.conversion.to_pdf.plain_text import text_to_pdf
from services.conversion.to_pdf.text_files import read_text
from services.conversion.to_pdf.web_pages import html_to_pdf
from shared.operation import Report, Result, ignore

#: Laying out a table takes some 2 ms a cell; beyond this the lines themselves are printed.
_MAX_CELLS = 20_000
_MAX_COLUMNS = 24
#: From so many columns on the sheet lies on its side.
_WIDE_COLUMNS = 7

_STYLE = """
@page {{ size: {size}; margin: 1.2cm }}
table {{ border-collapse: collapse; width: 100%; font: {points}pt "Liberation Sans", "DejaVu Sans", sans-serif }}
th, td {{ border: .4pt solid #999; padding: .25em .4em; text-align: left; vertical-align: top;
          overflow-wrap: anywhere }}
th {{ background: #eee }} tr {{ break-inside: avoid }}
"""


def csv_to_pdf(source: Path, target: Path, page_size: PageSize, *, report: Report = ignore) -> Result:
    """Write a CSV file as PDF. Raises as `html_to_pdf` and `text_to_pdf`."""
    decoded = read_text(source)
    rows = _rows(decoded.text)
    columns = max((len(row) for row in rows), default=0)
    if not rows or columns > _MAX_COLUMNS or columns * len(rows) > _MAX_CELLS:
        return text_to_pdf(source, target, page_size, report=report)
    sheet = ("Letter" if page_size is PageSize.LETTER else "A4") + (" landscape" if columns >= _WIDE_COLUMNS else "")
    style = _STYLE.format(size=sheet, points=9 if columns < _WIDE_COLUMNS else 7)
    page = _as_html(rows, columns).encode()
    result = html_to_pdf(page, target, PageSize.FIT, style=style, report=report)
    return {**result, "encoding": decoded.encoding, "rows": len(rows), "columns": columns}


def _rows(text: str) -> list[list[str]]:
    """The cells of a table, or nothing where the text is none."""
    if not text.strip():
        return []
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:16_384], delimiters=",;\t|")
    except csv.Error:
        dialect = "excel"
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), dialect):
            rows.append(row)
            if len(rows) > _MAX_CELLS:
                break
    except csv.Error:
        return []
    return [row for row in rows if any(row)]


def _as_html(rows: list[list[str]], columns: int) -> str:
    def cells(row: list[str], tag: str) -> str:
        padded = [*row, *[""] * (columns - len(row))]
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in padded) + "</tr>"

    body = "".join(cells(row, "td") for row in rows[1:])
    return f"<!DOCTYPE html><table><thead>{cells(rows[0], 'th')}</thead><tbody>{body}</tbody></table>"

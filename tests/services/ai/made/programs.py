"""Documents that other programs lay out: WeasyPrint from HTML, LibreOffice from spreadsheets."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from html import escape
from pathlib import Path

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

_TIME_LIMIT_S = 120


class ProgramMissing(Exception):
    """LibreOffice is not on this machine."""


def from_html(body: str, style: str) -> bytes:
    """A PDF as a web service makes it."""
    from weasyprint import HTML  # type: ignore[import-untyped]  # Its import takes a second that other layouts need not pay.

    page = f"<!doctype html><html><head><meta charset='utf-8'><style>{style}</style></head><body>{body}</body></html>"
    return bytes(HTML(string=page).write_pdf())


def table(rows: Sequence[Sequence[str]], *, head: Sequence[str] = (), kinds: Sequence[str] = ()) -> str:
    """An HTML table; `kinds` are the classes of its columns. Line ends in cells break the line."""

    def row(cells: Sequence[str], tag: str) -> str:
        classes = [*kinds, *("" for _ in cells)]
        shown = (
            f"<{tag} class='{kind}'>{escape(cell).replace(chr(10), '<br>')}</{tag}>"
            for cell, kind in zip(cells, classes, strict=False)
        )
        return f"<tr>{''.join(shown)}</tr>"

    top = f"<thead>{row(head, 'th')}</thead>" if head else ""
    return f"<table>{top}<tbody>{''.join(row(cells, 'td') for cells in rows)}</tbody></table>"


def from_spreadsheet(
    rows: Sequence[Sequence[str | Decimal | None]],
    *,
    widths: Sequence[float],
    number_format: str = "#,##0.00",
    bold: Sequence[int] = (),
    landscape: bool = False,
) -> bytes:
    """A PDF as LibreOffice exports it from a sheet; widths in characters, `bold` has indexes of rows.

    Raises:
        ProgramMissing: there is no LibreOffice here.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for number, cells in enumerate(rows):
        for place, cell in enumerate(cells, start=1):
            made = sheet.cell(number + 1, place, cell)
            if isinstance(cell, Decimal):
                made.number_format = number_format
                made.alignment = Alignment(horizontal="right")
            if number in bold:
                made.font = Font(bold=True)
    for place, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFGHIJ"[place]].width = width
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    with tempfile.TemporaryDirectory() as name:
        book.save(Path(name) / "made.xlsx")
        command = ["soffice", f"-env:UserInstallation=file://{name}/profile", "--headless", "--convert-to", "pdf"]
        try:
            subprocess.run(
                [*command, "--outdir", name, f"{name}/made.xlsx"],
                check=True,
                capture_output=True,
                timeout=_TIME_LIMIT_S,
            )
        except FileNotFoundError as missing:
            raise ProgramMissing("soffice") from missing
        return (Path(name) / "made.pdf").read_bytes()

"""CSV (RFC 4180, UTF-8): one file for each table, with the status of each row, and one of the checks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from services.ai.exports.tables import Table, plain, tables_of
from services.ai.extraction import Extraction

#: A spreadsheet program takes a cell that begins so for a formula, and a document may say anything (OWASP: CSV
#: injection). An apostrophe before it makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CHECKS = ("document", "line", "code", "status", "says", "expected", "found", "difference")


def files(extraction: Extraction[Any], shape: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Name and content of each file: `summary`, one for each list, `checks`. Lists without entries have none."""
    for table in tables_of(extraction, shape):
        if table.rows:
            yield table.name, _table(table)
    checks = ([getattr(check, name) for name in _CHECKS] for check in extraction.checks)
    yield "checks", _written(_CHECKS, checks)


def _table(table: Table) -> str:
    head = ("document", *(column.name for column in table.columns), "status", "page")
    rows = ((row.document, *map(plain, row.cells), row.status.value, row.page) for row in table.rows)
    return _written(head, rows)


def _written(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(each) for each in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (int, date)):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

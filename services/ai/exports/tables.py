"""An extraction as tables: one of the documents, one for each list in them, one of the checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from services.ai.extraction import Extraction
from services.ai.figures.value import Status, Value

#: What stands in a column.
Kind = Literal["text", "figure", "date"]
#: Figures that are no money, by the end of their path.
_COUNTS = ("quantity", "percent")


@dataclass(frozen=True)
class Column:
    """One column. `path` leads from the model of a row to its cell."""

    path: tuple[str, ...]
    kind: Kind

    @property
    def name(self) -> str:
        """As `seller_name`."""
        return "_".join(self.path)

    @property
    def is_money(self) -> bool:
        """Whether its figures are amounts of a currency."""
        return self.kind == "figure" and not self.name.endswith(_COUNTS)


@dataclass(frozen=True)
class Row:
    """One row: of which document (counted from 0), and a cell for each column."""

    document: int
    cells: Sequence[Value[Any] | str | None]

    @property
    def status(self) -> Status:
        """The worst of its figures, or a discrepancy of anything: texts and dates are hardly ever proven."""
        values = [cell for cell in self.cells if isinstance(cell, Value)]
        figures = {value.status for value in values if isinstance(value.value, Decimal)}
        told = figures or {value.status for value in values}
        if any(value.status is Status.DISCREPANCY for value in values):
            return Status.DISCREPANCY
        return Status.VERIFIED if told == {Status.VERIFIED} else Status.UNVERIFIABLE

    @property
    def page(self) -> int | None:
        """The page that it begins on; None when nothing of it was found on a page."""
        return next((cell.evidence[0].page for cell in self.cells if isinstance(cell, Value) and cell.evidence), None)


@dataclass(frozen=True)
class Table:
    """Rows of one shape."""

    name: str
    columns: Sequence[Column]
    rows: list[Row] = field(default_factory=list)


def tables_of(extraction: Extraction[Any], shape: type[BaseModel]) -> list[Table]:
    """The table `summary` with a row for each document, then one for each list of its model."""
    summary = Table("summary", list(_columns(shape)))
    lists = {name: Table(name, list(_columns(inner))) for name, inner in _lists(shape)}
    for number, document in enumerate(extraction.documents):
        summary.rows.append(Row(number, [_cell(document, column.path) for column in summary.columns]))
        for name, table in lists.items():
            for entry in getattr(document, name):
                table.rows.append(Row(number, [_cell(entry, column.path) for column in table.columns]))
    return [summary, *lists.values()]


def plain(cell: Value[Any] | str | None) -> Decimal | date | str | None:
    """What stands in a cell."""
    found: Decimal | date | str | None = cell.value if isinstance(cell, Value) else cell
    return found


def _columns(shape: type[BaseModel], prefix: tuple[str, ...] = ()) -> Iterator[Column]:
    for name, declared in shape.model_fields.items():
        kind = _without_none(declared.annotation)
        if get_origin(kind) is list:
            continue
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            yield Column((*prefix, name), "text")
        elif issubclass(kind, Value):
            yield Column((*prefix, name), _kind_of(kind.model_fields["value"].annotation))
        else:
            yield from _columns(kind, (*prefix, name))


def _lists(shape: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, declared in shape.model_fields.items():
        if get_origin(declared.annotation) is list:
            (inner,) = get_args(declared.annotation)
            yield name, inner


def _without_none(annotation: Any) -> Any:
    choices = [each for each in get_args(annotation) if each is not type(None)]
    return choices[0] if type(None) in get_args(annotation) else annotation


def _kind_of(annotation: Any) -> Kind:
    if annotation is date:
        return "date"
    return "figure" if annotation is Decimal else "text"


def _cell(thing: Any, path: Sequence[str]) -> Value[Any] | str | None:
    for name in path:
        thing = getattr(thing, name, None)
    return thing if isinstance(thing, Value) or thing is None else str(thing)

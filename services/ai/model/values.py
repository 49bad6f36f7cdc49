"""Answers of the model as typed values: found on the page, and parsed from what the page prints by our own code."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.documents.bank_statement import BankStatement, Movement
from services.ai.figures.value import Evidence, FigureValue, Source, TextValue, Value
from services.ai.layout.currencies import codes_of
from services.ai.layout.sides import Side
from services.ai.model.parsing import Parser
from services.ai.model.shapes import SIDE, Sort, sort_of
from services.ai.reading.document import Document
from shared.pdf.words import Word

M = TypeVar("M", bound=BaseModel)

#: Texts without the spaces that they are printed with.
_COMPACT = {"iban", "bic", "vat_id"}
#: Figures that are without a sign whatever is printed.
_UNSIGNED = {"total_debits", "total_credits", "allowance_total", "charge_total"}
_MAX_CHARACTERS = 4000


class Values:
    """Makes values of what the model answered about one document."""

    def __init__(self, document: Document, options: ExtractionOptions) -> None:
        self._parser = Parser(document, date_order=options.date_order, language=options.language)
        self._options = options
        #: Values that the model gave and that are left out, because what is printed can mean several things.
        self.left_out = 0

    def document(self, shape: type[M], answer: dict[str, Any]) -> M:
        """A typed document from an answer that fits `shapes.asked_for`."""
        self._parser.set_period(None, None)
        return cast(M, self._part(shape, answer))

    def _part(self, shape: type[BaseModel], answer: dict[str, Any]) -> BaseModel:
        found: dict[str, Any] = {}
        rows: dict[str, type[BaseModel]] = {}
        for name in shape.model_fields:
            given = answer.get(name)
            if given is None:
                continue
            sort, inner = sort_of(shape, name)
            if sort is Sort.ROWS:
                rows[name] = inner
            elif sort is Sort.PART:
                found[name] = self._part(inner, given)
            elif sort is Sort.CHOICE:
                found[name] = given
            elif sort is Sort.ROW:
                found[name] = self._row(inner, given)
            else:
                found[name] = self._value(shape, name, sort, given["text"], given["page"], given["row"], set(), None)
        # Days of movements are printed without a year: the period tells it.
        start, end = found.get("period_start"), found.get("period_end")
        if start or end:
            self._parser.set_period(start.value if start else None, end.value if end else None)
        for name, inner in rows.items():
            made = [self._row(inner, each) for each in answer[name]]
            found[name] = [each for each in made if each is not None]
        return shape(**{name: value for name, value in found.items() if value is not None})

    def _row(self, shape: type[BaseModel], given: dict[str, Any]) -> BaseModel | None:
        """A line; None where a value without which it is nothing is missing."""
        used: set[Word] = set()
        found: dict[str, Any] = {}
        for name, field in shape.model_fields.items():
            if (text := given.get(name)) is None:
                value = None
            else:
                sort, _ = sort_of(shape, name)
                side = given.get(SIDE) if name == "amount" else None
                value = self._value(shape, name, sort, text, given["page"] or 0, given["row"] or 0, used, side)
            if value is None and field.is_required():
                self.left_out += 1
                return None
            if value is not None:
                found[name] = value
        return shape(**found) if found else None

    def _value(
        self,
        shape: type[BaseModel],
        name: str,
        sort: Sort,
        text: str,
        page: int,
        row: int,
        used: set[Word],
        side: str | None,
    ) -> Value[Any] | None:
        text = text.strip()[:_MAX_CHARACTERS]
        if not text:
            return None
        if sort is Sort.DATE:
            made: Value[Any] | None = self._date(text, page, row)
        elif sort is Sort.FIGURE:
            signed = shape in (BankStatement, Movement)
            made = self._figure(text, page, row, used, signed=signed, side=side, bare=name in _UNSIGNED)
        else:
            return self._text(name, text, page, row)
        self.left_out += made is None
        return made

    def _text(self, name: str, text: str, page: int, row: int) -> TextValue | None:
        evidence = self._parser.place(text, page, row)
        if name == "currency":
            code = self._currency(text)
            return _made(code, evidence) if code else None
        if name in _COMPACT:
            text = re.sub(r"[\s.\-]+", "", text).upper()
        lines = [" ".join(line.split()) for line in text.splitlines()]
        joint = "\n" if name == "address" else " "
        return _made(joint.join(line for line in lines if line), evidence)

    def _currency(self, text: str) -> str | None:
        codes = codes_of(text.strip())
        # A dollar is one of many; the caller may know which.
        return codes[0] if len(codes) == 1 else self._options.currency

    def _figure(
        self, text: str, page: int, row: int, used: set[Word], *, signed: bool, side: str | None, bare: bool
    ) -> FigureValue | None:
        found = self._parser.figure(text, page, row, used)
        if found is None:
            return None
        number, marked, evidence = found
        if bare:
            number = abs(number)
        # What stands at the figure counts for more than what the model says of it.
        elif signed and (marked or side) == Side.DEBIT:
            number = -abs(number)
        return _made(number, evidence)

    def _date(self, text: str, page: int, row: int) -> Value[date] | None:
        found = self._parser.day(text, page, row)
        return _made(*found) if found else None


def _made(value: str | Decimal | date, evidence: tuple[Evidence, ...]) -> Value[Any]:
    kind: type[Value[Any]] = FigureValue if isinstance(value, Decimal) else TextValue
    if isinstance(value, date):
        kind = Value[date]
    return kind(value=value, evidence=evidence, source=Source.MODEL)

"""Answers of the model as typed values: found on the page, and parsed from what the page prints by our own code."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.documents.bank_statement import BankStatement, Movement
from services.ai.documents.trial_balance import TrialBalance
from services.ai.figures.value import Evidence, FigureValue, Source, TextValue, Value
from services.ai.layout.sides import Side
from services.ai.model.parsing import Parser
from services.ai.model.shapes import SIDE, Sort, sort_of
from services.ai.reading.document import Document
from shared.pdf.words import Word

M = TypeVar("M", bound=BaseModel)

#: Texts without the spaces that they are printed with.
_COMPACT = {"iban", "bic", "vat_id"}
#: Figures that are without a sign whatever is printed.
_UNSIGNED = {"total_debits", "total_credits", "allowance_total", "charge_total", "prepaid", "percent", "tax_percent"}
#: 14:05, 2.05 pm, 14h05.
_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:.h]([0-5]\d)(?::[0-5]\d)?\s*([ap])?", re.IGNORECASE)
_MAX_CHARACTERS = 4000


class Values:
    """Makes values of what the model answered about one document."""

    def __init__(self, document: Document, options: ExtractionOptions) -> None:
        self._parser = Parser(document, options)
        self._options = options
        self._period_end: date | None = None
        #: Values that the model gave and that are left out, because what is printed can mean several things.
        self.left_out = 0

    def document(self, shape: type[M], answer: dict[str, Any]) -> M:
        """A typed document from an answer that fits `shapes.asked_for`."""
        self._period_end = None
        self._parser.set_period(None, None)
        found = cast(M, self._part(shape, answer))
        if isinstance(found, TrialBalance):
            _drop_signs_of_one_column(found)
        return found

    def _part(self, shape: type[BaseModel], answer: dict[str, Any]) -> BaseModel:
        found: dict[str, Any] = {}
        rows: dict[str, type[BaseModel]] = {}
        # The end of a period has the year that its start is often printed without.
        for name in sorted(shape.model_fields, key=lambda name: name != "period_end"):
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
                # So are the days of movements.
                self._note_period(name, found[name])
        for name, inner in rows.items():
            made = [self._row(inner, each) for each in answer[name]]
            found[name] = [each for each in made if each is not None]
        return shape(**{name: value for name, value in found.items() if value is not None})

    def _note_period(self, name: str, value: Value[Any] | None) -> None:
        if value and name == "period_end":
            self._period_end = value.value
        if value and name in ("period_start", "period_end"):
            self._parser.set_period(value.value if name == "period_start" else None, self._period_end)

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
            code = self._parser.currency(text) or self._options.currency
            return _made(code, evidence) if code else None
        if name == "time" and (clock := _CLOCK.search(text)):
            text = f"{int(clock[1]) % 12 + 12 if (clock[3] or '').lower() == 'p' else int(clock[1]):02d}:{clock[2]}"
        if name == "card":
            text = text[-4:]
        if name in _COMPACT:
            text = re.sub(r"[\s.\-]+", "", text).upper()
        lines = [" ".join(line.split()) for line in text.splitlines()]
        joint = "\n" if name == "address" else " "
        return _made(joint.join(line for line in lines if line), evidence)

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


def _drop_signs_of_one_column(found: TrialBalance) -> None:
    """Of a single balance column, which prints credits as negative figures, both sides are without a sign."""
    entries = [*found.accounts, *found.subtotals, *([found.totals] if found.totals else [])]
    credits = [entry.closing_credit for entry in entries if entry.closing_credit]
    both = any(entry.closing_credit and entry.closing_debit for entry in entries)
    if not both and all(value.value <= 0 for value in credits):
        for value in credits:
            value.value = abs(value.value)


def _made(value: str | Decimal | date, evidence: tuple[Evidence, ...]) -> Value[Any]:
    kind: type[Value[Any]] = FigureValue if isinstance(value, Decimal) else TextValue
    if isinstance(value, date):
        kind = Value[date]
    return kind(value=value, evidence=evidence, source=Source.MODEL)

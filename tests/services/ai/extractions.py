"""Extractions made by hand: the statement of the service's own sample, as an engine gives it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name
from pydantic import BaseModel

from services.ai.documents.bank_statement import BankStatement, Movement
from services.ai.exports.files import write_files
from services.ai.extraction import Extraction, reported, whole_report, worst
from services.ai.figures.checks import compared, whole
from services.ai.figures.value import FigureValue, TextValue, Value
from services.ai.grounding import Grounding
from services.ai.reading.document import read
from shared.media_types import PDF
from shared.operation import InputFile, Task

SAMPLES = Path(__file__).parents[3] / "services/ai/samples"
STATEMENT = SAMPLES / "extract-bank-statement.pdf"


def text(value: str) -> TextValue:
    """A value without a place."""
    return TextValue(value=value)


def figure(value: str) -> FigureValue:
    """A value without a place."""
    return FigureValue(value=Decimal(value))


def day(value: str) -> Value[date]:
    """A value without a place."""
    return Value[date](value=date.fromisoformat(value))


def movement(booked: str, valued: str, description: str, amount: str, balance: str) -> Movement:
    """One line of an account."""
    return Movement(
        booking_date=day(booked),
        value_date=day(valued),
        description=text(description),
        amount=figure(amount),
        balance=figure(balance),
    )


def statement(*, closing: str = "1788.33") -> BankStatement:
    """What stands on the sample's page; with another closing balance something does not hold."""
    return BankStatement(
        bank=text("Lindenbank AG"),
        account_holder=text("Orchard Tools Ltd"),
        iban=text("DE89370400440532013000"),
        bic=text("COBADEFFXXX"),
        currency=text("EUR"),
        statement_number=text("3/2025"),
        period_start=day("2025-03-01"),
        period_end=day("2025-03-31"),
        opening_balance=figure("1250.00"),
        closing_balance=figure(closing),
        movements=[
            movement("2025-03-03", "2025-03-03", "Rent March", "-640.00", "610.00"),
            movement("2025-03-07", "2025-03-08", "Invoice 20417 Hazel GmbH", "1284.50", "1894.50"),
            movement("2025-03-14", "2025-03-14", "Office supplies", "-93.27", "1801.23"),
            movement("2025-03-28", "2025-03-31", "Bank charges", "-12.90", "1788.33"),
        ],
    )


def extraction(*statements: BankStatement, source: Path = STATEMENT) -> Extraction[BankStatement]:
    """Statements grounded on a document and checked by their sum."""
    document = read(source, None, None)
    checks, reports = [], []
    for number, each in enumerate(statements):
        Grounding(document).ground(each)
        assert each.opening_balance
        assert each.closing_balance
        check = compared(
            "balances",
            "Opening balance and movements give the closing balance.",
            expected=each.closing_balance.value,
            found=each.opening_balance.value + sum(line.amount.value for line in each.movements),
            proves=[each.opening_balance, each.closing_balance, *(line.amount for line in each.movements)],
        ).model_copy(update={"document": number})
        checks.append(check)
        reports.append(reported(each, [check], whole([check], ["balances"])))
    return Extraction[BankStatement](
        document_type="bank_statement",
        engine="rules",
        engine_version="1",
        status=worst(report.status for report in reports),
        documents=list(statements),
        checks=checks,
        report=whole_report(document.pages, [], reports),
    )


def files(
    folder: Path,
    formats: Iterable[str],
    found: Extraction[Any],
    shape: type[BaseModel] = BankStatement,
    source: Path = STATEMENT,
) -> tuple[dict[str, Path], list[str]]:
    """Write formats; the files by name, and what could not be written."""
    out = folder / "out"
    out.mkdir()
    task = Task((InputFile(source, "march.pdf", PDF.name),), out)
    notes = list(write_files(task, formats, found, shape))
    return {output.name: output.path.rename(folder / output.name) for output in task.outputs}, notes


def page_of(target: Path, lines: Iterable[tuple[float, float, str]], *, mode: int = 0, matrix: str = "") -> Path:
    """A PDF page of 400 x 300 points with texts at places from its lower left corner."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(400, 300)).obj
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        page.Resources = Dictionary(Font=Dictionary(F=font))
        shown = [f"BT {mode} Tr /F 10 Tf {x} {y} Td ({line}) Tj ET" for x, y, line in lines]
        page.Contents = pdf.make_stream("\n".join([matrix, *shown]).encode("cp1252"))
        pdf.save(target)
    return target

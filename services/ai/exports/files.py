"""Writes the files that were asked for, each named after the document; what cannot be written is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from services.ai.contracts.bank_statement import StatementFormat
from services.ai.contracts.extraction import Format
from services.ai.contracts.invoice import InvoiceFormat
from services.ai.exports import camt053, csv_files, json_files, ofx, ubl, xlsx
from services.ai.exports.xml_files import ExportImpossible, warning_of
from services.ai.extraction import Extraction
from services.ai.figures.value import Status
from services.ai.marking import mark_pdf, mark_pictures
from shared.media_types import CSV, JSON, XLSX, XML, MediaType
from shared.operation import Task

#: Files of a program that reads no warnings have it in their name.
_WARNED = "-discrepancy"


def write_files(
    task: Task, formats: Iterable[str], extraction: Extraction[Any], shape: type[BaseModel]
) -> Iterator[str]:
    """Write each format once, and yield a sentence for each that could not be written."""
    files = _Files(task, extraction, shape)
    for chosen in dict.fromkeys(str(each) for each in formats):
        try:
            files.writers[chosen]()
        except ExportImpossible as error:
            yield f"The file {chosen} was not written: {error}."


class _Files:
    """The files of one extraction."""

    def __init__(self, task: Task, extraction: Extraction[Any], shape: type[BaseModel]) -> None:
        self._task, self._extraction, self._shape = task, extraction, shape
        self._stem = PurePath(task.input.name).stem or "document"
        self._wrong = extraction.status is Status.DISCREPANCY
        self._warning = warning_of(extraction.status, extraction.checks)
        self.writers: dict[str, Callable[[], None]] = {
            Format.JSON: lambda: self._text(".json", JSON, json_files.whole(extraction)),
            Format.JSON_COMPACT: lambda: self._text("-compact.json", JSON, json_files.compact(extraction)),
            Format.CSV: self._csv,
            Format.XLSX: lambda: xlsx.write(extraction, shape, task.output(f"{self._stem}.xlsx", XLSX)),
            Format.MARKED_PDF: lambda: mark_pdf(task, extraction, self._stem),
            Format.MARKED_PNG: lambda: mark_pictures(task, extraction, self._stem),
            StatementFormat.OFX: lambda: self._bank(".ofx", ofx.export),
            StatementFormat.CAMT_053: lambda: self._bank(".camt053.xml", camt053.export),
            InvoiceFormat.UBL: self._ubl,
        }

    def _text(self, suffix: str, kind: MediaType, content: str) -> None:
        self._task.output(f"{self._stem}{suffix}", kind).write_text(content, encoding="utf-8")

    def _csv(self) -> None:
        for name, content in csv_files.files(self._extraction, self._shape):
            self._text(f"-{name}{_WARNED if self._wrong else ''}.csv", CSV, content)

    def _bank(self, suffix: str, export: Callable[[list[Any], str | None], bytes]) -> None:
        if not self._extraction.documents:
            raise ExportImpossible("there is no statement")
        content = export(self._extraction.documents, self._warning)
        name = f"{self._stem}{_WARNED if self._wrong else ''}{suffix}"
        self._task.output(name, XML).write_bytes(content)

    def _ubl(self) -> None:
        """One file for each invoice: the format holds no more."""
        documents = self._extraction.documents
        if not documents:
            raise ExportImpossible("there is no invoice")
        contents = [ubl.export(invoice, self._warning_of(number)) for number, invoice in enumerate(documents)]
        for number, content in enumerate(contents):
            wrong = self._extraction.report.documents[number].status is Status.DISCREPANCY
            counted = f"-{number + 1}" if len(contents) > 1 else ""
            name = f"{self._stem}{counted}{_WARNED if wrong else ''}.ubl.xml"
            self._task.output(name, XML).write_bytes(content)

    def _warning_of(self, number: int) -> str | None:
        checks = [check for check in self._extraction.checks if check.document == number]
        return warning_of(self._extraction.report.documents[number].status, checks)

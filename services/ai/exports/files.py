"""Writes the files that were asked for, each named after the document; what cannot be written is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from services.ai.contracts.bank_statement import StatementFormat
from services.ai.contracts.extraction import Format
from services.ai.exports import camt053, csv_files, json_files, ofx, xlsx
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

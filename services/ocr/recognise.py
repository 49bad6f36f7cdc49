"""The operation `ocr`: read the pages side by side, write the searchable PDF and the files with its text."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path, PurePath
from typing import Any

import pikepdf

from services.ocr.contracts.languages import parse
from services.ocr.contracts.ocr import OCR, OcrOptions
from services.ocr.engines.choice import chosen
from services.ocr.outcome import PageOutcome, Totals
from services.ocr.page_reader import PageReader
from services.ocr.page_writer import PageWriter
from services.ocr.pages.source import as_pdf
from services.ocr.places import PLACES, slots
from services.ocr.readers import Lost, Readers
from services.ocr.service import SERVICE
from services.ocr.sidecars import Sidecars
from shared.errors import DamagedFile, FileProcessingError
from shared.media_types import PDF
from shared.operation import Result, Task
from shared.pdf.open_document import open_document, open_written
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.reading import open_for_reading
from shared.pdf.signatures import settle_signatures

#: A page takes 3 s on a usual core; this is for the largest on a slow one with other work.
_PAGE_LIMIT_S = 240.0
#: What is left of the job's time when no further page is begun: for those under way, and for writing.
_WRITING_S = 300.0
#: One process needs half of it for the largest pages; the rest of the service's memory is for writing.
_PAGE_MEMORY_MB = SERVICE.memory_mb * 3 // 4


class NoPageRead(FileProcessingError):
    """No page could be read."""

    code = "ocr_no_page_read"
    remedy = "Check that the document opens in a viewer; where pages are too large or take too long, send fewer pixels."


def recognise_document(task: Task, options: OcrOptions) -> Result:
    """Write the searchable PDF of the task's input.

    Raises:
        EngineUnavailable, LanguageNotCovered: see `services.ocr.engines.errors`.
        NoPageRead: every page failed.
        PictureUnreadable: see `services.ocr.pages.from_pictures`.
        SignedPdf, PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex.
    """
    languages = parse(options.languages)
    engine = chosen(options.engine, languages)
    source = as_pdf(task)
    stem = PurePath(task.input.name).stem or "document"
    target = task.output(f"{stem}.pdf", PDF)
    reader = PageReader(source, task.password, engine, languages, options)
    totals, told = Totals(), list[dict[str, Any]]()
    with open_document(source, task.password) as pdf:
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        indexes = _indexes(source, task.password, options, len(pdf.pages))
        writer = PageWriter(pdf, options)
        with Sidecars(task, stem, options.sidecars, engine.version()) as sidecars:
            for page in _in_order(_read(task, reader, indexes, writer), indexes):
                sidecars.add(page)
                totals.add(page)
                told.append(page.as_result())
        _refuse_if_nothing_was_read(totals, told)
        task.report(len(indexes), len(indexes), "Writing")
        writer.finish(totals.language())
        _save(pdf, target, task.password)
    return {
        "engine": engine.name,
        "engine_version": engine.version(),
        "languages": list(languages) or ["auto"],
        "mode": options.mode.value,
        **totals.as_result(),
        **_bytes(task.input.path, target, "the picture became a PDF" if source is not task.input.path else None),
        **({"signatures_removed": signatures} if signatures else {}),
        "page_results": told,
    }


def _indexes(source: Path, password: str | None, options: OcrOptions, pages: int) -> list[int]:
    with open_for_reading(source, password) as document:
        # What one library counts and another does not would be laid under the wrong pages.
        if len(document) != pages:
            raise DamagedFile("Its pages cannot be counted for sure.")
        return sorted(set(chosen_pages(options.pages, pages)))


def _read(task: Task, reader: PageReader, indexes: Sequence[int], writer: PageWriter) -> Iterator[PageOutcome]:
    """Read pages side by side and write each as it comes."""
    stop_at_s = time.monotonic() + OCR.soft_time_limit_s - _WRITING_S
    readers = Readers(
        reader.read, places=PLACES, most=slots(), page_limit_s=_PAGE_LIMIT_S, memory_bytes=_PAGE_MEMORY_MB << 20
    )
    task.report(0, len(indexes), "Reading")
    with closing(readers.outcomes(indexes)) as outcomes:
        for done, ended in enumerate(outcomes, start=1):
            outcome = _lost(ended) if isinstance(ended, Lost) else ended
            writer.write(outcome)
            yield outcome
            task.report(done, len(indexes), f"Page {outcome.number} is read")
            if time.monotonic() >= stop_at_s:
                reason = f"the job's {OCR.soft_time_limit_s} s were over; run ocr on the result to read the rest"
                yield from map(_lost, readers.give_up(reason))


def _lost(lost: Lost) -> PageOutcome:
    outcome = PageOutcome(lost.index + 1)
    outcome.fail(lost.reason)
    return outcome


def _in_order(outcomes: Iterator[PageOutcome], indexes: Sequence[int]) -> Iterator[PageOutcome]:
    """Pages as they follow each other; only those wait that are ahead of a slow one."""
    ahead: dict[int, PageOutcome] = {}
    wanted = iter(indexes)
    number = next(wanted, -1) + 1
    for outcome in outcomes:
        ahead[outcome.number] = outcome
        while number in ahead:
            yield ahead.pop(number)
            number = next(wanted, -1) + 1


def _refuse_if_nothing_was_read(totals: Totals, told: list[dict[str, Any]]) -> None:
    if totals.pages_failed and totals.pages_failed == totals.pages:
        first = next(page for page in told if "skipped" in page)
        raise NoPageRead(f"No page could be read. Page {first['page']}: {first['skipped']}.")


def _save(pdf: pikepdf.Pdf, target: Path, password: str | None) -> None:
    try:
        # Streams stay as they are coded, and the source's own encryption stays; pikepdf takes not both words at once.
        how: dict[str, Any] = {"stream_decode_level": pikepdf.StreamDecodeLevel.none}
        how = {"encryption": True} if pdf.is_encrypted else how
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, **how)
        with open_written(target, password) as saved:
            if len(saved.pages) != len(pdf.pages):
                raise DamagedFile()
    except (pikepdf.PdfError, RuntimeError, ValueError) as error:
        raise DamagedFile() from error


def _bytes(source: Path, target: Path, why: str | None) -> dict[str, Any]:
    before, after = source.stat().st_size, target.stat().st_size
    told: dict[str, Any] = {"bytes_before": before, "bytes_after": after}
    if after > before:
        told["why_larger"] = why or "the text layer was added"
    return told

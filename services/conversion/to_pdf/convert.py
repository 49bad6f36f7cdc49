"""Entry of this room: PDFs of what is none, pages of what is one, and PDF/A."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path, PurePath

from services.conversion.contracts.convert import ConvertOptions, Target
from services.conversion.reading.damage import damage_told
from services.conversion.to_pdf.images import images_to_pdf
from services.conversion.to_pdf.kept_pages import keep_pages
from services.conversion.to_pdf.markdown_pages import markdown_to_pdf
from services.conversion.to_pdf.office import office_to_pdf
from services.conversion.to_pdf.pdfa.archive import archive_pdf
from services.conversion.to_pdf.plain_text import text_to_pdf
from services.conversion.to_pdf.tables import csv_to_pdf
from services.conversion.to_pdf.web_pages import html_file_to_pdf
from services.conversion.to_pdf.writing import save
from shared.errors import UnsupportedMediaType
from shared.media_types import CSV, HTML, IMAGES, MARKDOWN, OFFICE, PDF, TEXT
from shared.operation import Result, Task
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures

_PAGE_MAKERS = {
    HTML.name: html_file_to_pdf,
    MARKDOWN.name: markdown_to_pdf,
    TEXT.name: text_to_pdf,
    CSV.name: csv_to_pdf,
}
_IMAGE_NAMES = frozenset(kind.name for kind in IMAGES)
_OFFICE_NAMES = frozenset(kind.name for kind in OFFICE)
#: Beside a PDF that `as_pdf` made: what its maker told.
_TOLD = ".json"
_LEVELS = {Target.PDFA_1B: 1, Target.PDFA_2B: 2, Target.PDFA_3B: 3}


def as_pdf(task: Task, options: ConvertOptions) -> Path:
    """Make a PDF of an input that is none, beside the outputs, and keep what its maker told for `told_of`.

    Raises:
        UnsupportedMediaType: nobody makes pages of this kind.
        FileProcessingError, MissingProgram: see the makers.
    """
    kind, source = task.input.media_type, task.input.path
    target = Path(tempfile.mkdtemp(dir=task.folder.parent, prefix="made-")) / "made.pdf"
    if kind in _IMAGE_NAMES:
        told = images_to_pdf(source, target, options.page_size, report=task.report)
    elif kind in _OFFICE_NAMES:
        told = office_to_pdf(source, target, kind, report=task.report)
    elif maker := _PAGE_MAKERS.get(kind):
        told = maker(source, target, options.page_size, report=task.report)
    else:
        raise UnsupportedMediaType
    target.with_suffix(_TOLD).write_text(json.dumps(told))
    return target


def told_of(source: Path) -> Result:
    """What the maker of a PDF told, or nothing for one that was a PDF from the start."""
    told = source.with_suffix(_TOLD)
    return dict(json.loads(told.read_text())) if told.is_file() else {}


def write_pdf(source: Path, task: Task, options: ConvertOptions) -> Result:
    """Write the PDF, or the chosen pages of it.

    Raises:
        PagesOutOfRange, SignedPdf: a page is not there; leaving pages out would break a signature.
    """
    name = f"{PurePath(task.input.name).stem}.pdf"
    with damage_told(), open_document(source, task.password) as pdf:
        before = len(pdf.pages)
        chosen = chosen_pages(options.pages, before)
        result: Result = {**told_of(source), "pages_before": before, "pages": len(chosen)}
        if chosen == list(range(before)):
            # Nothing to change: the bytes stay, and with them signatures and encryption.
            target = task.output(name, PDF)
            target.write_bytes(source.read_bytes())
            return {**result, "unchanged": task.input.media_type == PDF.name}
        result["signatures_removed"] = settle_signatures(pdf, break_them=options.break_signature)
        keep_pages(pdf, chosen)
        save(pdf, task.output(name, PDF), encryption=pdf.is_encrypted)
    return {**result, "unchanged": False}


def write_archive(source: Path, task: Task, options: ConvertOptions) -> Result:
    """Write the chosen pages as PDF/A, checked before it is claimed. Raises as `archive_pdf`."""
    target = task.output(f"{PurePath(task.input.name).stem}.pdf", PDF)
    with damage_told(), open_document(source, task.password) as pdf:
        chosen = chosen_pages(options.pages, len(pdf.pages))
        removed = settle_signatures(pdf, break_them=options.break_signature)
        if chosen != list(range(len(pdf.pages))):
            keep_pages(pdf, chosen)
        report = archive_pdf(pdf, target, _LEVELS[options.to], rasterize=options.rasterize_pages, report=task.report)
    told = told_of(source)
    return {**({"made": told} if told else {}), "signatures_removed": removed, **report}

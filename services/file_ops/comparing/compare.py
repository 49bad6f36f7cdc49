"""Compare two PDFs: pair their pages, compare words and looks, and draw what differs."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pikepdf

from services.file_ops.comparing.align import align
from services.file_ops.comparing.drawing import mark, side_by_side
from services.file_ops.comparing.looks import compare_looks
from services.file_ops.comparing.outcome import PageOutcome, as_result
from services.file_ops.comparing.read_pages import open_in_pdfium, read_pages
from services.file_ops.comparing.words import changed_words
from services.file_ops.contracts.comparing import CompareOptions, ComparisonView
from services.file_ops.protection.saving import save_checked
from shared.errors import FileProcessingError
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document


class NotTwoFiles(FileProcessingError):
    """A comparison takes exactly two PDFs."""

    code = "not_two_files"
    remedy = "Send two files: the earlier version first."


def compare_pdfs(
    sources: list[Path], target: Path, options: CompareOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write a document that shows what differs between two; say it in the result too.

    The output is not encrypted when it shows both side by side; a marked second document keeps its encryption.

    Raises:
        NotTwoFiles: there are more or fewer.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.errors`.
    """
    if len(sources) != 2:
        raise NotTwoFiles(f"{NotTwoFiles.__doc__} {len(sources)} came.")
    with ExitStack() as stack:
        first, second = (stack.enter_context(open_document(source, password)) for source in sources)
        documents = [stack.enter_context(closing(open_in_pdfium(source, password))) for source in sources]
        outcomes = _compared((first, second), documents, options, report)
        counts = len(first.pages), len(second.pages)
        report(1, 1, "Drawing")
        if options.view is ComparisonView.MARKED:
            mark(second, outcomes)
            save_checked(second, target, password=password)
        else:
            with side_by_side(first, second, outcomes) as sheets:
                save_checked(sheets, target)
    return as_result(outcomes, *counts)


def _compared(
    pdfs: tuple[pikepdf.Pdf, pikepdf.Pdf], documents: list[Any], options: CompareOptions, report: Report
) -> list[PageOutcome]:
    facts = [read_pages(pdf, document) for pdf, document in zip(pdfs, documents, strict=True)]
    outcomes = []
    pairs = align(*facts)
    for done, (first, second) in enumerate(pairs):
        report(done, len(pairs), "Comparing")
        outcome = PageOutcome(first, second)
        outcomes.append(outcome)
        if first is None or second is None:
            continue
        left, right = facts[0][first], facts[1][second]
        outcome.sizes = left.size, right.size
        if options.text:
            outcome.changes = changed_words(left, right, ignore_case=options.ignore_case)
        if options.visual:
            seen = compare_looks(documents[0][first], documents[1][second], options.dpi, options.tolerance_levels)
            outcome.looks, outcome.changed_pixels, outcome.pixels = seen.places, seen.changed_pixels, seen.pixels
    return outcomes

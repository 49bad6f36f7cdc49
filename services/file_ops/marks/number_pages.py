"""Write a number on each page: page numbers, or Bates numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.file_ops.contracts.marks import NumberPages, Position
from services.file_ops.lettering.letters import Letters, show, width_points
from services.file_ops.marks.archive_notes import archive_part, notes_for
from services.file_ops.marks.drawing import artifact, encoded, fill_color
from services.file_ops.marks.numerals import written
from services.file_ops.marks.page_content import PageContent
from services.file_ops.marks.page_view import PageView
from services.file_ops.marks.placing import place
from services.file_ops.marks.writing import write_document
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures


def number_pages(
    source: Path, target: Path, options: NumberPages, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write a number on the chosen pages of a PDF.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
        PagesOutOfRange: see `shared.pdf.page_ranges`.
        ShapingNeeded, UncoveredCharacters: see `services.file_ops.lettering`.
    """
    with open_document(source, password) as pdf:
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        page_count = len(pdf.pages)
        pages = sorted(set(chosen_pages(options.pages, page_count)))[options.skip_first :]
        texts = _texts(options, pages, page_count)
        part = archive_part(pdf)
        letters = Letters(pdf, texts, embed_all=bool(part))
        content = PageContent(pdf)
        for done, (index, text) in enumerate(zip(pages, texts, strict=True), start=1):
            _write(content, pdf.pages[index], letters, text, options, index)
            report(done, len(pages), "Numbering pages")
        content.finish()
        write_document(pdf, target, password)
    return {
        "pages": page_count,
        "numbered_pages": len(pages),
        "first": texts[0] if texts else None,
        "last": texts[-1] if texts else None,
        "next_number": (options.start or 1) + len(pages) if options.start is not None else page_count + 1,
        "fonts_embedded": letters.embedded,
        "signatures_removed": signatures,
        "notes": notes_for(part, letters, 100),
    }


def _texts(options: NumberPages, pages: list[int], page_count: int) -> list[str]:
    """What stands on each page. Without a start a page has the number of its place in the document."""
    start = options.start
    numbers = [index + 1 for index in pages] if start is None else list(range(start, start + len(pages)))
    last = page_count if start is None else start + len(pages) - 1
    of_all = written(last, options.numerals, options.digits)
    return [
        options.format.format(page=written(number, options.numerals, options.digits), pages=of_all)
        for number in numbers
    ]


def _write(content: PageContent, page: Any, letters: Letters, text: str, options: NumberPages, index: int) -> None:
    size = options.font_size_points
    runs = letters.line(text)
    ascent = max(run.face.ascent for run in runs) * size / 1000
    descent = min(run.face.descent for run in runs) * size / 1000
    position = _mirrored(options.position) if options.mirror and index % 2 else options.position
    matrix = place(PageView.of(page), position, options, width_points(runs, size), ascent - descent, 1.0, 0.0)
    fonts = {content.name_of(run.face.font): run.face.font for run in runs}
    text_matrix = b"1 0 0 1 0 %.4f Tm" % -descent
    parts = [
        b"q",
        encoded(matrix) + b" cm",
        b"BT",
        fill_color(options.color),
        text_matrix,
        show(runs, size, content.name_of),
        b"ET",
        b"Q",
    ]
    kind = "PageNum" if options.start is None else "Bates"
    content.add(page, artifact(b"\n".join(parts), kind), {"/Font": fonts})


def _mirrored(position: Position) -> Position:
    swap = {"left": "right", "right": "left"}
    return Position("-".join(swap.get(word, word) for word in position.value.split("-")))

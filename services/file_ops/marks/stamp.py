"""Put pages of a PDF or a picture over or under pages: each page of the stamp is kept once in the document."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from services.file_ops.contracts.marks import Layer, Stamp, StampSize
from services.file_ops.forms.flatten import flatten_pages
from services.file_ops.marks.archive_notes import archive_part, notes_for
from services.file_ops.marks.drawing import faded, show_form
from services.file_ops.marks.layers import bring_layers
from services.file_ops.marks.page_content import PageContent
from services.file_ops.marks.page_view import PageView
from services.file_ops.marks.pictures import page_form, picture_form
from services.file_ops.marks.placing import place, scale_to_fit
from services.file_ops.marks.visibility import pages_without_mark
from services.file_ops.marks.writing import write_document
from shared.errors import FileProcessingError
from shared.media_types import PDF
from shared.operation import InputFile, Report, Result, ignore
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures


class NotAStamp(FileProcessingError):
    """Two files are needed: first the PDF that is stamped, then the stamp, a PDF or a picture."""

    code = "stamp_inputs"
    remedy = "Send exactly two files in this order: -F file=@document.pdf -F file=@stamp.png."


@dataclass(frozen=True)
class _Drawing:
    """One page of the stamp, or the picture: its form and its own size."""

    form: Any
    width_points: float
    height_points: float


def stamp(
    inputs: Sequence[InputFile], target: Path, options: Stamp, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Put the second input on the chosen pages of the first. The password opens whichever of the two needs one.

    Raises:
        NotAStamp: it is not two files, or the first is no PDF.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
        PagesOutOfRange: the document or the stamp has not these pages; see `shared.pdf.page_ranges`.
    """
    if len(inputs) != 2 or inputs[0].media_type != PDF.name:
        raise NotAStamp()
    source, mark = inputs
    with open_document(source.path, password) as pdf, ExitStack() as stack:
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        pages = sorted(set(chosen_pages(options.pages, len(pdf.pages))))
        drawings = _drawings(pdf, mark, options, password, stack)
        if not options.repeat:
            pages = pages[: len(drawings)]
        content = PageContent(pdf)
        sizes = set()
        for done, index in enumerate(pages, start=1):
            drawing = drawings[(done - 1) % len(drawings)]
            page = pdf.pages[index]
            sizes.add(_put(content, page, drawing, options))
            report(done, len(pages), "Stamping pages")
        content.finish()
        part = archive_part(pdf)
        write_document(pdf, target, password)
        page_count = len(pdf.pages)
    result: Result = {
        "pages": page_count,
        "marked_pages": len(pages),
        "stamp_pages_used": min(len(drawings), len(pages)),
        "stamp_size_points": {"smallest": list(min(sizes)), "largest": list(max(sizes))},
        "signatures_removed": signatures,
        "notes": notes_for(part, None, options.opacity_percent),
    }
    if options.layer is Layer.UNDER:
        result |= pages_without_mark(source.path, target, password, pages)
    return result


def _put(content: PageContent, page: pikepdf.Page, drawing: _Drawing, options: Stamp) -> tuple[float, float]:
    """Put a drawing on a page and return its size there, before it is turned."""
    view = PageView.of(page)
    size = (drawing.width_points, drawing.height_points)
    scale = 1.0
    if options.size is not StampSize.NATURAL:
        fitting = scale_to_fit(*size, options.rotation_degrees, view, options.margin_points)
        scale = fitting if options.size is StampSize.FIT else min(1.0, fitting)
    scale *= options.scale_percent / 100
    matrix = place(view, options.position, options, *size, scale, options.rotation_degrees)
    show_form(content, page, drawing.form, matrix, "Watermark", under=options.layer is Layer.UNDER)
    return round(size[0] * scale, 1), round(size[1] * scale, 1)


def _drawings(
    pdf: pikepdf.Pdf, mark: InputFile, options: Stamp, password: str | None, stack: ExitStack
) -> list[_Drawing]:
    if mark.media_type != PDF.name:
        form = picture_form(pdf, mark.path)
        size = float(form.BBox[2]), float(form.BBox[3])
        return [_Drawing(faded(pdf, form, options.opacity_percent), *size)]
    # Copied objects read from their file until the document is saved, so that it stays open as long.
    stamp_pdf = stack.enter_context(open_document(mark.path, password))
    numbers = chosen_pages(options.stamp_pages, len(stamp_pdf.pages))
    # Comments, stamps and filled fields of the stamp are annotations, which a drawing cannot carry.
    flatten_pages(stamp_pdf, sorted(set(numbers)))
    bring_layers(pdf, stamp_pdf)
    drawn: dict[int, _Drawing] = {}
    for number in numbers:
        if number not in drawn:
            page = stamp_pdf.pages[number]
            view = PageView.of(page)
            form = page_form(pdf, page, view.to_page, view.width_points, view.height_points)
            form = faded(pdf, form, options.opacity_percent)
            drawn[number] = _Drawing(form, view.width_points, view.height_points)
    return [drawn[number] for number in numbers]

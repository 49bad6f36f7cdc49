"""Bring pages to another size: content, annotations, fields and destinations are scaled together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Stream

from services.file_ops.contracts.pages import PAPER_POINTS, Orientation, ResizeOptions
from services.file_ops.marks.graphics_balance import balance_of
from services.file_ops.marks.page_view import PageView, rotation, visible_box
from services.file_ops.metadata.damage import damage_is_told
from services.file_ops.pages.annotations import AnnotationMover, copied_with_matrix
from services.file_ops.pages.geometry import Box, moved_box, numbers, rounded
from services.file_ops.pages.places import Moved, move_destinations
from services.file_ops.protection.saving import save_checked
from shared.operation import Report, Result, ignore
from shared.pdf.inheritance import inherited
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures

#: Boxes of a page that stay beside the new MediaBox, which takes the place of the CropBox.
_INNER_BOXES = ("/TrimBox", "/BleedBox", "/ArtBox")
#: What shows the page as it was.
_STALE = ("/CropBox", "/Thumb", "/PZ")


def resize(
    source: Path, target: Path, options: ResizeOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write the document with the chosen pages in a new size.

    Raises:
        PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf, damage_is_told():
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        pages = sorted(set(chosen_pages(options.pages, len(pdf.pages))))
        resizer = _Resizer(pdf, options)
        for done, number in enumerate(pages, start=1):
            resizer.resize(pdf.pages[number])
            report(done, len(pages), "Resizing pages")
        destinations = move_destinations(pdf, resizer.moved)
        save_checked(pdf, target, password=password)
        return {
            "pages": len(pdf.pages),
            "pages_resized": len(pages),
            "scales_percent": sorted({round(100 * scale, 1) for scale in resizer.scales})[:_MOST_SCALES],
            "annotations_moved": resizer.annotations,
            "destinations_moved": destinations,
            "signatures_removed": signatures,
        }


#: Different scales that the result lists.
_MOST_SCALES = 20


class _Resizer:
    def __init__(self, pdf: pikepdf.Pdf, options: ResizeOptions) -> None:
        self._pdf = pdf
        self._options = options
        self._mover = AnnotationMover(pdf)
        self._patterns: dict[tuple[Any, ...], Any] = {}
        self.moved: dict[tuple[int, int], Moved] = {}
        self.scales: list[float] = []
        self.annotations = 0

    def resize(self, page: pikepdf.Page) -> None:
        view, seen = PageView.of(page), visible_box(page)
        width, height = self._paper(view)
        scale = min(width / view.width_points, height / view.height_points)
        if self._options.never_enlarge and self._options.scale_percent is None:
            scale = min(scale, 1.0)
        if rotation(page) in (90, 270):
            width, height = height, width
        unit = (seen[2] - seen[0]) / (view.height_points if rotation(page) in (90, 270) else view.width_points)
        width, height = width * unit, height * unit
        right = (width - scale * (seen[2] - seen[0])) / 2 - scale * seen[0]
        up = (height - scale * (seen[3] - seen[1])) / 2 - scale * seen[1]
        matrix = Matrix(scale, 0, 0, scale, right, up)
        self._move_content(page, matrix, seen)
        self._move_boxes(page.obj, matrix, (0.0, 0.0, width, height))
        self._move_patterns(page.obj, matrix)
        self.annotations += self._mover.move(page.obj, matrix)
        self.moved[page.obj.objgen] = Moved(page.obj, matrix, seen)
        self.scales.append(scale)

    def _paper(self, view: PageView) -> tuple[float, float]:
        """Width and height of the new page as it is seen, in points."""
        options = self._options
        if options.scale_percent is not None:
            share = options.scale_percent / 100
            return view.width_points * share, view.height_points * share
        if options.size is not None:
            return options.size.width, options.size.height
        assert options.paper is not None
        short, long = PAPER_POINTS[options.paper]
        lies = options.orientation is Orientation.LANDSCAPE or (
            options.orientation is Orientation.AUTO and view.width_points > view.height_points
        )
        return (long, short) if lies else (short, long)

    def _move_content(self, page: pikepdf.Page, matrix: Matrix, seen: Box) -> None:
        """What was not seen before must not appear in the margins now: it is clipped."""
        balance = balance_of(page)
        first, _, others = balance.opening.partition(b" ")
        left, bottom, right, top = seen
        clip = f"{left:.3f} {bottom:.3f} {right - left:.3f} {top - bottom:.3f} re W n"
        opening = b"%s %s cm %s %s\n" % (first, _operands(matrix), clip.encode(), others)
        old = page.obj.get("/Contents")
        parts = [part for part in (list(old) if isinstance(old, Array) else [old]) if isinstance(part, Stream)]
        before, after = self._pdf.make_stream(opening), self._pdf.make_stream(b"\n" + balance.closing + b"\n")
        page.obj["/Contents"] = Array([before, *parts, after])

    def _move_boxes(self, page: Any, matrix: Matrix, media: Box) -> None:
        for key in _INNER_BOXES:
            box = numbers(page.get(key), 4)
            if box is not None:
                page[key] = rounded(moved_box(matrix, (box[0], box[1], box[2], box[3])))
        for viewport in page.get("/VP", ()) if isinstance(page.get("/VP"), Array) else ():
            box = numbers(viewport.get("/BBox"), 4) if isinstance(viewport, Dictionary) else None
            if box is not None:
                viewport["/BBox"] = rounded(moved_box(matrix, (box[0], box[1], box[2], box[3])))
        for key in _STALE:
            if key in page:
                del page[key]
        page["/MediaBox"] = rounded(media)
        if inherited(page, "/CropBox") is not None:
            page["/CropBox"] = rounded(media)

    def _move_patterns(self, page: Any, matrix: Matrix) -> None:
        """Patterns lie on the page, not in what is drawn with them (ISO 32000-2, 8.7.2): they move on their own."""
        resources = inherited(page, "/Resources")
        patterns = resources.get("/Pattern") if isinstance(resources, Dictionary) else None
        if not isinstance(patterns, Dictionary):
            return
        moved = {name: self._moved_pattern(found, matrix) for name, found in patterns.items()}
        page["/Resources"] = Dictionary({**dict(resources.items()), "/Pattern": Dictionary(moved)})

    def _moved_pattern(self, pattern: Any, matrix: Matrix) -> Any:
        if not isinstance(pattern, Dictionary | Stream):
            return pattern
        key = (pattern.objgen, tuple(matrix.shorthand))
        if not pattern.is_indirect or key not in self._patterns:
            self._patterns[key] = copied_with_matrix(self._pdf, pattern, matrix)
        return self._patterns[key]


def _operands(matrix: Matrix) -> bytes:
    return " ".join(f"{value:.6f}".rstrip("0").rstrip(".") for value in matrix.shorthand).encode()

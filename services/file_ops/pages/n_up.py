"""Put several pages on each sheet, in rows or columns or as a booklet; links and fields come along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix

from services.file_ops.contracts.pages import PAPER_POINTS, NUpOptions, Orientation, PlaceOrder
from services.file_ops.marks.page_view import PageView, visible_box
from services.file_ops.metadata.damage import damage_is_told
from services.file_ops.pages.annotations import AnnotationMover
from services.file_ops.pages.geometry import as_array, rounded
from services.file_ops.pages.places import Moved, move_destinations
from services.file_ops.pages.selection import Selecting
from services.file_ops.protection.saving import save_checked
from shared.errors import FileProcessingError
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures

#: Long and short side of the grid.
_GRIDS = {2: (2, 1), 4: (2, 2), 6: (3, 2), 8: (4, 2), 9: (3, 3), 16: (4, 4)}
_FRAME = b"0.5 w 0.6 G %.3f %.3f %.3f %.3f re S\n"
#: What belongs to pages that are no longer pages.
_LOST = {
    "/StructTreeRoot": "tags: they belong to pages, which are now parts of sheets",
    "/MarkInfo": "the mark that the document is tagged",
    "/PageLabels": "page labels: sheets are counted plainly",
    "/Threads": "articles",
}
_SMALLEST_CELL_POINTS = 10


class NoRoomOnSheet(FileProcessingError):
    """Margins and gaps leave no room for pages on the sheet."""

    code = "no_room_on_sheet"
    remedy = "Choose smaller margins and gaps, larger paper, or fewer pages per sheet."


@dataclass(frozen=True)
class _Grid:
    """Cells of a sheet, all of one size, in points."""

    width: float
    height: float
    columns: int
    rows: int
    options: NUpOptions

    @property
    def cell_width(self) -> float:
        inside = self.width - 2 * self.options.margin_points - (self.columns - 1) * self.options.gap_points
        return inside / self.columns

    @property
    def cell_height(self) -> float:
        inside = self.height - 2 * self.options.margin_points - (self.rows - 1) * self.options.gap_points
        return inside / self.rows

    def scale(self, view: PageView) -> float:
        """How large a page is drawn in a cell."""
        return min(self.cell_width / view.width_points, self.cell_height / view.height_points)

    def corner(self, place: int) -> tuple[float, float]:
        """The lower left corner of a cell; the first one is at the upper left of the sheet."""
        if self.options.order is PlaceOrder.ROWS:
            row, column = divmod(place, self.columns)
        else:
            column, row = divmod(place, self.rows)
        gap, margin = self.options.gap_points, self.options.margin_points
        left = margin + column * (self.cell_width + gap)
        return left, self.height - margin - (row + 1) * self.cell_height - row * gap

    def matrix(self, view: PageView, place: int) -> tuple[Matrix, tuple[float, float, float, float]]:
        """The way from a page's coordinates into the middle of a cell, and the frame around it there."""
        scale = self.scale(view)
        width, height = view.width_points * scale, view.height_points * scale
        left, bottom = self.corner(place)
        left, bottom = left + (self.cell_width - width) / 2, bottom + (self.cell_height - height) / 2
        return view.to_page.inverse() @ Matrix(scale, 0, 0, scale, left, bottom), (left, bottom, width, height)


def n_up(
    source: Path, target: Path, options: NUpOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write sheets with the chosen pages. Outline, links, named destinations and fields lead to the pages' new places.

    Tags, page labels and articles belong to pages that are no more; the result says so.

    Raises:
        NoRoomOnSheet.
        PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    if options.pages is None:
        return _place(source, target, options, password, report)
    # What leads to pages that are left out goes first; repeated pages become pages of their own.
    chosen = target.with_name(f"{target.name}.chosen")
    selecting = Selecting(source, chosen, password, options.break_signature)
    selected = selecting.write(lambda count: chosen_pages(options.pages, count))
    try:
        placed = _place(chosen, target, options, password, report)
    finally:
        chosen.unlink()
    placed["left_out"] = [*selected["left_out"], *placed["left_out"]]
    return {**placed, "dropped": selected["dropped"], "signatures_removed": selected["signatures_removed"]}


def booklet_order(pages: int) -> list[int | None]:
    """Pages in the order of a booklet's sides, two each; None is an empty place at the end of the booklet."""
    places = -(-pages // 4) * 4
    order: list[int] = []
    for side in range(places // 2):
        outer, inner = places - 1 - side, side
        order += (outer, inner) if side % 2 == 0 else (inner, outer)
    return [page if page < pages else None for page in order]


def _place(source: Path, target: Path, options: NUpOptions, password: str | None, report: Report) -> Result:
    with open_document(source, password) as pdf, damage_is_told():
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        pages = list(pdf.pages)
        sequence = booklet_order(len(pages)) if options.booklet else list(range(len(pages)))
        sheets = _Sheets(pdf, _best_grid([PageView.of(page) for page in pages], options), pages)
        count = options.pages_per_sheet
        for start in range(0, len(sequence), count):
            sheets.add(sequence[start : start + count])
            report(min(start + count, len(sequence)), len(sequence), "Placing pages")
        del pdf.pages[: len(pages)]
        move_destinations(pdf, sheets.moved)
        lost = [key for key in _LOST if key in pdf.Root]
        for key in lost:
            del pdf.Root[key]
        save_checked(pdf, target, password=password)
        return {
            "pages_placed": len(pages),
            "sheets": len(pdf.pages),
            "pages_per_sheet": count,
            "annotations_moved": sheets.annotations,
            "left_out": [_LOST[key] for key in lost],
            "signatures_removed": signatures,
        }


class _Sheets:
    """The sheets of one document, which come after its pages until these go."""

    def __init__(self, pdf: pikepdf.Pdf, grid: _Grid, pages: list[pikepdf.Page]) -> None:
        self._pdf = pdf
        self._grid = grid
        self._pages = pages
        self._mover = AnnotationMover(pdf)
        self.moved: dict[tuple[int, int], Moved] = {}
        self.annotations = 0

    def add(self, numbers: Sequence[int | None]) -> None:
        """Add a sheet with these pages in its cells."""
        self._pdf.add_blank_page(page_size=(self._grid.width, self._grid.height))
        sheet = self._pdf.pages[-1].obj
        content, forms, annotations = b"", Dictionary(), Array()
        for place, number in enumerate(numbers):
            if number is None:
                continue
            page = self._pages[number]
            view, seen = PageView.of(page), visible_box(page)
            matrix, frame = self._grid.matrix(view, place)
            form = page.as_form_xobject(handle_transformations=False)
            form["/BBox"] = rounded(seen)
            forms[f"/Page{number}"] = form
            operands = " ".join(str(value) for value in as_array(matrix)).encode()
            content += b"q %s cm /Page%d Do Q\n" % (operands, number)
            if self._grid.options.frames:
                content += _FRAME % frame
            self.annotations += self._mover.move(page.obj, matrix)
            annotations.extend(self._annotations_of(page.obj, sheet))
            self.moved[page.obj.objgen] = Moved(sheet, matrix, seen, shares=True)
        sheet["/Resources"] = Dictionary(XObject=forms)
        sheet["/Contents"] = self._pdf.make_stream(content)
        if len(annotations):
            sheet["/Annots"] = annotations

    def _annotations_of(self, page: Any, sheet: Any) -> list[Any]:
        found = page.get("/Annots")
        taken = []
        for annotation in found if isinstance(found, Array) else ():
            if isinstance(annotation, Dictionary):
                own = annotation if annotation.is_indirect else self._pdf.make_indirect(annotation)
                own["/P"] = sheet
                if "/StructParent" in own:
                    del own["/StructParent"]
                taken.append(own)
        return taken


def _best_grid(views: list[PageView], options: NUpOptions) -> _Grid:
    """The sheet and the grid on which the smallest page comes out largest. Raises NoRoomOnSheet."""
    short, long = PAPER_POINTS[options.paper]
    papers = [(short, long)] if options.orientation is Orientation.PORTRAIT else [(long, short)]
    if options.orientation is Orientation.AUTO and not options.booklet:
        papers.append((short, long))
    many, few = _GRIDS[options.pages_per_sheet]
    cells = [(many, few)] if options.booklet else [(many, few), (few, many)]
    grids = [_Grid(*paper, *grid, options) for paper in papers for grid in cells]
    best = max(grids, key=lambda grid: min(grid.scale(view) for view in views))
    if best.cell_width < _SMALLEST_CELL_POINTS or best.cell_height < _SMALLEST_CELL_POINTS:
        raise NoRoomOnSheet()
    return best

"""Write text over or under pages: one drawing for the whole document, placed on each page as it is seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name

from services.file_ops.contracts.marks import Layer, Watermark
from services.file_ops.lettering.letters import Letters
from services.file_ops.marks.archive_notes import archive_part, notes_for
from services.file_ops.marks.drawing import encoded, faded, number, show_form
from services.file_ops.marks.page_content import PageContent
from services.file_ops.marks.page_view import PageView
from services.file_ops.marks.placing import place, scale_to_fit, turned
from services.file_ops.marks.text_block import TextBlock, text_block
from services.file_ops.marks.visibility import pages_without_mark
from services.file_ops.marks.writing import write_document
from shared.errors import TooComplex
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures

#: Font size of the one drawing that is scaled to pages whose size decides.
_DRAWN_AT_POINTS = 100.0
#: A tile whose size was not given is so wide, as part of the page's shorter side.
_TILE_WIDTH = 0.3
_MOST_TILES = 5000


def watermark(
    source: Path, target: Path, options: Watermark, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write `options.text` on the chosen pages of a PDF.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
        PagesOutOfRange: see `shared.pdf.page_ranges`.
        ShapingNeeded, UncoveredCharacters: see `services.file_ops.lettering`.
    """
    with open_document(source, password) as pdf:
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        pages = sorted(set(chosen_pages(options.pages, len(pdf.pages))))
        part = archive_part(pdf)
        letters = Letters(pdf, [options.text], embed_all=bool(part))
        face = letters.standard("Helvetica-Bold" if options.bold else "Helvetica")
        drawn_at = options.font_size_points or _DRAWN_AT_POINTS
        block = text_block(pdf, letters, options.text, drawn_at, options.color, face)
        content, work = PageContent(pdf), _Work(pdf, options, block)
        for done, index in enumerate(pages, start=1):
            page = pdf.pages[index]
            form, matrix = work.on(PageView.of(page))
            show_form(content, page, form, matrix, "Watermark", under=options.layer is Layer.UNDER)
            report(done, len(pages), "Writing on pages")
        content.finish()
        write_document(pdf, target, password)
        page_count = len(pdf.pages)
    sizes = [round(drawn_at * scale, 1) for scale in work.scales]
    result: Result = {
        "pages": page_count,
        "marked_pages": len(pages),
        "font_size_points": {"smallest": min(sizes), "largest": max(sizes)},
        "fonts_embedded": letters.embedded,
        "signatures_removed": signatures,
        "notes": notes_for(part, letters, options.opacity_percent),
    }
    if options.layer is Layer.UNDER:
        result |= pages_without_mark(source, target, password, pages)
    return result


@dataclass
class _Work:
    """What is drawn once and used on many pages."""

    pdf: pikepdf.Pdf
    options: Watermark
    block: TextBlock
    scales: set[float] = field(default_factory=set)
    _single: Any = None
    _tiled: dict[tuple[float, float, float], Any] = field(default_factory=dict)

    def on(self, view: PageView) -> tuple[Any, Matrix]:
        """The form that marks a page of this view, and where it goes."""
        options, block = self.options, self.block
        if options.tiled:
            return self._tiles(view), view.to_page
        scale = self._scale(view)
        self.scales.add(scale)
        if self._single is None:
            self._single = faded(self.pdf, block.form, options.opacity_percent)
        matrix = place(
            view,
            options.position,
            options,
            block.width_points,
            block.height_points,
            scale,
            options.rotation_degrees,
        )
        return self._single, matrix

    def _scale(self, view: PageView) -> float:
        options, block = self.options, self.block
        if options.font_size_points is not None:
            return 1.0
        size = (block.width_points, block.height_points)
        return scale_to_fit(*size, options.rotation_degrees, view, options.margin_points)

    def _tiles(self, view: PageView) -> Any:
        """One form for all pages of this size; its tiles fade as one, so that they never darken each other."""
        options, block = self.options, self.block
        shorter = min(view.width_points, view.height_points)
        scale = 1.0
        if options.font_size_points is None:
            scale = shorter * _TILE_WIDTH / max(block.width_points, block.height_points)
        self.scales.add(scale)
        key = (round(view.width_points, 2), round(view.height_points, 2), scale)
        if key not in self._tiled:
            self._tiled[key] = faded(self.pdf, self._draw_tiles(view, scale), options.opacity_percent)
        return self._tiled[key]

    def _draw_tiles(self, view: PageView, scale: float) -> Any:
        options, block = self.options, self.block
        step_x = max(block.width_points * scale + options.tile_gap_points, 1.0)
        step_y = max(block.height_points * scale + options.tile_gap_points, 1.0)
        # A square as wide as the page's diagonal covers it however it is turned.
        half = math.hypot(view.width_points, view.height_points) / 2
        columns, rows = math.ceil(half / step_x) + 1, math.ceil(half / step_y)
        if (2 * columns + 1) * (2 * rows + 1) > _MOST_TILES:
            raise TooComplex(f"More than {_MOST_TILES} repeated texts on a page; ask for a larger gap or font.")
        to_page = (
            turned(options.rotation_degrees)
            @ Matrix(1, 0, 0, 1, view.width_points / 2, view.height_points / 2)
            @ Matrix(1, 0, 0, 1, options.offset_x_points, options.offset_y_points)
        )
        parts = [encoded(to_page) + b" cm", b"%s 0 0 %s 0 0 cm" % ((number(scale).encode(),) * 2)]
        x_before = y_before = 0.0
        for row in range(-rows, rows + 1):
            for column in range(-columns, columns + 1):
                # Every other row stands half a step aside, as bricks do.
                x = ((column + (row % 2) / 2) * step_x / scale) - block.width_points / 2
                y = row * step_y / scale - block.height_points / 2
                parts.append(f"1 0 0 1 {number(x - x_before)} {number(y - y_before)} cm /Tile Do".encode())
                x_before, y_before = x, y
        form = self.pdf.make_stream(b"\n".join(parts))
        form.Type, form.Subtype = Name.XObject, Name.Form
        form.BBox = Array([0, 0, round(view.width_points, 4), round(view.height_points, 4)])
        form.Resources = Dictionary(XObject=Dictionary(Tile=block.form))
        return form

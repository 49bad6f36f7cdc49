"""Word documents that can be edited: paragraphs, headings, lists, tables, links and pictures in reading order."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.run import Run

from services.conversion.text.blocks import Block, Kind, Paragraph
from services.conversion.text.inline import Span, spans_of
from services.conversion.text.page_layout import PageLayout
from services.conversion.text.pictures import Picture
from services.conversion.text.tables import Cell, Table
from shared.pdf.styles import Style

#: Characters that XML cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Word takes pages of 0.1 to 22 inches.
_NARROWEST_POINTS, _WIDEST_POINTS = 72.0, 1584.0
_LEAST_MARGIN_POINTS, _MOST_MARGIN_POINTS = 18.0, 90.0
#: Off the middle of the page by less than this, a short line is centred.
_CENTRED_POINTS = 6.0
_NARROWEST_COLUMN_POINTS, _CELL_PADDING_POINTS = 10.0, 7.0
_LARGEST_TYPE_POINTS = 400.0
_DEEPEST_WORD_HEADING = 9
#: python-docx needs the square of a table's cells; larger ones are written as lines with tabs.
_MOST_TABLE_PLACES = 6000


class WordDocument:
    """A document that grows page by page."""

    def __init__(self, body_points: float) -> None:
        self._document: Document = docx.Document()
        self._size: tuple[float, float] | None = None
        self._first_on_page = False
        self.tables = self.pictures = self.links = 0
        normal: Any = self._document.styles["Normal"]
        normal.font.size = Pt(min(max(body_points or 11.0, 4.0), 72.0))
        normal.paragraph_format.space_after = Pt(4)

    def add(self, layout: PageLayout, pictures: dict[int, Picture]) -> None:
        """Add a page. `pictures` are by the `id` of their places; a place without one is left out."""
        self._start_page(layout)
        for block in layout.blocks:
            self._add(block, layout, pictures)
        if self._first_on_page:
            # Nothing could be shown of this page, and still it is one.
            self._paragraph()

    def save(self, target: Path) -> None:
        """Write the document."""
        self._document.save(str(target))

    def _add(self, block: Block, layout: PageLayout, pictures: dict[int, Picture]) -> None:
        if isinstance(block, Table):
            self._add_table(block, layout)
        elif isinstance(block, Paragraph):
            self._add_paragraph(block, layout)
        elif (picture := pictures.get(id(block))) is not None:
            across = self._text_width(layout)
            width = min(block.right - block.left, across)
            self._paragraph().add_run().add_picture(io.BytesIO(picture.data), width=Pt(max(width, 1.0)))
            self.pictures += 1

    def _start_page(self, layout: PageLayout) -> None:
        size = (
            min(max(layout.width, _NARROWEST_POINTS), _WIDEST_POINTS),
            min(max(layout.height, _NARROWEST_POINTS), _WIDEST_POINTS),
        )
        self._first_on_page = self._size == size
        if self._size is None or self._size != size:
            new = self._size is not None
            section = self._document.add_section(WD_SECTION.NEW_PAGE) if new else self._document.sections[0]
            section.page_width, section.page_height = Pt(size[0]), Pt(size[1])
            side, end = _margins(layout)
            section.left_margin = section.right_margin = Pt(side)
            section.top_margin = section.bottom_margin = Pt(end)
            self._size = size

    def _text_width(self, layout: PageLayout) -> float:
        return max((self._size or (layout.width, 0))[0] - 2 * _margins(layout)[0], 20.0)

    def _paragraph(self, style: str | None = None) -> Any:
        paragraph = self._document.add_paragraph(style=style)
        if self._first_on_page:
            paragraph.paragraph_format.page_break_before = True
            self._first_on_page = False
        return paragraph

    def _add_paragraph(self, block: Paragraph, layout: PageLayout) -> None:
        style, marker = None, ""
        if block.kind is Kind.HEADING:
            style = f"Heading {min(block.level, _DEEPEST_WORD_HEADING)}"
        elif block.kind is Kind.ITEM:
            # Word would count numbers anew: they stay as they are written.
            style, marker = ("List Paragraph", f"{block.marker}\t") if block.numbered else ("List Bullet", "")
        paragraph = self._paragraph(style)
        if marker:
            paragraph.add_run(_safe(marker))
            paragraph.paragraph_format.first_line_indent = Pt(-18)
            paragraph.paragraph_format.left_indent = Pt(18)
        elif _is_centred(block, layout):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for span in spans_of(block, layout):
            self._add_span(paragraph, span)

    def _add_span(self, paragraph: Any, span: Span) -> None:
        run = paragraph.add_run(_safe(span.text))
        style = span.style
        run.bold, run.italic = style.bold or None, style.italic or None
        if 1 <= style.size_points <= _LARGEST_TYPE_POINTS:
            run.font.size = Pt(round(style.size_points * 2) / 2)
        if style.monospaced:
            run.font.name = "Courier New"
        # White is for dark grounds, which do not come along.
        if style.color not in ("#000000", "#ffffff") and not style.invisible:
            run.font.color.rgb = RGBColor.from_string(style.color[1:].upper())
        elif paragraph.style.name.startswith("Heading"):
            run.font.color.rgb = RGBColor(0, 0, 0)
        if span.link is not None:
            self._link(paragraph, run, span.link)

    def _link(self, paragraph: Any, run: Run, target: str) -> None:
        relation = paragraph.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        element = OxmlElement("w:hyperlink")
        element.set(qn("r:id"), relation)
        run.font.underline = True
        paragraph._p.append(element)
        element.append(run._r)
        self.links += 1

    def _add_table(self, table: Table, layout: PageLayout) -> None:
        if table.row_count * table.column_count > _MOST_TABLE_PLACES:
            for row in table.grid():
                self._paragraph().add_run(_safe("\t".join(row)))
            return
        if self._first_on_page:
            # A table cannot begin a page by itself: an empty line does.
            self._paragraph()
        made: Any = self._document.add_table(table.row_count, table.column_count)
        made.style = "Table Grid" if table.ruled else "Normal Table"
        places = made._cells
        for number, width in enumerate(_column_widths(table, self._text_width(layout))):
            made.columns[number].width = Pt(width)
            for place in places[number :: table.column_count]:
                place.width = Pt(width)
        for cell in table.cells:
            first = cell.row * table.column_count + cell.column
            if cell.words:
                _fill(places[first], cell, layout.style_of(cell.words[0]))
            if cell.row_span > 1 or cell.column_span > 1:
                last = first + (cell.row_span - 1) * table.column_count + cell.column_span - 1
                places[first].merge(places[last])
        self.tables += 1


def _fill(place: Any, cell: Cell, style: Style) -> None:
    """Write a cell in the look of its first word."""
    run = place.paragraphs[0].add_run(_safe("\n".join(cell.lines)))
    run.bold, run.italic = style.bold or None, style.italic or None
    if 1 <= style.size_points <= _LARGEST_TYPE_POINTS:
        run.font.size = Pt(round(style.size_points * 2) / 2)


def _column_widths(table: Table, across: float) -> list[float]:
    """Widths of the columns in points as on the page, narrowed together to fit into `across`."""
    edges = [[table.right, table.left] for _ in range(table.column_count)]
    for cell in table.cells:
        if cell.column_span == 1:
            edge = edges[cell.column]
            edge[0], edge[1] = min(edge[0], cell.left), max(edge[1], cell.right)
    # Cells without rules are as wide as their text: Word wants its padding beside it.
    room = 0.0 if table.ruled else _CELL_PADDING_POINTS
    borders = [table.left - room, *((one[1] + other[0]) / 2 for one, other in pairwise(edges)), table.right + room]
    widths = [
        max(right - left, last - first + 2 * room, _NARROWEST_COLUMN_POINTS)
        for (left, right), (first, last) in zip(pairwise(borders), edges, strict=True)
    ]
    scale = min(across / sum(widths), 1.0)
    return [width * scale for width in widths]


def _margins(layout: PageLayout) -> tuple[float, float]:
    """Margins at the sides, and above and below, as the words of a page leave them."""
    upright = [word for word in layout.words if word.direction == 0]
    if not upright:
        return _LEAST_MARGIN_POINTS, _LEAST_MARGIN_POINTS
    side = min(min(word.left, layout.width - word.right) for word in upright)
    end = min(min(word.top, layout.height - word.bottom) for word in upright)
    return _margin(side), _margin(end)


def _margin(points: float) -> float:
    return min(max(points, _LEAST_MARGIN_POINTS), _MOST_MARGIN_POINTS)


def _is_centred(block: Paragraph, layout: PageLayout) -> bool:
    middle = layout.width / 2
    return all(
        abs((line.left + line.right) / 2 - middle) < _CENTRED_POINTS and line.right - line.left < 0.7 * layout.width
        for line in block.lines
    )


def _safe(text: str) -> str:
    return _UNWRITABLE.sub("", text)

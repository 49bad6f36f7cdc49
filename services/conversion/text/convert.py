"""Entry of this room, see services/conversion/convert.py: one writer for each kind of text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from services.conversion.contracts.convert import ConvertOptions, Target, TextOrder
from services.conversion.text import html, plain
from services.conversion.text.document_pages import DocumentPages, open_pages
from services.conversion.text.drawings import PlacedPicture
from services.conversion.text.errors import NoTables
from services.conversion.text.json_words import page_as_json
from services.conversion.text.markdown import markdown_of
from services.conversion.text.outputs import Outputs
from services.conversion.text.page_layout import PageLayout
from services.conversion.text.pictures import Picture, encoded
from services.conversion.text.spreadsheets import TableWorkbook, write_csv
from services.conversion.text.tables import Table
from services.conversion.text.word_document import WordDocument
from shared.media_types import CSV, DOCX, HTML, JSON, MARKDOWN, TEXT, XLSX
from shared.operation import Result, Task
from shared.pdf.text_page import TextPage

#: Bytes of pictures in one output; those beyond are left out and counted.
_MOST_PICTURE_BYTES = 256 << 20

PageText = Callable[[TextPage], tuple[str, int]]
PAGE_TEXTS: dict[TextOrder, PageText] = {
    TextOrder.READING: plain.in_reading_order,
    TextOrder.LAYOUT: plain.in_layout,
    TextOrder.STREAM: plain.in_stream_order,
}


def write_text(source: Path, task: Task, options: ConvertOptions) -> Result:
    """Write the text of a PDF's pages as `options.to` says.

    Raises:
        NoText: no chosen page has any.
        NoTables: there is text, but for csv and xlsx no table.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex, PagesOutOfRange: see `shared`.
    """
    outputs = Outputs(task, options.as_zip)
    with open_pages(source, task, options.pages) as pages:
        found = _WRITERS[options.to](pages, outputs, options)
        pages.check_words()
        outputs.finish()
        return {**pages.count.as_result(), **found}


def _write_txt(pages: DocumentPages, outputs: Outputs, options: ConvertOptions) -> Result:
    page_text = PAGE_TEXTS[options.text_order]
    with outputs.path(".txt", TEXT).open("w", encoding="utf-8", errors="replace") as file:
        for number, (_, page) in enumerate(pages.texts()):
            text, words = page_text(page)
            pages.count.words += words
            # A form feed between pages, as text tools expect.
            file.write(f"\f{text}" if number else text)
    return {"text_order": options.text_order.value}


def _write_markdown(pages: DocumentPages, outputs: Outputs, options: ConvertOptions) -> Result:
    kinds = _Kinds()
    with outputs.path(".md", MARKDOWN).open("w", encoding="utf-8", errors="replace") as file:
        for layout in pages.layouts():
            kinds.add(layout)
            for block in markdown_of(layout):
                file.write(f"{block}\n")
    return kinds.as_result(pictures_kept=0)


def _write_json(pages: DocumentPages, outputs: Outputs, options: ConvertOptions) -> Result:
    kinds = _Kinds()
    with outputs.path(".json", JSON).open("w", encoding="utf-8") as file:
        file.write('{"pages": [')
        for number, layout in enumerate(pages.layouts()):
            kinds.add(layout)
            # JSON in ASCII holds whatever a font claims its letters are, halves of pairs too.
            file.write(f"{',' if number else ''}\n{json.dumps(page_as_json(layout))}")
        file.write("\n]}\n")
    return kinds.as_result(pictures_kept=kinds.pictures)


def _write_html(pages: DocumentPages, outputs: Outputs, options: ConvertOptions) -> Result:
    kinds, kept = _Kinds(), _Pictures(pages)
    with outputs.path(".html", HTML).open("w", encoding="utf-8", errors="replace") as file:
        file.write(html.head_of(outputs.stem))
        for layout in pages.layouts():
            kinds.add(layout)
            pictures: list[tuple[object, Picture]] = list(kept.of(layout, layout.pictures))
            file.writelines(html.page_of(layout, pictures))
        file.write(html.TAIL)
    return kinds.as_result(pictures_kept=kept.count)


def _write_docx(pages: DocumentPages, outputs: Outputs, options: ConvertOptions) -> Result:
    kinds, kept = _Kinds(), _Pictures(pages)
    document = WordDocument(pages.text_sizes().body_points)
    for layout in pages.layouts():
        kinds.add(layout)
        placed = [block for block in layout.blocks if isinstance(block, PlacedPicture)]
        document.add(layout, {id(place): picture for place, picture in kept.of(layout, placed)})
    document.save(outputs.path(".docx", DOCX))
    return {**kinds.as_result(pictures_kept=document.pictures), "links": document.links}


def _write_xlsx(pages: DocumentPages, outputs: Outputs, options: ConvertOptions) -> Result:
    workbook, found = TableWorkbook(), list[Result]()
    for name, layout, table in _tables(pages):
        workbook.add(table, name)
        found.append(_described(layout, table))
    if found:
        workbook.save(outputs.path(".xlsx", XLSX))
    return {"tables": found, "numbers": workbook.typed, "cells_kept_from_running": workbook.defused}


def _write_csv(pages: DocumentPages, outputs: Outputs, options: ConvertOptions) -> Result:
    found, defused = list[Result](), 0
    for name, layout, table in _tables(pages):
        defused += write_csv(table, outputs.path(f"-{name}.csv", CSV))
        found.append(_described(layout, table))
    return {"tables": found, "cells_kept_from_running": defused}


def _tables(pages: DocumentPages) -> Iterator[tuple[str, PageLayout, Table]]:
    """The tables of the pages with a name each. Raises NoTables, at the end, when there was text and no table."""
    any_table = False
    for layout in pages.layouts():
        for number, table in enumerate(layout.tables, start=1):
            any_table = True
            yield f"page-{layout.number}-table-{number}", layout, table
    if not any_table and pages.count.words:
        raise NoTables()


def _described(layout: PageLayout, table: Table) -> Result:
    return {"page": layout.number, "rows": table.row_count, "columns": table.column_count, "ruled": table.ruled}


class _Kinds:
    """Counts what the pages are made of."""

    def __init__(self) -> None:
        self.found: dict[str, int] = {}
        self.pictures = 0

    def add(self, layout: PageLayout) -> None:
        self.pictures += len(layout.pictures)
        for block in layout.blocks:
            if isinstance(block, PlacedPicture):
                continue
            kind = "tables" if isinstance(block, Table) else f"{block.kind.value}s"
            self.found[kind] = self.found.get(kind, 0) + 1

    def as_result(self, *, pictures_kept: int) -> Result:
        result: dict[str, Any] = {"found": self.found, "pictures": pictures_kept}
        if self.pictures > pictures_kept:
            result["pictures_left_out"] = self.pictures - pictures_kept
        return result


class _Pictures:
    """Encodes pictures until there are too many bytes of them."""

    def __init__(self, pages: DocumentPages) -> None:
        self._document = pages.document
        self._bytes = 0
        self.count = 0

    def of(self, layout: PageLayout, places: list[PlacedPicture]) -> Iterator[tuple[PlacedPicture, Picture]]:
        for place in places:
            if self._bytes >= _MOST_PICTURE_BYTES:
                return
            picture = encoded(self._document.raw, layout.page, place, page_rotation=layout.rotation)
            if picture is not None:
                self._bytes += len(picture.data)
                self.count += 1
                yield place, picture


_Writer = Callable[[DocumentPages, Outputs, ConvertOptions], Result]
_WRITERS: dict[Target, _Writer] = {
    Target.TXT: _write_txt,
    Target.MARKDOWN: _write_markdown,
    Target.JSON: _write_json,
    Target.HTML: _write_html,
    Target.DOCX: _write_docx,
    Target.XLSX: _write_xlsx,
    Target.CSV: _write_csv,
}

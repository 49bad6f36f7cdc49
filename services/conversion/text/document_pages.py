"""Walks through the chosen pages of a PDF and keeps count of what was read and what could not be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf

from services.conversion.text.errors import NoText
from services.conversion.text.form_values import with_drawn_values
from services.conversion.text.headings import TextSizes, mark_headings
from services.conversion.text.page_layout import PageLayout, read_layout, unmapped_characters
from shared.errors import DamagedFile
from shared.operation import Report, Result, Task
from shared.pdf.layers import hidden_layers
from shared.pdf.open_document import open_written
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.reading import UnreadablePage, open_for_reading, open_page
from shared.pdf.styles import Styles
from shared.pdf.text_page import TextPage, open_text
from shared.pdf.words import words_of

#: Pages on which the sizes of text are looked at before the first is written: headings are told by them.
_SAMPLED_PAGES = 24
#: A page with more unmapped characters than this share cannot be read, only seen.
_UNREADABLE_SHARE = 0.3


@dataclass
class Count:
    """What was met on the way, for the result of the job. Pages count from 1."""

    pages: int = 0
    words: int = 0
    pages_without_text: list[int] = field(default_factory=list)
    unreadable_pages: list[int] = field(default_factory=list)
    #: Fonts there do not say which letters their shapes are.
    pages_with_unmapped_text: list[int] = field(default_factory=list)
    refused_links: int = 0

    def as_result(self) -> Result:
        """The counts as JSON; what is empty is left out, but for pages and words."""
        named: Result = {
            "pages_without_text": self.pages_without_text,
            "unreadable_pages": self.unreadable_pages,
            "pages_with_unmapped_text": self.pages_with_unmapped_text,
            "links_left_out": self.refused_links,
        }
        result: Result = {
            "pages": self.pages,
            "words": self.words,
            **{key: each for key, each in named.items() if each},
        }
        if self.pages_without_text or self.pages_with_unmapped_text:
            result["remedy"] = "Run the operation 'ocr' first: it adds text to pages that are pictures."
        return result


@dataclass
class DocumentPages:
    """The chosen pages of an open document, in their order."""

    document: Any
    indexes: list[int]
    report: Report
    hidden_layers: frozenset[str] = frozenset()
    count: Count = field(default_factory=Count)

    def texts(self) -> Iterator[tuple[int, TextPage]]:
        """Each page with its number, open until the next is asked for. Pages that pdfium cannot open are counted."""
        for done, index in enumerate(self.indexes, start=1):
            self.count.pages += 1
            try:
                with open_page(self.document, index) as page, open_text(page, self.hidden_layers) as text:
                    self._note(index + 1, text)
                    yield index + 1, text
            except UnreadablePage:
                self.count.unreadable_pages.append(index + 1)
            self.report(done, len(self.indexes), "Reading pages")

    def layouts(self) -> Iterator[PageLayout]:
        """The layout of each page, open until the next is asked for, with its headings marked."""
        sizes = self.text_sizes()
        for number, text in self.texts():
            layout = read_layout(self.document, number, text)
            mark_headings(layout.blocks, sizes, layout.style_of)
            self.count.words += len(layout.words)
            self.count.refused_links += layout.refused_links
            yield layout

    def text_sizes(self) -> TextSizes:
        """The sizes of text on pages spread over the document."""
        sizes = TextSizes()
        step = max(len(self.indexes) // _SAMPLED_PAGES, 1)
        for index in self.indexes[::step]:
            try:
                with open_page(self.document, index) as page, open_text(page, self.hidden_layers) as text:
                    sizes.add(words_of(text), Styles(text).of)
            except UnreadablePage:
                continue
        return sizes

    def check_words(self) -> None:
        """Refuse a document of which nothing was read.

        Raises:
            NoText: its pages have no words.
            DamagedFile: none of its pages could be opened.
        """
        if self.count.words:
            return
        if len(self.count.unreadable_pages) == self.count.pages:
            raise DamagedFile("No page of the document can be read.")
        raise NoText()

    def _note(self, number: int, text: TextPage) -> None:
        if not text.text.strip():
            self.count.pages_without_text.append(number)
        elif unmapped_characters(text.text) > _UNREADABLE_SHARE * len(text.text):
            self.count.pages_with_unmapped_text.append(number)


@contextmanager
def open_pages(source: Path, task: Task, pages: str | None) -> Iterator[DocumentPages]:
    """Open a PDF, which need not be the task's own input, and choose pages of it.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex, PagesOutOfRange: see `shared`.
    """
    readable, hidden = _prepared(source, task)
    with open_for_reading(readable, task.password) as document:
        yield DocumentPages(document, chosen_pages(pages, len(document)), task.report, hidden)


def _prepared(source: Path, task: Task) -> tuple[Path, frozenset[str]]:
    """What to read, with form values drawn where nobody has drawn them, and the names of hidden layers."""
    try:
        with open_written(source, task.password) as pdf:
            return with_drawn_values(pdf, source, task.folder), hidden_layers(pdf)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, AttributeError, RuntimeError):
        # Whatever is wrong with it, the reader tells better.
        return source, frozenset()

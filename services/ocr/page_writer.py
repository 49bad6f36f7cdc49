"""Writes what was read into the PDF: takes an old layer off, straightens, turns, and lays the words under the page."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from services.ocr.contracts.languages import tag_of
from services.ocr.contracts.ocr import OcrOptions
from services.ocr.outcome import PageOutcome, ReadPage, lines_of
from services.ocr.pages.invisible_font import InvisibleFont
from services.ocr.pages.invisible_text import remove_invisible_text
from services.ocr.pages.page_picture import become_picture
from services.ocr.pages.straightening import LEAST_DEGREES, MOST_DEGREES, straighten
from services.ocr.pages.text_layer import PlacedWord, add_layer

#: Fewer rows of text may be tilted on purpose: a stamp, a label on a photograph.
_LEAST_ROWS = 3


class PageWriter:
    """One document being written."""

    def __init__(self, pdf: pikepdf.Pdf, options: OcrOptions) -> None:
        self._pdf, self._options = pdf, options
        self._font: InvisibleFont | None = None

    def write(self, outcome: PageOutcome) -> None:
        """Write one page that was read; places in `outcome` are then those of the page as it is shown afterwards."""
        if outcome.read is None:
            return
        try:
            self._write(self._pdf.pages[outcome.number - 1], outcome, outcome.read)
        except (pikepdf.PdfError, TypeError, ValueError, AttributeError):
            # Its dictionaries are no dictionaries, or its content does not parse: pikepdf says it with any of these.
            outcome.fail("the page is damaged: no text could be laid under it")
        # It is written and may be large.
        outcome.picture = None

    def finish(self, language: str | None) -> None:
        """Complete the document: the font, and its language where it names none."""
        if self._font:
            self._font.finish()
        if language and "/Lang" not in self._pdf.Root:
            self._pdf.Root.Lang = pikepdf.String(tag_of(language))

    def _write(self, page: pikepdf.Page, outcome: PageOutcome, read: ReadPage) -> None:
        assert outcome.frame
        if outcome.picture is not None:
            become_picture(self._pdf, page, outcome.picture, outcome.frame)
        elif outcome.unseen_words and remove_invisible_text(self._pdf, page):
            outcome.notes.append(f"{outcome.unseen_words} words of an earlier text layer were removed")
        if self._options.deskew and _is_tilted(read):
            if straighten(self._pdf, page, read.skew_degrees, outcome.frame):
                outcome.straightened_degrees = read.skew_degrees
                read = read.straightened()
            else:
                outcome.notes.append("the page was not straightened: its content cannot be drawn turned")
        if read.words:
            self._font = self._font or InvisibleFont(self._pdf)
            add_layer(page, _placed(read), outcome.frame, self._font)
        if self._options.rotate_pages and read.turn_degrees:
            page.rotate(read.turn_degrees, relative=True)
            outcome.rotated_degrees = read.turn_degrees
            read = read.upright()
        outcome.read = read


def _is_tilted(read: ReadPage) -> bool:
    return len(read.rows) >= _LEAST_ROWS and LEAST_DEGREES <= abs(read.skew_degrees) <= MOST_DEGREES


def _placed(read: ReadPage) -> Iterator[list[PlacedWord]]:
    for line in lines_of(read):
        yield [
            PlacedWord(
                word.text, tuple((float(x) / read.width_pixels, float(y) / read.height_pixels) for x, y in word.quad)
            )
            for word in line.words
        ]

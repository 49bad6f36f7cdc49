"""A document as rows of words with the figures and dates in them, and what their marks mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from services.ai.contracts.extraction import DateOrder, ExtractionOptions
from services.ai.figures.value import Evidence, FigureValue, TextValue, Value
from services.ai.layout.amounts import Notation, decide
from services.ai.layout.currencies import NO_MINOR, codes_of, tells_day_first, tells_united_states
from services.ai.layout.dates import PrintedDate, Reckoning, dates, decide_order
from services.ai.layout.figures import Printed, figures, is_spaced
from services.ai.layout.line import Line
from services.ai.layout.shape import shape_of
from services.ai.reading.document import Page
from shared.pdf.lines import Run
from shared.pdf.words import Word

#: The same for the shortest labels: n°4711.
_NUMBERED = re.compile(r"([Nn][\u00b0\u00ba]\.?|[Nn]r\.|\u2116)(\d\S*)")
#: No invoice has more on a page; what stands beyond is left out, so that a hostile page costs no more.
MAX_PAGE_WORDS = 20_000
_MAX_WORD_CHARACTERS = 200
_GLUING = re.compile("[:\uff1a\u00b0\u00ba\u2116]|[Nn]r[.]")
#: A label and its value that were written without a space: "Total:100,00", "Nr.:4711".
_GLUED = re.compile(r"([^\W\d_][^:\uff1a\s]*[:\uff1a])([^:\uff1a/\s].*)")


@dataclass(slots=True, eq=False)
class SheetRow:
    """Words at one height."""

    page: Page
    #: Place among all rows of the document.
    index: int
    runs: list[Run]
    top: float
    bottom: float
    line: Line
    figures: list[Printed] = field(default_factory=list)
    dates: list[PrintedDate] = field(default_factory=list)

    @property
    def words(self) -> Sequence[Word]:
        """From left to right."""
        return self.line.words

    @property
    def text(self) -> str:
        """The words joined by spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def height(self) -> float:
        """In points."""
        return self.bottom - self.top


@dataclass
class Sheet:
    """Rows of some pages, from top to bottom, with what is known of all of them."""

    rows: list[SheetRow]
    notation: Notation
    reckoning: Reckoning

    def amount(self, printed: Printed) -> Decimal | None:
        """The number that a figure stands for, with its sign; None where its marks may mean either."""
        if self.notation.decimal is None and _has_no_minor(printed):
            return replace(self.notation, decimal=".").value(printed)
        return self.notation.value(printed)

    def figure(self, row: SheetRow, printed: Printed) -> FigureValue | None:
        """A figure as a value with its place."""
        number = self.amount(printed)
        return None if number is None else FigureValue(value=number, evidence=(evidence(row, printed.words),))

    def day(self, row: SheetRow, printed: PrintedDate) -> Value[date] | None:
        """A date as a value with its place."""
        found = self.reckoning.date_of(printed)
        return None if found is None else Value[date](value=found, evidence=(evidence(row, printed.words),))


def evidence(row: SheetRow, words: Sequence[Word]) -> Evidence:
    """The place of words of a row."""
    return row.page.evidence(words)


def text_value(row: SheetRow, words: Sequence[Word], text: str | None = None) -> TextValue:
    """Words as a value with their place."""
    found = evidence(row, words)
    return TextValue(value=found.text if text is None else text, evidence=(found,))


def sheet_of(pages: Iterable[Page], options: ExtractionOptions) -> Sheet:
    """Find the rows, figures and dates of pages and decide what their marks mean."""
    rows = [row for page in pages for row in _rows(page)]
    for index, row in enumerate(rows):
        row.index = index
    spaced = is_spaced([row.words for row in rows])
    for row in rows:
        row.dates = dates(row.line)
        taken = {id(word) for each in row.dates for word in each.words}
        row.figures = [
            printed
            for printed in figures(row.words, spaced=spaced)
            if not any(id(word) in taken for word in printed.words) or shape_is_money(printed)
        ]
    notation = decide((printed for row in rows for printed in row.figures if not printed.bare), spaced=spaced)
    order = decide_order(
        (each for row in rows for each in row.dates), option=options.date_order, language=options.language
    )
    if order is None:
        order = _order_of_country(rows, notation)
    return Sheet(rows, notation, Reckoning(order))


def _order_of_country(rows: Sequence[SheetRow], notation: Notation) -> DateOrder | None:
    """Month first in the United States; nobody who writes 1,50 for one and a half has it so, nor who has a GSTIN."""
    text = "\n".join(row.text for row in rows)
    american = tells_united_states(text)
    if american and notation.decimal != ",":
        return DateOrder.MONTH_FIRST
    return DateOrder.DAY_FIRST if notation.decimal == "," or tells_day_first(text) else None


def shape_is_money(printed: Printed) -> bool:
    """Whether a figure is written as money is: with two decimals, or with a currency, and no rate."""
    if printed.percent:
        return False
    shape = shape_of(printed.core)
    if shape is None:
        return False
    decimals = len(printed.core) - printed.core.rfind(shape.decimal) - 1 if shape.decimal else 0
    return decimals == 2 or bool(printed.currency)


def _has_no_minor(printed: Printed) -> bool:
    codes = codes_of(printed.currency)
    return bool(codes) and any(code in NO_MINOR for code in codes) and "," in printed.core


def _rows(page: Page) -> Iterable[SheetRow]:
    words = 0
    for row in page.rows:
        words += sum(len(run.words) for run in row.runs)
        if words > MAX_PAGE_WORDS:
            return
        runs = [_parted(run) for run in map(_without_endless, row.runs) if run.words]
        ordered = [word for run in runs for word in run.words]
        if ordered:
            yield SheetRow(page, 0, runs, row.top, row.bottom, Line(ordered))


def _without_endless(run: Run) -> Run:
    """The run without words that are longer than any word, which patterns would be sought in for long."""
    if all(len(word.text) <= _MAX_WORD_CHARACTERS for word in run.words):
        return run
    words = [word for word in run.words if len(word.text) <= _MAX_WORD_CHARACTERS]
    return Run(words, run.left, run.top, run.right, run.bottom)


def _parted(run: Run) -> Run:
    """The run with labels parted from values that are glued to them."""
    if not any(_GLUING.search(word.text[:-1]) for word in run.words):
        return run
    words: list[Word] = []
    for word in run.words:
        match = (_GLUED.fullmatch(word.text) or _NUMBERED.fullmatch(word.text)) if len(word.text) < 80 else None
        if match is None:
            words.append(word)
            continue
        middle = word.left + (word.right - word.left) * len(match[1]) / len(word.text)
        words.append(replace(word, text=match[1], right=middle))
        words.append(replace(word, text=match[2], left=middle))
    return Run(words, run.left, run.top, run.right, run.bottom)

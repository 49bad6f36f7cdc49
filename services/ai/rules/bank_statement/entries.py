"""What each row under a heading is: part of a movement, a balance or total, or nothing of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ai.layout.figures import Printed
from services.ai.layout.headings import DATES
from services.ai.layout.months import is_weekday
from services.ai.layout.rows import TextRow
from services.ai.layout.tables import Cells, Fragment
from services.ai.layout.vocabulary import tokens_of
from services.ai.rules.bank_statement.labels import fields_vocabulary, line_label, title_of, words_vocabulary
from services.ai.rules.bank_statement.movements import Entry, Kind

#: The first row of a table stands no further under its heading, in heights.
_UNDER_HEADING = 4.0
_SUMMARY = {"opening", "closing", "total_debits", "total_credits"}
#: Columns whose words describe a movement.
TEXTS = ("kind", "description")


@dataclass(eq=False)
class BalanceLine:
    """A row of the table that prints a balance or totals."""

    meanings: frozenset[str]
    cells: Cells
    index: int


@dataclass
class Table:
    """What the rows of all fragments are."""

    entries: list[Entry] = field(default_factory=list)
    lines: list[BalanceLine] = field(default_factory=list)
    #: Titles by the index of their row.
    titles: dict[int, frozenset[str]] = field(default_factory=dict)


def table_of(fragments: Sequence[Fragment], rows: Sequence[TextRow]) -> Table:
    """Classify the rows of all fragments."""
    table = Table()
    before: Fragment | None = None
    first = fragments[0].heading.first if fragments else len(rows)
    table.titles = {index: title for index in range(first) if (title := title_of(rows[index]))}
    for fragment in fragments:
        if before is not None and before.heading is not fragment.heading:
            _heading_between(table, before, fragment)
        _classify(table, fragment, fragment.start == fragment.heading.end)
        before = fragment
    _settle_days(table.entries)
    _settle_edges(table)
    return table


def _names_balances(row: TextRow) -> bool:
    """Whether a row has only labels of balances and sums, whose figures stand below."""
    if row.figures or row.dates or len(row.runs) < 2:
        return False
    named = [match.meanings & _SUMMARY for match in fields_vocabulary().matches(row.words)]
    return sum(map(bool, named)) > 1 and bool(frozenset().union(*named) & {"opening", "closing"})


def _settle_edges(table: Table) -> None:
    """Dated rows with nothing but a balance before the first or behind the last movement open or close the account."""
    anchors = [number for number, entry in enumerate(table.entries) if entry.kind is Kind.ANCHOR]
    if not anchors:
        return
    for number, entry in enumerate(table.entries):
        if (
            entry.kind is Kind.TEXT
            and entry.cells.money
            and entry.cells.dates
            and not anchors[0] < number < anchors[-1]
        ):
            entry.kind = Kind.LINE
            table.lines.append(BalanceLine(frozenset({"either"}), entry.cells, entry.cells.index))
    table.lines.sort(key=lambda line: line.index)


def _settle_days(entries: list[Entry]) -> None:
    """Dates in rows of their own stand over the movements of a day, or below each movement: then they belong to it."""
    days = [number for number, entry in enumerate(entries) if entry.kind is Kind.DAY]
    anchors = [number for number, entry in enumerate(entries) if entry.kind is Kind.ANCHOR]
    undated = not any(entries[number].cells.dates for number in anchors)
    if days and anchors and days[0] > anchors[0] and (undated or 3 * len(days) >= 2 * len(anchors)):
        for number in days:
            entries[number].kind = Kind.TEXT


def text_meanings(fragment: Fragment) -> tuple[str, ...]:
    """The columns whose words describe a movement; of a table that names none, all that are not of something else."""
    named = {meaning for cell in fragment.heading.cells for meaning in cell.meanings}
    return TEXTS if "description" in named else ("", *sorted(DATES), *TEXTS)


def is_amount(meanings: frozenset[str]) -> bool:
    """Whether a column holds amounts of movements."""
    return not meanings or bool(meanings & {"debit", "credit", "amount"})


def _heading_between(table: Table, before: Fragment, fragment: Fragment) -> None:
    if before.heading.names != fragment.heading.names or before.rows[-1].page is fragment.rows[0].page:
        table.entries.append(Entry(Kind.LINE, Cells(fragment.rows[0], fragment.heading.first)))


def _classify(table: Table, fragment: Fragment, headed: bool) -> None:
    top = headed
    ended = labelled = False
    for offset, row in enumerate(fragment.rows):
        index = fragment.start + offset
        cells = fragment.cells(row, index)
        # The figures under a row of labels are those of the account.
        kind = Kind.OUTSIDE if labelled and not row.dates else _kind_of(table, fragment, cells, ended=ended)
        labelled = _names_balances(row)
        if labelled:
            kind = Kind.OUTSIDE
        if kind is Kind.OUTSIDE and (title := title_of(row)):
            table.titles[index] = title
            kind = Kind.LINE
        entry = Entry(kind, cells, tops=top and kind is Kind.TEXT)
        table.entries.append(entry)
        if kind is Kind.ANCHOR:
            ended = False
        elif kind is Kind.LINE:
            ended = (
                bool(table.lines)
                and table.lines[-1].index == index
                and bool(table.lines[-1].meanings)
                and "opening" not in table.lines[-1].meanings
            )
        top = kind is Kind.CARRIED


def _kind_of(table: Table, fragment: Fragment, cells: Cells, *, ended: bool) -> Kind:
    row, index = cells.row, cells.index
    label = line_label(row)
    if label and (cells.money or any(not printed.bare for printed in row.figures)):
        table.lines.append(BalanceLine(label, cells, index))
        return Kind.CARRIED if label <= {"carried"} else Kind.LINE
    amounts = [printed for column, printed in cells.money if is_amount(column.meanings)]
    if amounts:
        if sum(_is_zero(printed) is False for printed in amounts) > 1 and not cells.dates:
            table.lines.append(BalanceLine(frozenset({"total"}), cells, index))
            return Kind.LINE
        return Kind.ANCHOR if _describes(fragment, cells) or cells.dates or not ended else Kind.OUTSIDE
    if _is_edge(row):
        return Kind.OUTSIDE
    if cells.money:
        return Kind.TEXT
    if row.dates and _is_day(row):
        return Kind.DAY if not cells.dates else Kind.TEXT
    if ended or row.height > 1.5 * fragment.height:
        return Kind.OUTSIDE
    return Kind.TEXT if _describes(fragment, cells) and not _strays(fragment, cells) else Kind.OUTSIDE


def _describes(fragment: Fragment, cells: Cells) -> bool:
    return bool(cells.words(*text_meanings(fragment), "reference"))


def _strays(fragment: Fragment, cells: Cells) -> bool:
    """Whether words stand where a column has none: in a column of dates, or left of all."""
    if "description" not in {meaning for cell in fragment.heading.cells for meaning in cell.meanings}:
        return False
    return any(cells.text.get(meaning) for meaning in ("", *DATES))


def _is_edge(row: TextRow) -> bool:
    """Whether a row says only that the list goes on, or which page it is."""
    matches = words_vocabulary().matches(row.words)
    if not matches or matches[0].first or "continued" not in matches[0].meanings:
        return False
    letters = [word for word in row.words if any(not token.isdigit() for token in tokens_of(word.text))]
    return len(letters) <= matches[0].end + 1 and len(row.words) <= matches[0].end + 4


def _is_day(row: TextRow) -> bool:
    """Whether a row is a date, and at most the day of the week beside it."""
    dated = {id(word) for found in row.dates for word in found.words}
    return all(id(word) in dated or is_weekday(word.text) for word in row.words)


def _is_zero(printed: Printed) -> bool:
    return not printed.core.strip("0.,'")

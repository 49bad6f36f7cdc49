"""Movements as they are printed: the rows of each with its amount, its balance, its dates and its title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.ai.layout.dates import PrintedDate
from services.ai.layout.headings import DATES
from services.ai.layout.rows import TextRow
from services.ai.layout.sides import Side
from services.ai.layout.tables import Cells, Fragment
from services.ai.rules.bank_statement.entries import Table, is_amount, text_meanings
from services.ai.rules.bank_statement.movements import Draft, Kind, drafts_of, style_of
from services.ai.rules.bank_statement.signs import column_role

_SECTIONS = {frozenset({"debit"}): Side.DEBIT, frozenset({"credit"}): Side.CREDIT}


def drafts_in(found: Sequence[Fragment], table: Table, rows: Sequence[TextRow]) -> list[Draft]:
    """All movements of a document, in the order of the rows."""
    stacked = any(len(cell.stacked) > 1 and cell.meanings & DATES for each in found for cell in each.heading.cells)
    groups, _ = drafts_of(table.entries, style_of([table.entries], stacked=stacked))
    fragment_of = {id(row): each for each in found for row in each.rows}
    drafts = [_draft(group, fragment_of[id(group[0].row)]) for group in groups]
    _share_dates(drafts, table, rows)
    return _in_sections(drafts, _titles(found, table, rows))


def _draft(group: list[Cells], fragment: Fragment) -> Draft:
    anchor = next(cells for cells in group if any(is_amount(column.meanings) for column, _ in cells.money))
    amounts = [(column, printed) for column, printed in anchor.money if is_amount(column.meanings)]
    # Some print 0.00 in the column that the movement is not in.
    column, printed = next((each for each in amounts if each[1].core.strip("0.,'")), amounts[0])
    draft = Draft(group, column, printed, anchor.row, index=anchor.index, texts=text_meanings(fragment))
    for cells in group:
        for each, figure in cells.money:
            if column_role(each.meanings) == "balance" and draft.balance is None:
                draft.balance, draft.balance_row = figure, cells.row
        for cell, found in cells.dates:
            meanings = cell.meanings if cell else frozenset({"date"})
            name = next((name for name in ("date", "transaction_date", "value_date") if name in meanings), "date")
            if name == "date" and any(known == "date" for known, _, _ in draft.dates):
                name = "value_date"
            draft.dates.append((name, found, cells.row))
    if not draft.dates and not any(cell.meanings & DATES for cell in fragment.heading.cells):
        _take_leading_date(draft)
    return draft


def _take_leading_date(draft: Draft) -> None:
    """The date that begins a line of a movement, where no column has them."""
    for cells in draft.entries:
        first = cells.row.words[0]
        found = next((each for each in cells.row.dates if each.words[0] is first), None)
        if found is not None:
            draft.dates.append(("date", found, cells.row))
            taken = {id(word) for word in found.words}
            cells.text = {name: [word for word in words if id(word) not in taken] for name, words in cells.text.items()}
            return


def _share_dates(drafts: Sequence[Draft], table: Table, rows: Sequence[TextRow]) -> None:
    """Give movements of one day the date that only the first of them prints, or that stands over them."""
    days = [entry.cells.index for entry in table.entries if entry.kind is Kind.DAY]
    last: tuple[PrintedDate, TextRow] | None = None
    at = 0
    for draft in drafts:
        while at < len(days) and days[at] < draft.index:
            last = (rows[days[at]].dates[0], rows[days[at]])
            at += 1
        own = next(((found, row) for name, found, row in draft.dates if name != "value_date"), None)
        if own is not None:
            last = own
        elif last is not None:
            draft.dates.append(("date", *last))


def _titles(found: Sequence[Fragment], table: Table, rows: Sequence[TextRow]) -> dict[int, frozenset[str]]:
    """Titles by their row. One over a summary does not reach to the heading of another table below that."""
    titles = dict(table.titles)
    for fragment in found:
        first = fragment.heading.first
        over = max((index for index in table.titles if index < first), default=None)
        if over is None or table.titles[over] != {"none"}:
            continue
        own = next((each.heading for each in found if each.heading.first > over), fragment.heading)
        apart = any(not printed.bare for row in rows[over : own.first] for printed in row.figures)
        if apart or own.names != fragment.heading.names:
            titles[first] = frozenset()
    return titles


def _in_sections(drafts: Sequence[Draft], titles: Mapping[int, frozenset[str]]) -> list[Draft]:
    """Movements with what the title over their part says; those under titles of other lists are left out."""
    marks = sorted(titles)
    kept = []
    title: frozenset[str] = frozenset()
    at = 0
    for draft in drafts:
        while at < len(marks) and marks[at] < draft.index:
            title = titles[marks[at]]
            at += 1
        draft.section = _SECTIONS.get(title)
        if title != {"none"}:
            kept.append(draft)
    return kept

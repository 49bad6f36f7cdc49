"""Which rows, lines and movements of a document belong to which account and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ai.layout.periods import period_text
from services.ai.layout.rows import TextRow
from services.ai.layout.tables import Fragment
from services.ai.reading.document import Page
from services.ai.rules.bank_statement.entries import BalanceLine, Table
from services.ai.rules.bank_statement.identity import account_ids
from services.ai.rules.bank_statement.movements import Draft


@dataclass(eq=False)
class Account:
    """What belongs to one statement."""

    #: Rows that are no part of a table.
    matter: list[TextRow] = field(default_factory=list)
    lines: list[BalanceLine] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    #: Rows that name the columns.
    headings: list[TextRow] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    #: The dates of its period as printed.
    period: str | None = None
    #: A closing balance was seen behind a movement.
    closed: bool = False


def accounts_of(
    rows: Sequence[TextRow], found: Sequence[Fragment], table: Table, drafts: Sequence[Draft]
) -> list[Account]:
    """Split a document where another account, another period or a new opening balance begins."""
    headings = {each.heading.first: each.heading.end for each in found}
    lines = {line.index: line for line in table.lines}
    starts = {draft.entries[0].index: draft for draft in drafts}
    inside = {cells.index for draft in drafts for cells in draft.entries}
    accounts = [Account()]
    asides = {index: row for each in found for index, row in each.asides.items()}
    pending: list[TextRow] = []
    index = 0
    while index < len(rows):
        if index in headings:
            _settle(accounts, pending, rows[index].page)
            pending = []
            accounts[-1].headings.extend(rows[index : headings[index]])
            if headings[index] > index:
                index = headings[index]
                continue
        if index in lines:
            _take_line(accounts, lines[index])
        elif index in starts:
            accounts[-1].drafts.append(starts[index])
        elif index not in inside:
            pending.append(rows[index])
        if index in asides and (index in lines or index in inside):
            pending.append(asides[index])
        index += 1
    accounts[-1].matter.extend(pending)
    return accounts


def _settle(accounts: list[Account], pending: Sequence[TextRow], page: Page) -> None:
    """Rows before a heading belong to what follows: to a new account if they name another one or another period."""
    current = accounts[-1]
    # The foot of the page before names the bank's own account, if any.
    above = [row for row in pending if row.page is page]
    ids, period = account_ids(above), period_text(above)
    begun = bool(current.drafts or current.lines)
    other = bool(ids and current.ids) and not current.ids & set(ids)
    later = period is not None and current.period is not None and period != current.period
    if begun and (other or later):
        current = Account()
        accounts.append(current)
    current.matter.extend(pending)
    current.ids.update(ids)
    current.period = current.period or period


def _take_line(accounts: list[Account], line: BalanceLine) -> None:
    current = accounts[-1]
    if "opening" in line.meanings and current.closed:
        # The rows around the table stay with the account before: they named it.
        current = Account(matter=list(current.matter), ids=set(current.ids), period=current.period)
        accounts.append(current)
    current.lines.append(line)
    if "closing" in line.meanings and current.drafts:
        current.closed = True

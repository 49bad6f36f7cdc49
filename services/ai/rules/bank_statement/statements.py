"""Bank statements put together from the rows of a document: one for each account and period."""

from __future__ import annotations

from collections.abc import Sequence

from services.ai.contracts.extraction import DateOrder, ExtractionOptions
from services.ai.documents.bank_statement import BankStatement
from services.ai.layout.columns import uses_bare
from services.ai.layout.dates import decide_order
from services.ai.layout.headings import DATES, Heading, columns_vocabulary, find_headings
from services.ai.layout.rows import TextRow, text_rows
from services.ai.layout.tables import fragments
from services.ai.reading.document import Document
from services.ai.rules.bank_statement.accounts import Account, accounts_of
from services.ai.rules.bank_statement.assembly import assemble
from services.ai.rules.bank_statement.drafting import drafts_in
from services.ai.rules.bank_statement.entries import table_of
from services.ai.rules.bank_statement.labels import lines_vocabulary
from services.ai.rules.bank_statement.roles import settle_roles


def read(document: Document, options: ExtractionOptions) -> list[BankStatement]:
    """The statements in a document; none where it has no table of movements and no balances."""
    rows, notation = text_rows(document)
    bare = uses_bare(rows)
    headings = [each for each in find_headings(rows, columns_vocabulary()) if not _is_summary(each, rows)]
    found = settle_roles(rows, fragments(rows, headings, bare=bare), notation, bare=bare)
    if not found:
        return []
    table = table_of(found, rows)
    drafts = drafts_in(found, table, rows)
    accounts = accounts_of(rows, found, table, drafts)
    order = _date_order(accounts, options)
    statements = [assemble(account, notation, order, options, bare=bare) for account in accounts]
    return [each for each in statements if each.movements or (each.opening_balance and each.closing_balance)]


def _is_summary(heading: Heading, rows: Sequence[TextRow]) -> bool:
    """Whether a row of names stands over balances and sums, and not over movements."""
    meanings = {meaning for cell in heading.cells for meaning in cell.meanings}
    if meanings & (DATES | {"description", "kind", "reference"}):
        return False
    words = [word for row in rows[heading.first : heading.end] for word in row.words]
    return any("opening" in match.meanings for match in lines_vocabulary().matches(words))


def _date_order(accounts: Sequence[Account], options: ExtractionOptions) -> DateOrder | None:
    """From the dates of all movements, and from those around the tables where these do not tell."""
    sequences = [[found for draft in account.drafts for _, found, _ in draft.dates[:1]] for account in accounts]
    printed = [found for account in accounts for draft in account.drafts for _, found, _ in draft.dates]
    around = [found for account in accounts for row in account.matter for found in row.dates]
    inside = decide_order(printed, sequences=sequences)
    return inside or decide_order(around, option=options.date_order, language=options.language)

"""OFX 2.1.1: bank statements for accounting programs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lxml import etree  # type: ignore[import-untyped,unused-ignore]

from services.ai.documents.bank_statement import BankStatement
from services.ai.exports.statement_facts import Entry, StatementFacts, facts_of
from services.ai.exports.xml_files import Element, ExportImpossible, add, one_line, written

#: OFX 2.1.1, section 2.2.
_DECLARATION = '<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
#: Lengths of the types A-22, A-32 and A-255, in characters.
_ACCOUNT, _NAME, _MEMO = 22, 32, 255


def export(statements: list[BankStatement], warning: str | None) -> bytes:
    """The file, one STMTTRNRS for each statement. Raises ExportImpossible: see `facts_of`; or no closing balance."""
    all_facts = [facts_of(statement) for statement in statements]
    root = etree.Element("OFX")
    answer = add(add(root, "SIGNONMSGSRSV1"), "SONRS")
    _status(answer)
    # Of the document, not of the clock: the same statement gives the same file.
    add(answer, "DTSERVER", _day(max(facts.last_day for facts in all_facts)))
    add(answer, "LANGUAGE", "ENG")
    messages = add(root, "BANKMSGSRSV1")
    for number, facts in enumerate(all_facts, start=1):
        response = add(messages, "STMTTRNRS")
        add(response, "TRNUID", number)
        _status(response)
        _statement(add(response, "STMTRS"), facts)
    return written(root, before=_DECLARATION, warning=warning)


def _status(parent: Element) -> None:
    status = add(parent, "STATUS")
    add(status, "CODE", 0)
    add(status, "SEVERITY", "INFO")


def _statement(parent: Element, facts: StatementFacts) -> None:
    add(parent, "CURDEF", facts.currency)
    account = add(parent, "BANKACCTFROM")
    add(account, "BANKID", _bank(facts))
    add(account, "ACCTID", _account(facts))
    add(account, "ACCTTYPE", "CHECKING")
    moves = add(parent, "BANKTRANLIST")
    add(moves, "DTSTART", _day(facts.first_day))
    add(moves, "DTEND", _day(facts.last_day))
    for entry in facts.entries:
        _entry(add(moves, "STMTTRN"), entry)
    balance = add(parent, "LEDGERBAL")
    add(balance, "BALAMT", _amount(_closing(facts)))
    add(balance, "DTASOF", _day(facts.last_day))


def _entry(parent: Element, entry: Entry) -> None:
    add(parent, "TRNTYPE", "CREDIT" if entry.amount >= 0 else "DEBIT")
    add(parent, "DTPOSTED", _day(entry.booked))
    if entry.valued:
        add(parent, "DTAVAIL", _day(entry.valued))
    add(parent, "TRNAMT", _amount(entry.amount))
    add(parent, "FITID", entry.id)
    if entry.reference:
        add(parent, "REFNUM", one_line(entry.reference, _NAME))
    # A NAME must not be empty.
    add(parent, "NAME", one_line(entry.text, _NAME) or "-")
    if len(entry.text) > _NAME:
        add(parent, "MEMO", one_line(entry.text, _MEMO))


def _closing(facts: StatementFacts) -> Decimal:
    closing = facts.statement.closing_balance
    if closing:
        return closing.value
    balances = [entry.movement.balance for entry in facts.entries if entry.movement.balance]
    if not balances:
        raise ExportImpossible("the statement shows no closing balance")
    return balances[-1].value


def _account(facts: StatementFacts) -> str:
    """A-22 holds no long IBAN: then what follows the country and its check digits, from the end."""
    account = facts.account
    return account if len(account) <= _ACCOUNT else account[4:][-_ACCOUNT:]


def _bank(facts: StatementFacts) -> str:
    """The bank's code: of its BIC the part without the branch, else what an IBAN begins with after its check digits."""
    if facts.bic:
        return facts.bic[:8]
    return facts.iban[4:12] if facts.iban else "UNKNOWN"


def _amount(amount: Decimal) -> str:
    return format(amount, "f")


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"

"""CAMT.053.001.08 (ISO 20022): bank statements as banks send them."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

from lxml import etree  # type: ignore[import-untyped,unused-ignore]

from services.ai.documents.bank_statement import BankStatement
from services.ai.exports.statement_facts import Entry, StatementFacts, facts_of
from services.ai.exports.xml_files import Element, ExportImpossible, add, one_line, written

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
#: Lengths of texts in characters.
_ID, _OWNER, _REMITTANCE, _MORE = 35, 140, 140, 500


def export(statements: list[BankStatement], warning: str | None) -> bytes:
    """The file, one Stmt for each statement.

    Raises:
        ExportImpossible: see `facts_of`; or no opening or no closing balance.
    """
    all_facts = [facts_of(statement) for statement in statements]
    root = etree.Element(etree.QName(NAMESPACE, "Document"), nsmap={None: NAMESPACE})
    message = add(root, "BkToCstmrStmt")
    head = add(message, "GrpHdr")
    contents = repr([[entry.id for entry in facts.entries] + [facts.account, facts.last_day] for facts in all_facts])
    add(head, "MsgId", hashlib.sha256(contents.encode()).hexdigest()[:_ID])
    # Of the document, not of the clock: the same statement gives the same file.
    made = f"{max(facts.last_day for facts in all_facts):%Y-%m-%d}T00:00:00"
    add(head, "CreDtTm", made)
    for number, facts in enumerate(all_facts, start=1):
        _statement(add(message, "Stmt"), number, facts, made, warning)
    return written(root, warning=warning)


def _statement(parent: Element, number: int, facts: StatementFacts, made: str, warning: str | None) -> None:
    statement = facts.statement
    told = one_line(statement.statement_number.value, _ID) if statement.statement_number else ""
    add(parent, "Id", told or str(number))
    add(parent, "CreDtTm", made)
    period = add(parent, "FrToDt")
    add(period, "FrDtTm", f"{facts.first_day:%Y-%m-%d}T00:00:00")
    add(period, "ToDtTm", f"{facts.last_day:%Y-%m-%d}T23:59:59")
    _account(add(parent, "Acct"), facts)
    if not (statement.opening_balance and statement.closing_balance):
        raise ExportImpossible("the statement shows no opening or no closing balance")
    _balance(parent, "OPBD", statement.opening_balance.value, facts.first_day, facts.currency)
    _balance(parent, "CLBD", statement.closing_balance.value, facts.last_day, facts.currency)
    for entry in facts.entries:
        _entry(add(parent, "Ntry"), entry, facts.currency)
    if warning:
        add(parent, "AddtlStmtInf", one_line(warning, _MORE))


def _account(parent: Element, facts: StatementFacts) -> None:
    statement = facts.statement
    named = add(parent, "Id")
    if facts.iban:
        add(named, "IBAN", facts.iban)
    else:
        add(add(named, "Othr"), "Id", one_line(facts.account, 34))
    add(parent, "Ccy", facts.currency)
    if statement.account_holder:
        add(add(parent, "Ownr"), "Nm", one_line(statement.account_holder.value, _OWNER))
    if facts.bic or statement.bank:
        bank = add(add(parent, "Svcr"), "FinInstnId")
        if facts.bic:
            add(bank, "BICFI", facts.bic)
        if statement.bank:
            add(bank, "Nm", one_line(statement.bank.value, _OWNER))


def _balance(parent: Element, code: str, amount: Decimal, day: date, currency: str) -> None:
    balance = add(parent, "Bal")
    add(add(add(balance, "Tp"), "CdOrPrtry"), "Cd", code)
    _amount(balance, amount, currency)
    add(add(balance, "Dt"), "Dt", day.isoformat())


def _amount(parent: Element, amount: Decimal, currency: str) -> None:
    add(parent, "Amt", format(abs(amount), "f"), Ccy=currency)
    add(parent, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")


def _entry(parent: Element, entry: Entry, currency: str) -> None:
    add(parent, "NtryRef", entry.id)
    _amount(parent, entry.amount, currency)
    add(add(parent, "Sts"), "Cd", "BOOK")
    if entry.movement.booking_date:
        add(add(parent, "BookgDt"), "Dt", entry.booked.isoformat())
    if entry.valued:
        add(add(parent, "ValDt"), "Dt", entry.valued.isoformat())
    # What kind of transaction it is the page does not tell: the code list has a domain for that, "not available".
    domain = add(add(parent, "BkTxCd"), "Domn")
    add(domain, "Cd", "XTND")
    family = add(domain, "Fmly")
    add(family, "Cd", "NTAV")
    add(family, "SubFmlyCd", "NTAV")
    details = add(add(parent, "NtryDtls"), "TxDtls")
    reference = one_line(entry.reference or "", _ID)
    add(add(details, "Refs"), "EndToEndId", reference or "NOTPROVIDED")
    _amount(details, entry.amount, currency)
    if entry.text:
        remittance, rest = add(details, "RmtInf"), one_line(entry.text)
        for start in range(0, len(rest), _REMITTANCE):
            add(remittance, "Ustrd", rest[start : start + _REMITTANCE])
    elif reference:
        add(add(details, "RmtInf"), "Ustrd", reference)

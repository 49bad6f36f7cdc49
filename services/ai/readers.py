"""The kinds of document that extractions know, each with its reader and its checks."""

from __future__ import annotations

from services.ai.documents.bank_statement import BankStatement
from services.ai.documents.invoice import Invoice
from services.ai.documents.receipt import Receipt
from services.ai.documents.trial_balance import TrialBalance
from services.ai.electronic.agreement import agreement
from services.ai.electronic.reading import ElectronicInvoice, read_embedded, read_xml
from services.ai.gates import bank_statement as statement_gates
from services.ai.gates import invoice as invoice_gates
from services.ai.gates import receipt as receipt_gates
from services.ai.gates import trial_balance as balance_gates
from services.ai.kinds import Kind
from services.ai.rules import bank_statement as statement_rules
from services.ai.rules import invoice as invoice_rules
from services.ai.rules import receipt as receipt_rules
from services.ai.rules import trial_balance as balance_rules
from shared.media_types import XML
from shared.operation import InputFile


def _electronic_invoice(file: InputFile, password: str | None) -> ElectronicInvoice | None:
    """Raises what `electronic.reading` raises."""
    if file.media_type == XML.name:
        return read_xml(file.path.read_bytes())
    return read_embedded(file.path, password)


BANK_STATEMENT = Kind(
    "bank_statement", BankStatement, statement_rules.read, statement_gates.check, statement_gates.NEEDED
)
TRIAL_BALANCE = Kind("trial_balance", TrialBalance, balance_rules.read, balance_gates.check, balance_gates.NEEDED)
RECEIPT = Kind("receipt", Receipt, receipt_rules.read, receipt_gates.check, receipt_gates.NEEDED)
INVOICE = Kind(
    "invoice",
    Invoice,
    invoice_rules.read,
    invoice_gates.check,
    invoice_gates.NEEDED,
    electronic=_electronic_invoice,
    agreement=agreement,
)

"""Bind the operations of this service to their engines."""

from __future__ import annotations

from services.ai.analysis.analyze import analyze
from services.ai.contracts.analyze import ANALYZE, AnalyzeOptions
from services.ai.contracts.bank_statement import EXTRACT_BANK_STATEMENT, BankStatementOptions
from services.ai.contracts.invoice import EXTRACT_INVOICE, InvoiceOptions
from services.ai.contracts.own_schema import EXTRACT, OwnSchemaOptions
from services.ai.contracts.receipt import EXTRACT_RECEIPT, ReceiptOptions
from services.ai.contracts.trial_balance import EXTRACT_TRIAL_BALANCE, TrialBalanceOptions
from services.ai.extract import extract
from services.ai.own_schema.reading import extract_by_schema
from services.ai.readers import BANK_STATEMENT, INVOICE, RECEIPT, TRIAL_BALANCE
from services.ai.warm_up import warm_up
from shared.actors import performs
from shared.operation import Result, Task

# This is imported once, in the process that every job's process is a copy of.
warm_up()


@performs(EXTRACT_BANK_STATEMENT)
def extract_bank_statement(task: Task, options: BankStatementOptions) -> Result:
    """Read the bank statements in the one input of the task."""
    return extract(task, options, BANK_STATEMENT)


@performs(EXTRACT_TRIAL_BALANCE)
def extract_trial_balance(task: Task, options: TrialBalanceOptions) -> Result:
    """Read the trial balances in the one input of the task."""
    return extract(task, options, TRIAL_BALANCE)


@performs(EXTRACT_RECEIPT)
def extract_receipt(task: Task, options: ReceiptOptions) -> Result:
    """Read the receipts in the one input of the task."""
    return extract(task, options, RECEIPT)


@performs(EXTRACT_INVOICE)
def extract_invoice(task: Task, options: InvoiceOptions) -> Result:
    """Read the invoices in the one input of the task."""
    return extract(task, options, INVOICE)


@performs(EXTRACT)
def extract_own(task: Task, options: OwnSchemaOptions) -> Result:
    """Read what the caller's schema asks for in the one input of the task."""
    return extract_by_schema(task, options)


@performs(ANALYZE)
def tell_about(task: Task, options: AnalyzeOptions) -> Result:
    """Tell what the one input of the task is and says."""
    return analyze(task, options)

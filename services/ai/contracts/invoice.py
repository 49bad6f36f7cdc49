"""The contract of `extract-invoice`."""

from __future__ import annotations

from services.ai.contracts.extraction import (
    HARD_TIME_LIMIT_S,
    READABLE,
    SOFT_TIME_LIMIT_S,
    TEXT_FIRST,
    WRITTEN,
    ExtractionOptions,
    may_ask_a_model,
)
from services.ai.service import SERVICE
from shared.media_types import XML


class InvoiceOptions(ExtractionOptions):
    """How invoices are read."""


EXTRACT_INVOICE = SERVICE.operation(
    "extract-invoice",
    "Read invoices and credit notes: parties, lines, taxes and totals, checked, with the place of each value.",
    options=InvoiceOptions,
    accepts=(*READABLE, XML),
    produces=WRITTEN,
    preceded_by=(TEXT_FIRST,),
    soft_time_limit_s=SOFT_TIME_LIMIT_S,
    hard_time_limit_s=HARD_TIME_LIMIT_S,
    network=True,
    network_if=may_ask_a_model,
)

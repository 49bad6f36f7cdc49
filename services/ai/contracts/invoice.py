"""The contract of `extract-invoice`."""

from __future__ import annotations

from services.ai.contracts.extraction import READABLE, WRITTEN, ExtractionOptions
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
    network=True,
)

"""The contract of `extract-receipt`."""

from __future__ import annotations

from services.ai.contracts.extraction import READABLE, WRITTEN, ExtractionOptions
from services.ai.service import SERVICE


class ReceiptOptions(ExtractionOptions):
    """How receipts are read."""


EXTRACT_RECEIPT = SERVICE.operation(
    "extract-receipt",
    "Read till receipts: merchant, lines, taxes, total and payment, checked, with the place of each value.",
    options=ReceiptOptions,
    accepts=READABLE,
    produces=WRITTEN,
    network=True,
)

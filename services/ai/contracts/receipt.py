"""The contract of `extract-receipt`."""

from __future__ import annotations

from services.ai.contracts.extraction import WRITTEN, ExtractionOptions, reading


class ReceiptOptions(ExtractionOptions):
    """How receipts are read."""


EXTRACT_RECEIPT = reading(
    "extract-receipt",
    "Read till receipts: merchant, lines, taxes, total and payment, checked, with the place of each value.",
    options=ReceiptOptions,
    produces=WRITTEN,
)

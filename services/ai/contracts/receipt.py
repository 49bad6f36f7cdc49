"""The contract of `extract-receipt`."""

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


class ReceiptOptions(ExtractionOptions):
    """How receipts are read."""


EXTRACT_RECEIPT = SERVICE.operation(
    "extract-receipt",
    "Read till receipts: merchant, lines, taxes, total and payment, checked, with the place of each value.",
    options=ReceiptOptions,
    accepts=READABLE,
    produces=WRITTEN,
    preceded_by=(TEXT_FIRST,),
    soft_time_limit_s=SOFT_TIME_LIMIT_S,
    hard_time_limit_s=HARD_TIME_LIMIT_S,
    network=True,
    network_if=may_ask_a_model,
)

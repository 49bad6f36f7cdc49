"""The contract of `extract-trial-balance`."""

from __future__ import annotations

from services.ai.contracts.extraction import READABLE, WRITTEN, ExtractionOptions
from services.ai.service import SERVICE


class TrialBalanceOptions(ExtractionOptions):
    """How trial balances are read."""


EXTRACT_TRIAL_BALANCE = SERVICE.operation(
    "extract-trial-balance",
    "Read trial balances: every account with its debits and credits, checked, with the place of each value.",
    options=TrialBalanceOptions,
    accepts=READABLE,
    produces=WRITTEN,
    network=True,
)

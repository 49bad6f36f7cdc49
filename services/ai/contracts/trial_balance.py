"""The contract of `extract-trial-balance`."""

from __future__ import annotations

from services.ai.contracts.extraction import WRITTEN, ExtractionOptions, reading


class TrialBalanceOptions(ExtractionOptions):
    """How trial balances are read."""


EXTRACT_TRIAL_BALANCE = reading(
    "extract-trial-balance",
    "Read trial balances: every account with its debits and credits, checked, with the place of each value.",
    options=TrialBalanceOptions,
    produces=WRITTEN,
)

"""The contract of `extract-trial-balance`."""

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


class TrialBalanceOptions(ExtractionOptions):
    """How trial balances are read."""


EXTRACT_TRIAL_BALANCE = SERVICE.operation(
    "extract-trial-balance",
    "Read trial balances: every account with its debits and credits, checked, with the place of each value.",
    options=TrialBalanceOptions,
    accepts=READABLE,
    produces=WRITTEN,
    preceded_by=(TEXT_FIRST,),
    soft_time_limit_s=SOFT_TIME_LIMIT_S,
    hard_time_limit_s=HARD_TIME_LIMIT_S,
    network=True,
    network_if=may_ask_a_model,
)

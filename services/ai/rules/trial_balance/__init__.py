"""Trial balances read by layout: headings, columns, accounts, sums."""

from __future__ import annotations

from services.ai.rules.trial_balance.reading import read

__all__ = ["read"]

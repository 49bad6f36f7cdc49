"""Bank statements read by layout: headings, columns, movements, balances."""

from __future__ import annotations

from services.ai.rules.bank_statement.statements import read

__all__ = ["read"]

"""Till receipts read by layout and arithmetic."""

from __future__ import annotations

from services.ai.rules.receipt.reading import read

__all__ = ["read"]

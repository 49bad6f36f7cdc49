"""Invoices read by layout and arithmetic."""

from __future__ import annotations

from services.ai.rules.invoice.reading import read

__all__ = ["read"]

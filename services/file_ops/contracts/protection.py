"""Contracts. Locks and dangers: protect, unlock, sanitize, redact, repair, linearize."""

from __future__ import annotations

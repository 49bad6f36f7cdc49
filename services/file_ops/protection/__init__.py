"""Locks and dangers: protect, unlock, sanitize, redact, repair, linearize."""

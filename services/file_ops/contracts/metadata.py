"""Contracts. What a file says of itself and carries along: metadata, outline, attachments."""

from __future__ import annotations

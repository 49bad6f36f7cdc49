"""Contracts. What differs between two documents."""

from __future__ import annotations

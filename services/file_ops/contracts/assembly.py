"""Contracts. Joining files and taking them apart: merge, split."""

from __future__ import annotations

"""Contracts. Forms: read, fill in, flatten."""

from __future__ import annotations

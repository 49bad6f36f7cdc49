"""Bind these operations to their engines."""

from __future__ import annotations

"""Contracts. What is put over or under pages: watermarks, stamps, page numbers."""

from __future__ import annotations

"""Entries that pages and form fields take from the nodes above them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pikepdf import Dictionary

#: Trees of real documents are flatter; a damaged one may be a circle.
DEEPEST = 100


def upwards(node: Any) -> Iterator[Any]:
    """A page or field and every node above it, the nearest first."""
    for _ in range(DEEPEST):
        if not isinstance(node, Dictionary):
            return
        yield node
        node = node.get("/Parent")


def inherited(node: Any, key: str) -> Any:
    """The value that a page or field has itself or from the nearest node above it, or None."""
    return next((each[key] for each in upwards(node) if key in each), None)

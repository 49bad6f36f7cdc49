"""What the columns of a table hold whose heading does not say it, or that has no heading: found by arithmetic."""

from __future__ import annotations

from collections.abc import Sequence

from services.ai.layout.amounts import Notation
from services.ai.layout.rows import TextRow
from services.ai.layout.tables import Fragment


def settle_roles(rows: Sequence[TextRow], found: list[Fragment], notation: Notation, *, bare: bool) -> list[Fragment]:
    """Name the columns that have no name."""
    del rows, notation, bare
    return found

"""Sizes of sheets of paper."""

from __future__ import annotations

from services.conversion.contracts.convert import PageSize

#: Width and height in points. What has no size of its own becomes A4 where a size to fit was asked for.
PAPER_POINTS = {PageSize.FIT: (595.28, 841.89), PageSize.A4: (595.28, 841.89), PageSize.LETTER: (612.0, 792.0)}

"""Whether values stand in one row of a page: a sum would hold had the figures of two lines been exchanged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.ai.figures.value import Value

#: Of the height of the lower one, two places in one row share so much: lines that are set close overlap a little.
_SHARED = 0.5


def stands_beside(value: Value[Any], others: Iterable[Value[Any] | None]) -> bool:
    """Whether a value stands in the same row as one of others; never true of values without a place."""
    return any(
        one.page == place.page and _overlap(one.box, place.box) > _SHARED
        for other in others
        if other is not None
        for place in other.evidence
        for one in value.evidence
    )


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """What two boxes share of their height, as a share of the lower one's."""
    lower = min(one[3] - one[1], other[3] - other[1])
    return (min(one[3], other[3]) - max(one[1], other[1])) / lower if lower > 0 else 0.0

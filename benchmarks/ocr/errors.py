"""Character and word error rates, and one that does not depend on the order of reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np


def edits(true: Sequence[object], found: Sequence[object]) -> int:
    """Levenshtein distance, a row at a time."""
    codes: dict[object, int] = {}
    one = np.array([codes.setdefault(item, len(codes)) for item in true], np.int64)
    other = np.array([codes.setdefault(item, len(codes)) for item in found], np.int64)
    steps = np.arange(len(other) + 1)
    row = steps.copy()
    for number, item in enumerate(one, start=1):
        best = np.minimum(row[1:] + 1, row[:-1] + (other != item))
        # Insertions run along the row: the least of what lies to the left plus its distance.
        row = np.minimum.accumulate(np.concatenate([[number], best]) - steps) + steps
    return int(row[-1])


def missed_words(true: str, found: str) -> int:
    """Words of the true text that were not found, whatever the order, as often as they stand there."""
    return sum((Counter(true.split()) - Counter(found.split())).values())

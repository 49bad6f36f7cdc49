"""Runs of pages that are as long as a limit of bytes allows."""

from __future__ import annotations

from collections.abc import Callable

from services.file_ops.assembly.cut_points import Cut
from shared.operation import Report

#: Runs that are tried for one part; after that the longest that fitted is taken.
_TRIES = 8


def fit_into(
    limit_bytes: int, pages: int, page_bytes: float, weigh: Callable[[Cut], int], *, report: Report
) -> list[Cut]:
    """Cut `pages` pages into runs of at most `limit_bytes` each, as long as can be found by weighing them.

    `page_bytes` is the first guess of what a page weighs; `weigh` returns the bytes of a part. A page that is larger
    than the limit by itself is a part of its own.
    """
    cuts: list[Cut] = []
    start = 0
    while start < pages:
        report(start, pages, "Looking for parts that fit")
        fits, too_many = 1, pages - start + 1
        guess = max(1, min(int(limit_bytes / page_bytes), pages - start))
        for _ in range(_TRIES):
            weight_bytes = weigh(Cut(list(range(start, start + guess))))
            page_bytes = max(weight_bytes / guess, 1)
            if weight_bytes > limit_bytes:
                too_many = guess
            else:
                fits = guess
            if too_many - fits <= 1:
                break
            # Shared fonts make the first pages dear and the next cheap: go by what the last try weighed.
            guess = min(max(int(limit_bytes / page_bytes), fits + 1), too_many - 1)
        cuts.append(Cut(list(range(start, start + fits))))
        start += fits
    return cuts

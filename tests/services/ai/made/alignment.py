"""Puts two lists side by side so that as much as possible of them agrees, keeping their orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def aligned(
    ones: Sequence[A], others: Sequence[B], likeness: Callable[[A, B], int]
) -> Iterator[tuple[A | None, B | None]]:
    """Pairs of both lists in their order; what has no counterpart stands beside None (Needleman and Wunsch 1970).

    A pair needs a likeness above 0.
    """
    rows, columns = len(ones), len(others)
    if rows == columns and all(likeness(one, other) > 0 for one, other in zip(ones, others, strict=True)) and rows > 60:
        # A long list of which nothing was lost: looking for something better takes the square of its length.
        yield from zip(ones, others, strict=True)
        return
    like = [[likeness(one, other) for other in others] for one in ones]
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            score = like[row][column]
            paired = best[row + 1][column + 1] + score if score else -1
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    row = column = 0
    while row < rows or column < columns:
        if row < rows and column < columns:
            score = like[row][column]
            if score and best[row][column] == best[row + 1][column + 1] + score:
                yield ones[row], others[column]
                row, column = row + 1, column + 1
                continue
            if best[row][column] == best[row + 1][column]:
                yield ones[row], None
                row += 1
                continue
            yield None, others[column]
            column += 1
        elif row < rows:
            yield ones[row], None
            row += 1
        else:
            yield None, others[column]
            column += 1

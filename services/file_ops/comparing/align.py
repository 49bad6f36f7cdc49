"""Finds which page of one document is which page of the other, when pages were put in or taken out."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher

from services.file_ops.comparing.read_pages import PageFacts

#: Two pages that have less than this in common are two different pages.
_SAME_PAGE = 0.35
#: Stretches of changed pages are matched by trying all pairs up to this many; longer ones page by page.
_MOST_PAIRS = 40_000

#: Page of the first and of the second document, from 0; None where there is none.
Pair = tuple[int | None, int | None]


def align(first: list[PageFacts], second: list[PageFacts]) -> list[Pair]:
    """Pair the pages of two documents in order. Equal pages are anchors; between them the most similar ones meet."""
    left, right = [_key(page) for page in first], [_key(page) for page in second]
    pairs: list[Pair] = []
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            pairs += zip(range(a0, a1), range(b0, b1), strict=True)
        else:
            pairs += _aligned_stretch(first, second, range(a0, a1), range(b0, b1))
    return pairs


def _key(page: PageFacts) -> tuple[object, ...]:
    return (*(word.text for word in page.words), page.thumbnail)


def _aligned_stretch(first: list[PageFacts], second: list[PageFacts], left: range, right: range) -> list[Pair]:
    if len(left) * len(right) > _MOST_PAIRS:
        common = min(len(left), len(right))
        paired: list[Pair] = list(zip(left[:common], right[:common], strict=True))
        return [*paired, *((page, None) for page in left[common:]), *((None, page) for page in right[common:])]
    if len(left) == len(right) == 1:
        return [(left[0], right[0])]
    # Needleman and Wunsch 1970: the best sum of similarities over all ways to pair in order; gaps cost nothing.
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    alike = [[similarity(first[a], second[b]) for b in right] for a in left]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            paired_here = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= _SAME_PAGE else 0.0
            best[i][j] = max(paired_here, best[i + 1][j], best[i][j + 1])
    pairs: list[Pair] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if alike[i][j] >= _SAME_PAGE and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((left[i], right[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((left[i], None))
            i += 1
        else:
            pairs.append((None, right[j]))
            j += 1
    return [*pairs, *((page, None) for page in left[i:]), *((None, page) for page in right[j:])]


def similarity(first: PageFacts, second: PageFacts) -> float:
    """What two pages have in common, 0 to 1: Dice's coefficient of their words, or the likeness of small pictures."""
    if first.words and second.words:
        a, b = (Counter(word.text.casefold() for word in page.words) for page in (first, second))
        return 2 * (a & b).total() / (a.total() + b.total())
    if first.words or second.words or len(first.thumbnail) != len(second.thumbnail) or not first.thumbnail:
        return 0.0
    same = sum(abs(x - y) <= 1 for x, y in zip(first.thumbnail, second.thumbnail, strict=True))
    return same / len(first.thumbnail)

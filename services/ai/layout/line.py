"""The words of a row as one text in which patterns can be sought, and back from the text to the words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from shared.pdf.lines import GAP_HEIGHTS
from shared.pdf.words import Word


class Line:
    """Words joined by a space, or by a tab where the gap is as wide as between columns."""

    __slots__ = ("_starts", "text", "words")

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        parts: list[str] = []
        self._starts: list[int] = []
        length = 0
        for index, word in enumerate(words):
            if index:
                before = words[index - 1]
                height = max(word.bottom - word.top, before.bottom - before.top)
                parts.append("\t" if word.left - before.right > GAP_HEIGHTS * height else " ")
                length += 1
            self._starts.append(length)
            parts.append(word.text)
            length += len(word.text)
        self.text = "".join(parts)

    def words_at(self, start: int, end: int) -> list[Word]:
        """The words that a stretch of the text touches."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        return list(self.words[first : bisect_right(self._starts, max(end - 1, start))])

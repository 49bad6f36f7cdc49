"""Long documents in pieces that fit the model, each with some rows around it, so that nothing is torn apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.ai.model.page_text import Rows, tokens_of, whole
from services.ai.reading.document import Document

#: Rows before a piece that are sent with it, and rows of the first page, which names parties and columns.
_OVERLAP_ROWS, _HEADING_ROWS = 8, 15
#: Rows behind a piece: where its last entry goes on.
_FOLLOWING_ROWS = 4
#: Pictures in one request; servers refuse more, or take very long.
MOST_PICTURES = 6
#: A piece that small is not cut any further.
_LEAST_ROWS = 6


@dataclass(frozen=True)
class Chunk:
    """Rows that are asked for in one request, and rows that only explain them."""

    parts: tuple[Rows, ...]
    context: tuple[Rows, ...] = ()
    following: Rows | None = None

    @property
    def rows(self) -> int:
        """How many rows are asked for."""
        return sum(map(len, self.parts))

    @property
    def pages(self) -> list[int]:
        """Numbers of its pages."""
        return sorted({part.page.number for part in self.parts})


def chunks_of(document: Document, most_tokens: int, *, pictures: bool = False) -> list[Chunk]:
    """The document in pieces of about `most_tokens`; whole pages where these fit.

    With `pictures` a piece has no more pages than can be shown, and pages without text belong to it too.
    """
    cutter = _Cutter(most_tokens, pictures)
    for rows in whole(document):
        cutter.add(rows)
    return _with_context([tuple(piece) for piece in cutter.pieces if piece])


class _Cutter:
    """Fills one piece after the other."""

    def __init__(self, most_tokens: int, pictures: bool) -> None:
        self.pieces: list[list[Rows]] = [[]]
        self._most_tokens = most_tokens
        self._pictures = pictures
        self._used = 0

    def add(self, rows: Rows) -> None:
        """Add a page, cut where it is longer than a piece."""
        costs = [tokens_of(rows.page, index) for index in range(rows.first, rows.end)]
        is_full = self._used + sum(costs) > self._most_tokens
        if self.pieces[-1] and (is_full or (self._pictures and len(self.pieces[-1]) >= MOST_PICTURES)):
            self._begin()
        first = 0
        for index, cost in enumerate(costs):
            if self._used + cost > self._most_tokens and index > first:
                self.pieces[-1].append(Rows(rows.page, first, index))
                self._begin()
                first = index
            self._used += cost
        if len(costs) > first or (self._pictures and not costs):
            self.pieces[-1].append(Rows(rows.page, first, len(costs)))

    def _begin(self) -> None:
        self.pieces.append([])
        self._used = 0


def halves(chunk: Chunk) -> list[Chunk]:
    """A piece as two; empty when it is too small for that."""
    if chunk.rows < 2 * _LEAST_ROWS:
        return []
    wanted = chunk.rows // 2
    left: list[Rows] = []
    right: list[Rows] = []
    for part in chunk.parts:
        taken = min(len(part), max(0, wanted - sum(map(len, left))))
        if taken:
            left.append(Rows(part.page, part.first, part.first + taken))
        if taken < len(part):
            right.append(Rows(part.page, part.first + taken, part.end))
    first, second = _with_context([tuple(left), tuple(right)])
    return [
        Chunk(first.parts, chunk.context, first.following),
        Chunk(second.parts, (*chunk.context[:1], *second.context[-1:]), chunk.following),
    ]


def _with_context(pieces: Sequence[tuple[Rows, ...]]) -> list[Chunk]:
    found: list[Chunk] = []
    for number, parts in enumerate(pieces):
        context: tuple[Rows, ...] = ()
        if number:
            opening, before = pieces[0][0], pieces[number - 1][-1]
            heading = Rows(opening.page, opening.first, min(opening.end, opening.first + _HEADING_ROWS))
            overlap = Rows(before.page, max(before.first, before.end - _OVERLAP_ROWS), before.end)
            inside = heading.page is overlap.page and overlap.end <= heading.end
            context = (heading,) if inside else (heading, overlap)
        following = None
        if number + 1 < len(pieces):
            after = pieces[number + 1][0]
            following = Rows(after.page, after.first, min(after.end, after.first + _FOLLOWING_ROWS))
        found.append(Chunk(parts, context, following))
    return found

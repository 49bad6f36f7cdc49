"""Labels and their values outside of tables: beside each other, or the value under its label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.ai.layout.figures import Printed
from services.ai.layout.rows import TextRow
from services.ai.layout.vocabulary import Match, Vocabulary, tokens_of
from shared.pdf.words import Word

#: A value stands no further under its label, in heights.
_UNDER_HEIGHTS = 3.2
#: And no more rows.
_UNDER_ROWS = 2


@dataclass(eq=False)
class Pair:
    """A label, and the words that may be its value."""

    meanings: frozenset[str]
    label: list[Word]
    row: TextRow
    #: Behind the label in its row, up to the next one.
    beside: list[Word]
    #: In the rows below, between the left edge of the label and that of the next.
    below: list[tuple[TextRow, list[Word]]]
    #: Of a row of labels only: the figure that has the same place in the row of figures below.
    same_place: tuple[TextRow, Printed] | None = None

    def figure(self, *, bare: bool) -> tuple[TextRow, Printed] | None:
        """The first figure beside the label, else below it."""
        if self.same_place is not None:
            return self.same_place
        for row, words in ((self.row, self.beside), *self.below):
            inside = {id(word) for word in words}
            found = [
                printed
                for printed in row.figures
                if (bare or not printed.bare)
                and not printed.percent
                and any(id(word) in inside for word in printed.words)
            ]
            if found:
                return row, found[0]
            if row is self.row and any(
                token.isalpha() and len(token) > 4 for word in words for token in tokens_of(word.text)
            ):
                return None
        return None


def pairs_in(rows: Sequence[TextRow], vocabulary: Vocabulary) -> Iterator[Pair]:
    """All labels in rows that stand below each other."""
    matches = [vocabulary.matches(row.words) for row in rows]
    for number, row in enumerate(rows):
        for position, match in enumerate(matches[number]):
            after = matches[number][position + 1] if position + 1 < len(matches[number]) else None
            beside = row.words[match.end : after.first if after else len(row.words)]
            same_place = None
            if _is_heading(row, matches[number]):
                beside = []
                same_place = _same_place(rows, number, matches[number], position)
            yield Pair(
                match.meanings,
                row.words[match.first : match.end],
                row,
                beside,
                list(_below(rows, number, match, _next_run(row, match))),
                same_place,
            )


def _is_heading(row: TextRow, matches: Sequence[Match]) -> bool:
    """Whether a row has several labels and no values: these stand below."""
    starts = {id(run[0]) for run in row.runs}
    leading = sum(id(row.words[match.first]) in starts for match in matches)
    return (
        (leading > 1 or _is_sentence(row, matches))
        and not any(letter.isdigit() for word in row.words for letter in word.text)
        and ":" not in row.text
    )


def _is_sentence(row: TextRow, matches: Sequence[Match]) -> bool:
    """Whether a row is nothing but labels with signs between them: "Opening balance + credits = closing balance"."""
    known = sum(match.end - match.first for match in matches)
    return len(matches) > 1 and known == sum(bool(tokens_of(word.text)) for word in row.words)


def _same_place(
    rows: Sequence[TextRow], number: int, matches: Sequence[Match], position: int
) -> tuple[TextRow, Printed] | None:
    """The figure below a row of as many labels, in the place of one of them."""
    row, match = rows[number], matches[position]
    place = next((index for index, run in enumerate(row.runs) if row.words[match.first] in run), None)
    for other in rows[number + 1 : number + 1 + _UNDER_ROWS]:
        near = other.page is row.page and other.top - row.bottom <= _UNDER_HEIGHTS * row.height
        if near and place is not None and len(other.figures) == len(row.runs) > 1:
            return other, other.figures[place]
        if near and len(other.figures) == len(matches) and _is_sentence(row, matches):
            return other, other.figures[position]
    return None


def _next_run(row: TextRow, match: Match) -> float:
    """Where the next run of a row begins behind a label."""
    last = row.words[match.end - 1]
    for run in row.runs:
        if run[0].left > last.right:
            return run[0].left
    return float("inf")


def _below(rows: Sequence[TextRow], number: int, match: Match, limit: float) -> Iterator[tuple[TextRow, list[Word]]]:
    """Words under a label: from its left edge on, or up to its right one where they are flush with that."""
    row = rows[number]
    head, tail = row.words[match.first], row.words[match.end - 1]
    left = head.left - row.height
    for other in rows[number + 1 : number + 1 + _UNDER_ROWS]:
        if other.page is not row.page or other.top - row.bottom > _UNDER_HEIGHTS * row.height:
            return
        words = [word for word in other.words if left <= word.left and word.left < limit - 1.0]
        if words and words[0].left < max(tail.right, left + 4 * row.height):
            yield other, words
            continue
        flush = next(
            (run for run in other.runs if abs(run[-1].right - tail.right) < row.height and run[0].left < tail.right),
            None,
        )
        if flush is not None:
            yield other, flush

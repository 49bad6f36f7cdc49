"""Values beside, behind and below their labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from services.ai.layout.labels import Label, label_at, plain
from services.ai.layout.sheet import Sheet, SheetRow
from shared.pdf.lines import Run
from shared.pdf.words import Word

T = TypeVar("T")

#: A value stands no further below its label, in heights of a line, from edge to edge.
_BELOW_HEIGHTS = 1.6
#: And begins or ends no further beside it, in points.
_BESIDE_POINTS = 12.0
#: To the right it may stand further off, in points, but not on the other half of a page.
_RIGHT_POINTS = 230.0
_MAX_BELOW_ROWS = 3
#: Between the label at one edge of a box and the end of the value at the other.
_BOX_POINTS = 90.0
INVOICE_STEM = re.compile(
    r"rechnung|invoice|factur|fattur|faktur|fatura|gutschrift|avoir|credit (?:note|memo)|nota |creditnota|kreditnota"
    r"|lasku|szamla"
)
#: Marks that part a label from what goes before in its line.
_PARTING = ("|", ";", ",", "\u00b7", "\u2022", "-", "\u2013", "/", "(")
_COLON = (":", "\uff1a")


@dataclass(frozen=True, slots=True)
class Hit:
    """A label on the page."""

    label: Label
    row: SheetRow
    run: Run
    #: Indexes of its words in its run: first, and behind the last.
    first: int
    end: int

    @property
    def words(self) -> list[Word]:
        """The words of the label."""
        return self.run.words[self.first : self.end]

    @property
    def colon(self) -> bool:
        """Whether it ends with a colon, or one stands behind it."""
        behind = self.run.words[self.end].text if self.end < len(self.run.words) else ""
        return self.words[-1].text.endswith(_COLON) or behind in _COLON


@dataclass(frozen=True, slots=True)
class Place:
    """Words that may be the value of a label: `how` is behind, right or below."""

    how: str
    row: SheetRow
    words: Sequence[Word]


class Hits(list[Hit]):
    """Labels of a document, or some of them; `words` are those of all."""

    def __init__(self, hits: Iterable[Hit], words: frozenset[int] | None = None) -> None:
        super().__init__(hits)
        #: By their ids.
        self.words = frozenset(id(word) for hit in self for word in hit.words) if words is None else words

    def where(self, chosen: Callable[[Hit], bool]) -> Hits:
        """Some of them, among the words of all."""
        return Hits(filter(chosen, self), self.words)


def hits_of(rows: Iterable[SheetRow]) -> Hits:
    """Labels at the beginnings of runs, and within them where a colon says that they are labels."""
    return Hits(hit for row in rows for run in row.runs for hit in _in_run(row, run))


def _in_run(row: SheetRow, run: Run) -> Iterator[Hit]:
    index = 0
    while index < len(run.words):
        label = label_at(run.words, index) if index < 40 else None
        if label is None:
            index += 1
            continue
        hit = Hit(label, row, run, index, index + label.count)
        before = run.words[index - 1].text if index else ""
        named = "bare_number" in label.fields and names_invoice(run.words[:index])
        if (
            index == 0
            or named
            or hit.colon
            or before.endswith(("|", ";", ",", "\u00b7", "\u2022", "-", "\u2013", "/", "("))
        ):
            yield hit
        index += label.count


def names_invoice(words: Sequence[Word]) -> bool:
    """Whether words before a plain `No.` are the name of an invoice."""
    text = plain(" ".join(word.text for word in words[-5:]))
    return len(words) <= 6 and INVOICE_STEM.search(text) is not None


def places(sheet: Sheet, hits: Hits, hit: Hit) -> Iterator[Place]:
    """Where the value of a label may stand, likeliest first; never where another label stands."""
    labels = hits.words
    rest = hit.run.words[hit.end :]
    while rest and not any(letter.isalnum() for letter in rest[0].text):
        rest = rest[1:]
    cut = next((index for index, word in enumerate(rest) if id(word) in labels), len(rest))
    if rest[:cut]:
        yield Place("behind", hit.row, rest[:cut])
        return
    right = next((run for run in hit.row.runs if run.left > hit.run.right - 1.0), None)
    in_heads = right is not None and id(right.words[0]) in labels
    if right is not None and not in_heads and right.left - hit.run.right < _RIGHT_POINTS:
        yield Place("right", hit.row, _until_label(right.words, labels))
    yield from _below(sheet, hit, labels)


def _below(sheet: Sheet, hit: Hit, labels: frozenset[int]) -> Iterator[Place]:
    left, right = hit.words[0].left, hit.words[-1].right
    bottom = hit.row.bottom
    behind = min((run.left for run in hit.row.runs if run.left > hit.run.right), default=right + _BOX_POINTS)
    for row in sheet.rows[hit.row.index + 1 : hit.row.index + 1 + _MAX_BELOW_ROWS]:
        if row.page is not hit.row.page or row.top - bottom > _BELOW_HEIGHTS * max(hit.row.height, row.height):
            return
        for run in row.runs:
            lined = min(abs(run.left - left), abs(run.right - right)) < _BESIDE_POINTS
            in_box = left - 5.0 <= run.left and run.right <= min(behind, right + _BOX_POINTS)
            if (lined or in_box or (run.left < right and left < run.right)) and id(run.words[0]) not in labels:
                yield Place("below", row, _until_label(run.words, labels))
                return


def _until_label(words: Sequence[Word], labels: frozenset[int]) -> Sequence[Word]:
    cut = next((index for index, word in enumerate(words) if id(word) in labels), len(words))
    return words[:cut]


def first_value(sheet: Sheet, hits: Hits, hit: Hit, taken: Callable[[Place], T | None]) -> tuple[Place, T] | None:
    """The first place of a label whose words can be taken for a value, and that value."""
    for place in places(sheet, hits, hit):
        value = taken(place)
        if value is not None:
            return place, value
    return None

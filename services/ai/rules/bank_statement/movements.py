"""Rows of a table put together to movements, whatever line of them the amount and the date stand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from services.ai.layout.columns import FigureColumn
from services.ai.layout.dates import PrintedDate
from services.ai.layout.figures import Printed
from services.ai.layout.rows import TextRow
from services.ai.layout.sides import Side
from services.ai.layout.tables import Cells

#: Lines of one movement stand no further apart, in heights.
_LEADING = 2.3
#: A row is nearer to one neighbour than to the other when its gap is so much smaller.
_NEARER = 0.85


class Kind(Enum):
    """What a row of a table is to its movements."""

    #: Has an amount.
    ANCHOR = "anchor"
    #: Text, a date or a balance that belongs to a movement.
    TEXT = "text"
    #: A date that those below share.
    DAY = "day"
    #: A balance, a total, a title: ends a movement.
    LINE = "line"
    #: A balance carried over to the next page: a movement may go on behind it.
    CARRIED = "carried"
    #: No part of the table.
    OUTSIDE = "outside"


@dataclass(eq=False)
class Entry:
    """One row with its kind."""

    kind: Kind
    cells: Cells
    #: The first row under a heading or a carried balance: may go on with what the page before ended with.
    tops: bool = False

    @property
    def row(self) -> TextRow:
        """The row of the page."""
        return self.cells.row


@dataclass(eq=False)
class Draft:
    """A movement as printed."""

    entries: list[Cells]
    column: FigureColumn
    amount: Printed
    #: The page of the amount, and of the balance.
    anchor: TextRow
    balance: Printed | None = None
    balance_row: TextRow | None = None
    dates: list[tuple[str, PrintedDate, TextRow]] = field(default_factory=list)
    #: Of a title over its part of the table.
    section: Side | None = None
    index: int = 0
    #: The columns whose words describe it.
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Style:
    """How the movements of a document are laid out."""

    #: The amount stands in the last line of a movement, not in the first.
    last: bool = False
    #: Lines above the amount belong to it as well as lines below.
    centred: bool = False
    #: A second date below the first is the day of the value.
    stacked: bool = False


def style_of(groups: Sequence[Sequence[Entry]], *, stacked: bool) -> Style:
    """The layout of all tables of a document."""
    dated = undated = day_rows = anchors = 0
    above = below = 0
    for entries in groups:
        for entry in entries:
            if entry.kind is Kind.ANCHOR:
                anchors += 1
                dated += bool(entry.cells.dates)
            elif entry.kind is Kind.TEXT and entry.cells.dates:
                undated += bool(entry.cells.words("description", "kind"))
                day_rows += 1
        for one, middle, other in zip(entries, entries[1:], entries[2:], strict=False):
            if middle.kind is Kind.TEXT and not middle.cells.dates and other.kind is Kind.ANCHOR:
                up, down = _gap(one.row, middle.row), _gap(middle.row, other.row)
                above += down < _NEARER * up
                below += up < _NEARER * down
    stacked = stacked or (anchors > 1 and dated >= 0.8 * anchors and 0.5 * anchors < day_rows <= anchors)
    if not stacked and undated > 0.25 * (dated + undated) and undated > 1:
        return Style(last=True)
    return Style(centred=above >= 2 and above > 3 * below, stacked=stacked)


def drafts_of(entries: Sequence[Entry], style: Style) -> tuple[list[list[Cells]], list[Cells]]:
    """Rows grouped to movements; what belongs to none comes second.

    The first group may lack an amount: it goes on from the page before.
    """
    groups: list[list[Cells]] = []
    rest: list[Cells] = []
    spans = _spans(entries)
    for span in spans:
        anchors = [number for number, entry in enumerate(span) if entry.kind is Kind.ANCHOR]
        if not anchors:
            rest.extend(entry.cells for entry in span)
            continue
        found, left = _by_last(span, anchors) if style.last else _by_first(span, anchors, style)
        groups.extend(found)
        rest.extend(left)
    return groups, rest


def _spans(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Stretches of anchors and text that no line interrupts."""
    spans: list[list[Entry]] = [[]]
    for entry in entries:
        if entry.kind in (Kind.ANCHOR, Kind.TEXT):
            spans[-1].append(entry)
        elif entry.kind in (Kind.LINE, Kind.DAY) and spans[-1]:
            spans.append([])
    return [span for span in spans if span]


def _by_first(span: Sequence[Entry], anchors: list[int], style: Style) -> tuple[list[list[Cells]], list[Cells]]:
    """Text belongs to the amount above it; where lines are centred on the amount, to the nearer one."""
    cuts = []
    for one, other in pairwise(anchors):
        cuts.append(_widest(span, one, other) if style.centred else other)
    first = 0 if style.centred else anchors[0]
    bounds = [first, *cuts, len(span)]
    groups, rest = [], [entry.cells for entry in span[:first]]
    for number, (start, end) in enumerate(pairwise(bounds)):
        kept, left = _close(span[start:end], anchors[number] - start)
        groups.append(kept)
        rest.extend(left)
    return groups, rest


def _by_last(span: Sequence[Entry], anchors: list[int]) -> tuple[list[list[Cells]], list[Cells]]:
    """Text belongs to the amount below it."""
    groups, rest = [], []
    start = 0
    for anchor in anchors:
        block = span[start : anchor + 1]
        kept, left = _close(block, len(block) - 1)
        groups.append(kept)
        rest.extend(left)
        start = anchor + 1
    rest.extend(entry.cells for entry in span[start:])
    return groups, rest


def _widest(span: Sequence[Entry], one: int, other: int) -> int:
    """Where the widest gap between two anchors is: the index behind it."""
    gaps = [(_gap(span[number].row, span[number + 1].row), -number) for number in range(one, other)]
    return 1 - max(gaps)[1]


def _close(block: Sequence[Entry], anchor: int) -> tuple[list[Cells], list[Cells]]:
    """The rows that stand close to an anchor or to one another on the way to it."""
    low = high = anchor
    while low > 0 and _is_near(block[low - 1], block[low]):
        low -= 1
    while high + 1 < len(block) and _is_near(block[high], block[high + 1]):
        high += 1
    rest = [entry.cells for entry in (*block[:low], *block[high + 1 :])]
    return [entry.cells for entry in block[low : high + 1]], rest


def _is_near(one: Entry, other: Entry) -> bool:
    if one.row.page is not other.row.page:
        return other.tops
    return _gap(one.row, other.row) <= _LEADING * max(one.row.height, other.row.height)


def _gap(one: TextRow, other: TextRow) -> float:
    """From line to line in points; a page break is far."""
    return other.middle - one.middle if one.page is other.page else 1e6

"""Lists of movements without any heading: found by dates and figures that stand below each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from services.ai.layout.columns import FigureColumn, column_at, figure_columns
from services.ai.layout.dates import PrintedDate
from services.ai.layout.headings import HeadCell, Heading
from services.ai.layout.rows import TextRow, height_of
from services.ai.layout.tables import Fragment
from services.ai.rules.bank_statement.labels import line_label

#: Fewer rows with a figure in one column are no list.
_MIN_ROWS = 2
#: Money stands right of this share of the page's text.
_RIGHT = 0.35
#: Dates of one column begin within so many heights of each other.
_ALIGNED_HEIGHTS = 0.6
#: A column of dates has one in so large a share of the rows with figures.
_DATED = 0.5
#: Rows of a list stand no further apart, in heights.
_LEADING = 4.5


def headless_fragments(rows: Sequence[TextRow], *, bare: bool) -> list[Fragment]:
    """The list of a document as tables under headings that are made up; none where no dates go with the figures."""
    height = height_of(rows)
    edge = max((word.right for row in rows for word in row.words), default=0.0)
    columns = [column for column in figure_columns(rows, height, bare=bare) if column.right > _RIGHT * edge]
    most = max((column.count for column in columns), default=0)
    often = [index for index, column in enumerate(columns) if column.count >= _MIN_ROWS and 4 * column.count >= most]
    if not often:
        return []
    # A column that is seldom filled, as that of credits, stands between others.
    columns = [column for index, column in enumerate(columns) if index in often or often[0] < index < often[-1]][-3:]
    anchors = [
        index
        for index, row in enumerate(rows)
        if not line_label(row) and any(column_at(columns, printed, height) for printed in row.figures)
    ]
    heads = _date_heads(rows, anchors, height)
    if len(anchors) < _MIN_ROWS or not (heads or _days_around(rows, anchors)):
        return []
    cells = [*heads, _text_head(rows, anchors, heads, columns)]
    return [_fragment(rows, first, end, cells, columns, height, bare=bare) for first, end in _stretches(rows, anchors)]


def _date_heads(rows: Sequence[TextRow], anchors: Sequence[int], height: float) -> list[HeadCell]:
    """Columns of dates among the rows with figures; the second is that of the value."""
    starts: Counter[int] = Counter()
    step = max(height * _ALIGNED_HEIGHTS, 1.0)
    for index in anchors:
        starts.update({round(found.left / step) for found in rows[index].dates if _is_whole(found)})
    spots = sorted(spot for spot, count in starts.items() if count + starts[spot + 1] >= _DATED * len(anchors))
    heads: list[HeadCell] = []
    for spot in spots:
        inside = [
            found
            for index in anchors
            for found in rows[index].dates
            if _is_whole(found) and abs(found.left - spot * step) <= 1.5 * step
        ]
        left, right = min(found.left for found in inside), max(found.right for found in inside)
        if heads and left < heads[-1].right:
            continue
        meaning = "value_date" if heads else "date"
        heads.append(HeadCell(frozenset({meaning}), left, right, list(inside[0].words)))
    return heads[:2]


def _is_whole(found: PrintedDate) -> bool:
    return not found.doubtful or found.year is not None or "." in found.text


def _days_around(rows: Sequence[TextRow], anchors: Sequence[int]) -> bool:
    """Whether rows with dates go with the rows with figures."""
    dated = sum(
        bool(rows[index].dates) for index in range(anchors[0] - 1 if anchors[0] else 0, min(anchors[-1] + 3, len(rows)))
    )
    return 5 * dated >= len(anchors)


def _text_head(
    rows: Sequence[TextRow], anchors: Sequence[int], heads: Sequence[HeadCell], columns: Sequence[FigureColumn]
) -> HeadCell:
    """Where the text of the list begins: behind its dates, left of its figures."""
    after = heads[-1].right if heads else 0.0
    lefts: Counter[int] = Counter()
    words = {}
    for index in anchors:
        row = rows[index]
        taken = {id(word) for printed in row.figures for word in printed.words}
        first = next((word for word in row.words if word.left > after and id(word) not in taken), None)
        if first is not None:
            lefts[round(first.left)] += 1
            words[round(first.left)] = first
    if not lefts:
        edge = rows[anchors[0]].words[0]
        return HeadCell(frozenset({"description"}), after + 1.0, max(columns[0].left, after + 2.0), [edge])
    spot = min(place for place, count in lefts.items() if 4 * count >= lefts.most_common(1)[0][1])
    return HeadCell(frozenset({"description"}), words[spot].left, columns[0].left, [words[spot]])


def _stretches(rows: Sequence[TextRow], anchors: Sequence[int]) -> list[tuple[int, int]]:
    """From the first to the last row of the list on each page, with rows near to these."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(anchors):
        last = at
        while last + 1 < len(anchors) and rows[anchors[last + 1]].page is rows[anchors[at]].page:
            last += 1
        first, end = anchors[at], anchors[last] + 1
        while first > 0 and (not found or first > found[-1][1]) and _near(rows[first - 1], rows[first]):
            first -= 1
        while end < len(rows) and _near(rows[end - 1], rows[end]):
            end += 1
        found.append((first, end))
        at = last + 1
    return found


def _near(one: TextRow, other: TextRow) -> bool:
    return one.page is other.page and other.middle - one.middle <= _LEADING * max(one.height, other.height)


def _fragment(
    rows: Sequence[TextRow],
    first: int,
    end: int,
    cells: list[HeadCell],
    columns: list[FigureColumn],
    height: float,
    *,
    bare: bool,
) -> Fragment:
    copies = [HeadCell(cell.meanings, cell.left, cell.right, cell.words) for cell in cells]
    fragment = Fragment(Heading(copies, first, first), columns, list(rows[first:end]), first, height, bare)
    fragment.find_starts()
    return fragment

"""Tables whose cells are drawn: rules that cross each other make a grid, missing rules make cells that span."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from services.conversion.text.drawings import Drawings, Rule
from services.conversion.text.tables import Cell, Table
from shared.pdf.words import Word

#: Rules so near to each other are one, and rules that miss each other by so much still meet. Points.
_SNAP_POINTS = 2.5
_MOST_RULES = 2000
_MOST_PLACES = 20_000
#: Fewer cells with text are a frame or a chart.
_FEWEST_FILLED = 3
_SMALLEST_FILLED_SHARE = 0.15


def ruled_tables(drawings: Drawings, words: list[Word]) -> list[Table]:
    """The ruled tables of a page, with their words, from top to bottom."""
    horizontal, vertical = _joined(drawings.horizontal), _joined(drawings.vertical)
    if len(horizontal) < 2 or len(vertical) < 1 or len(horizontal) + len(vertical) > _MOST_RULES:
        return []
    tables = []
    for across, down in _groups(horizontal, vertical):
        table = _table(across, down, words)
        if table is not None:
            tables.append(table)
    return sorted(_apart(tables), key=lambda table: (table.top, table.left))


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """Rules that lie in one line and touch become one."""
    levels: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.place):
        if levels and rule.place - levels[-1][0].place <= _SNAP_POINTS:
            levels[-1].append(rule)
        else:
            levels.append([rule])
    joined: list[Rule] = []
    for level in levels:
        place = sum(rule.place for rule in level) / len(level)
        start = end = None
        for rule in sorted(level, key=lambda rule: rule.start):
            if end is not None and rule.start <= end + _SNAP_POINTS:
                end = max(end, rule.end)
                continue
            if start is not None and end is not None:
                joined.append(Rule(place, start, end))
            start, end = rule.start, rule.end
        if start is not None and end is not None:
            joined.append(Rule(place, start, end))
    return joined


def _groups(horizontal: list[Rule], vertical: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Rules that hang together by crossing."""
    leader = list(range(len(horizontal) + len(vertical)))

    def find(index: int) -> int:
        while leader[index] != index:
            leader[index] = leader[leader[index]]
            index = leader[index]
        return index

    for row, across in enumerate(horizontal):
        for column, down in enumerate(vertical, start=len(horizontal)):
            if (
                across.start - _SNAP_POINTS <= down.place <= across.end + _SNAP_POINTS
                and down.start - _SNAP_POINTS <= across.place <= down.end + _SNAP_POINTS
            ):
                leader[find(row)] = find(column)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for index, rule in enumerate((*horizontal, *vertical)):
        groups.setdefault(find(index), ([], []))[index >= len(horizontal)].append(rule)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]


def _places(rules: list[Rule], first: float, last: float) -> list[float]:
    """Where the lines of a grid are; its open sides end where the crossing rules do."""
    places: list[float] = []
    for place in sorted((first, last, *(rule.place for rule in rules))):
        if not places or place - places[-1] > 2 * _SNAP_POINTS:
            places.append(place)
    return places


def _table(across: list[Rule], down: list[Rule], words: list[Word]) -> Table | None:
    xs = _places(down, min(rule.start for rule in across), max(rule.end for rule in across))
    ys = _places(across, min(rule.start for rule in down), max(rule.end for rule in down))
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 2 or columns < 2 or rows * columns > _MOST_PLACES:
        return None
    cells = _cells(across, down, xs, ys)
    if len(cells) < 4:
        return None
    owner = {(row, column): cell for cell in cells for row, column in _covered(cell)}
    for word in words:
        x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
        if xs[0] < x < xs[-1] and ys[0] < y < ys[-1]:
            owner[bisect_right(ys, y) - 1, bisect_right(xs, x) - 1].words.append(word)
    filled = sum(1 for cell in cells if cell.words)
    if filled < _FEWEST_FILLED or filled < _SMALLEST_FILLED_SHARE * len(cells):
        return None
    return Table(xs[0], ys[0], xs[-1], ys[-1], rows, columns, cells, ruled=True)


def _covered(cell: Cell) -> Iterable[tuple[int, int]]:
    return (
        (row, column)
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    )


def _cells(across: list[Rule], down: list[Rule], xs: list[float], ys: list[float]) -> list[Cell]:
    """Cells in reading order; places without a rule between them are one, as far as they make a rectangle."""
    rows, columns = len(ys) - 1, len(xs) - 1
    inner_down, inner_across = _at_places(down, xs[1:-1]), _at_places(across, ys[1:-1])
    right_open = [[not _ruled(there, ys[row], ys[row + 1]) for there in inner_down] for row in range(rows)]
    below_open = [
        [not _ruled(there, xs[column], xs[column + 1]) for column in range(columns)] for there in inner_across
    ]
    taken = [[False] * columns for _ in range(rows)]
    cells = []
    for row in range(rows):
        for column in range(columns):
            if taken[row][column]:
                continue
            end = column + 1
            while end < columns and right_open[row][end - 1] and not taken[row][end]:
                end += 1
            low = row + 1
            while low < rows and _continues(below_open[low - 1], right_open[low], taken[low], column, end):
                low += 1
            for covered in taken[row:low]:
                covered[column:end] = [True] * (end - column)
            box = (xs[column], ys[row], xs[end], ys[low])
            cells.append(Cell(row, column, low - row, end - column, *box))
    return cells


def _continues(open_above: list[bool], open_inside: list[bool], taken: list[bool], column: int, end: int) -> bool:
    """Whether a cell from `column` to `end` goes on into the next row."""
    return all(open_above[column:end]) and all(open_inside[column : end - 1]) and not any(taken[column:end])


def _ruled(rules: list[Rule], start: float, end: float) -> bool:
    """Whether rules, all at one place, cover most of the way from `start` to `end`."""
    covered = 0.0
    for rule in rules:
        covered += max(min(rule.end, end) - max(rule.start, start), 0.0)
    return covered > 0.6 * (end - start)


def _at_places(rules: list[Rule], places: list[float]) -> list[list[Rule]]:
    """For each place the rules that lie there."""
    return [[rule for rule in rules if abs(rule.place - place) <= 2 * _SNAP_POINTS] for place in places]


def _apart(tables: list[Table]) -> list[Table]:
    """Tables that do not lie over each other; of two that do, the one with more cells that hold words."""
    kept: list[Table] = []
    for table in sorted(tables, key=lambda table: -sum(1 for cell in table.cells if cell.words)):
        if not any(_overlap(table, other) for other in kept):
            kept.append(table)
    return kept


def _overlap(one: Table, other: Table) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 2 * _SNAP_POINTS and down > 2 * _SNAP_POINTS

"""Tables without rules: columns are where the runs of most rows leave the same white gaps."""

from __future__ import annotations

from itertools import pairwise

from services.conversion.text.reading_order import Region
from services.conversion.text.tables import Cell, Table
from shared.pdf.lines import BULLET, Row, Run

#: Fewer rows may stand side by side by chance.
_FEWEST_ROWS = 2
#: Rows with at least this share of the fullest row's runs show where the columns are.
_TELLING_SHARE = 0.6
#: A row without its first cell that stands so close below another continues it, in line heights.
_WRAP_HEIGHTS = 0.35


def unruled_table(region: Region) -> Table | None:
    """The table that a tabular region holds, or None where it is a list or a stray pair."""
    rows = [row for row in region.rows if row.runs]
    fullest = max(len(row.runs) for row in rows)
    if len(rows) < _FEWEST_ROWS or fullest < 2 or _is_list(rows):
        return None
    if len(rows) == _FEWEST_ROWS and any(len(row.runs) != fullest for row in rows):
        # Two unlike lines with wide spaces are justified text.
        return None
    telling = [row for row in rows if len(row.runs) >= max(_TELLING_SHARE * fullest, 2)]
    columns = _columns([run for row in telling for run in row.runs])
    if len(columns) < 2:
        return None
    grid = _wrapped([_placed(row, columns) for row in rows], rows)
    cells = [
        _cell(number, first, last, runs, columns)
        for number, row in enumerate(grid)
        for (first, last), runs in sorted(row.items())
    ]
    box = (min(c.left for c in cells), min(c.top for c in cells), max(c.right for c in cells))
    return Table(*box, max(c.bottom for c in cells), len(grid), len(columns), cells, ruled=False)


def _is_list(rows: list[Row]) -> bool:
    marked = sum(1 for row in rows if len(row.runs[0].words) == 1 and BULLET.fullmatch(row.runs[0].words[0].text))
    return marked > 0 and all(len(row.runs) <= 2 for row in rows)


def _columns(runs: list[Run]) -> list[tuple[float, float]]:
    """Left and right edges of columns: what the runs cover, seen from above."""
    columns: list[tuple[float, float]] = []
    for run in sorted(runs, key=lambda run: run.left):
        if columns and run.left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], run.right))
        else:
            columns.append((run.left, run.right))
    return columns


#: Runs of one row by the first and the last column that they cover.
_PlacedRow = dict[tuple[int, int], list[Run]]


def _placed(row: Row, columns: list[tuple[float, float]]) -> _PlacedRow:
    placed: _PlacedRow = {}
    for run in row.runs:
        covered = [
            number
            for number, (left, right) in enumerate(columns)
            if min(run.right, right) - max(run.left, left) > 0.15 * min(run.right - run.left, right - left)
        ]
        if not covered:
            middle = (run.left + run.right) / 2
            covered = [min(range(len(columns)), key=lambda n: abs(sum(columns[n]) / 2 - middle))]
        first, last = covered[0], covered[-1]
        for begun, ended in list(placed):
            if begun <= last and first <= ended:
                first, last = min(first, begun), max(last, ended)
                placed.setdefault((first, last), []).extend(placed.pop((begun, ended)))
        placed.setdefault((first, last), []).append(run)
    return placed


def _wrapped(placed: list[_PlacedRow], rows: list[Row]) -> list[_PlacedRow]:
    """Rows in which only the text of a cell above goes on become part of that row."""
    grid = [placed[0]]
    for (above, below), row in zip(pairwise(rows), placed[1:], strict=True):
        last = grid[-1]
        height = max(below.bottom - below.top, 0.1)
        close = below.top - above.bottom < _WRAP_HEIGHTS * height
        if close and len(row) < len(last) and (0, 0) not in row and all(span in last for span in row) and len(row) == 1:
            for span, runs in row.items():
                last[span].extend(runs)
        else:
            grid.append(row)
    return grid


def _cell(row: int, first: int, last: int, runs: list[Run], columns: list[tuple[float, float]]) -> Cell:
    top, bottom = min(run.top for run in runs), max(run.bottom for run in runs)
    left, right = min(columns[first][0], runs[0].left), max(columns[last][1], runs[-1].right)
    words = [word for run in runs for word in run.words]
    return Cell(row, first, 1, last - first + 1, left, top, right, bottom, words)

"""Plain text of a page in each of its three orders: reading, layout, stream."""

from __future__ import annotations

import re
from itertools import pairwise

from services.conversion.text.blocks import PlacedRun
from services.conversion.text.drawings import PlacedPicture, drawings_of
from services.conversion.text.page_layout import ordered
from services.conversion.text.reading_order import Region, regions_of
from services.conversion.text.ruled_tables import ruled_tables
from services.conversion.text.tables import Table
from services.conversion.text.whole_lines import whole_line_runs
from shared.pdf.lines import Row, Run, rows_of, runs_of, turned
from shared.pdf.text_page import TextPage
from shared.pdf.words import GLUE_HEIGHTS, Word, words_of

#: White space of so many line heights between two lines begins a new paragraph.
_PARAGRAPH_HEIGHTS = 0.55
#: A wider gap within a line of flowing text is kept as a tab, in line heights.
_TAB_HEIGHTS = 2.0
#: Of the rows of two regions side by side, those that stand at one height where they may be cells.
_ALIGNED_SHARE = 0.8
_MOST_COLUMNS, _MOST_BLANK_LINES = 400, 3
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\ufffd]")


def in_stream_order(page: TextPage) -> tuple[str, int]:
    """Text as the file has it, and how many words that is."""
    text = _INVISIBLE.sub("", _shown_text(page) if page.hidden_layers else page.text)
    return text.rstrip() + "\n", len(text.split())


def _shown_text(page: TextPage) -> str:
    """The text of a page without that of hidden layers, by words and lines as the file has them."""
    text, end = "", 0
    for word in words_of(page):
        text += ("\n" if "\n" in page.text[end : word.first] else " ") + word.text
        end = word.first + len(word.text)
    return text[1:]


def in_reading_order(page: TextPage) -> tuple[str, int]:
    """Columns one after the other, tables row by row with tabs between cells; and how many words that is."""
    size = page.frame.size
    runs = whole_line_runs(page)
    words: list[Word] | None = None
    if runs is None:
        words = words_of(page)
        regions = ordered(words, size, [])
    else:
        regions = regions_of(runs)
    if any(region.tabular for region in regions) or any(_read_on(one, other) for one, other in pairwise(regions)):
        # Only where something stands side by side may rules tell more; looking for them costs as much as the text.
        drawn = drawings_of(page.page, page.frame, looks=False)
        if len(drawn.horizontal) > 1 and drawn.vertical:
            words = words or words_of(page)
            tables = ruled_tables(drawn, [word for word in words if word.direction == 0])
            regions = ordered(words, size, [*tables]) if tables else regions
    count = len(words) if words is not None else sum(_word_count(run) for run in runs or ())
    return text_of(regions), count


def in_layout(page: TextPage) -> tuple[str, int]:
    """Words where they stand on the page, on a grid of characters; and how many words that is."""
    words = words_of(page)
    parts = [_laid_out(group) for group in turned(words, page.frame.size).values()]
    return "\n".join(parts), len(words)


def text_of(regions: list[Region]) -> str:
    """The text of regions in their order, with words that were broken at line ends whole again."""
    pieces: list[str] = []
    for region in regions:
        previous: Row | None = None
        for row in region.rows:
            if previous is None:
                pieces.append("\n" if pieces else "")
            elif row.top - previous.bottom > _PARAGRAPH_HEIGHTS * (previous.bottom - previous.top):
                pieces.append("\n")
            pieces.append(_line(row, tabular=region.tabular))
            previous = row
    return "".join(pieces)


def _read_on(one: Region, other: Region) -> bool:
    """Whether two regions stand side by side and their rows at the same heights, as cells do."""
    if other.rows[0].top >= one.rows[-1].bottom:
        return False
    heights = {round(row.top) + shift for row in one.rows for shift in (-1, 0, 1)}
    return sum(round(row.top) in heights for row in other.rows) >= _ALIGNED_SHARE * min(len(one.rows), len(other.rows))


def _word_count(run: Run) -> int:
    return sum(word.text.count(" ") + 1 for word in run.words)


def _line(row: Row, *, tabular: bool) -> str:
    tables = "".join(_rows_of_cells(run.item) for run in row.runs if isinstance(run, PlacedRun))
    runs = [run for run in row.runs if run.words]
    if not runs:
        return tables
    text = _words(runs[0])
    for last, run in pairwise(runs):
        gap = (run.left - last.right) / max(run.height, 0.1)
        between = "\t" if tabular or gap > _TAB_HEIGHTS else " " if abs(gap) > GLUE_HEIGHTS else ""
        text += between + _words(run)
    return f"{tables}{text}" if runs[-1].words[-1].broken else f"{tables}{text}\n"


def _words(run: Run) -> str:
    return " ".join([word.text for word in run.words])


def _rows_of_cells(item: Table | PlacedPicture | None) -> str:
    if not isinstance(item, Table):
        return ""
    return "".join("\t".join(cells).rstrip("\t") + "\n" for cells in item.grid())


def _laid_out(words: list[Word]) -> str:
    runs = runs_of(words)
    if not runs:
        return ""
    characters = sum(len(word.text) for word in words)
    unit = max(sum(word.right - word.left for word in words) / characters, 0.5)
    left = min(run.left for run in runs)
    unit = max(unit, (max(run.right for run in runs) - left) / _MOST_COLUMNS)
    rows, lines = rows_of(runs), list[str]()
    bottom = rows[0].top
    for row in rows:
        height = max(row.bottom - row.top, 1.0)
        lines.extend([""] * min(int((row.top - bottom) / height + 0.3), _MOST_BLANK_LINES))
        line = ""
        for run in row.runs:
            # A run never touches the one before: two spaces say that they are apart.
            column = max(round((run.left - left) / unit), len(line) + 2 if line else 0)
            line = line.ljust(column) + run.text
        lines.append(line)
        bottom = row.bottom
    return "\n".join(lines) + "\n"

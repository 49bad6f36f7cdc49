"""What a page is made of in reading order: paragraphs, headings, entries of lists, tables, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from services.conversion.text.drawings import PlacedPicture
from services.conversion.text.reading_order import Region
from services.conversion.text.tables import Table
from services.conversion.text.unruled_tables import unruled_table
from shared.pdf.lines import BULLET, Run
from shared.pdf.words import Word

#: White space between lines, beyond the usual of the region, that begins a new paragraph: in line heights.
_PARAGRAPH_HEIGHTS = 0.35
#: A first line moved in or out by so much begins a new paragraph.
_INDENT_HEIGHTS = 0.8
#: Sizes that differ by so much are not of one paragraph.
_SIZE_STEP = 1.15
_NUMBERED = re.compile(r"\(?(\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]\)?|\(\w{1,3}\)")


class Kind(Enum):
    """What a stretch of text is."""

    TEXT = "paragraph"
    HEADING = "heading"
    ITEM = "list_item"


@dataclass(slots=True, eq=False)
class Line:
    """A line of a paragraph. `forced`: the next line begins although there was room here for its first word."""

    words: list[Word]
    left: float
    top: float
    right: float
    bottom: float
    forced: bool = False


@dataclass(slots=True, eq=False)
class Paragraph:
    """Lines that belong together. Headings count their level from 1; entries of lists keep their marker apart."""

    lines: list[Line]
    kind: Kind = Kind.TEXT
    level: int = 0
    marker: str = ""
    #: Whether the marker of an entry counts.
    numbered: bool = False

    @property
    def words(self) -> list[Word]:
        """All words, in order."""
        return [word for line in self.lines for word in line.words]


Block = Paragraph | Table | PlacedPicture


@dataclass(slots=True, eq=False)
class PlacedRun(Run):
    """A table or a picture among the runs, so that it is put into order with them."""

    item: Table | PlacedPicture | None = None


def placed(item: Table | PlacedPicture) -> PlacedRun:
    """Stand-in for a table or a picture when runs are put into order."""
    return PlacedRun([], item.left, item.top, item.right, item.bottom, item)


def blocks_of(regions: list[Region]) -> Iterator[Block]:
    """The blocks of regions that are in reading order. Headings are not known yet, see `headings`."""
    for region in regions:
        table = unruled_table(region) if region.tabular else None
        if table is not None:
            yield table
            continue
        yield from _flow(region)


def _flow(region: Region) -> Iterator[Block]:
    lines: list[Line] = []
    for row in region.rows:
        items = [run.item for run in row.runs if isinstance(run, PlacedRun) and run.item is not None]
        if items:
            yield from _paragraphs(lines)
            yield from items
            lines = []
        runs = [run for run in row.runs if run.words]
        if runs:
            lines.append(_line(runs))
    yield from _paragraphs(lines)


def _line(runs: list[Run]) -> Line:
    words = [word for run in runs for word in run.words]
    top, bottom = min(run.top for run in runs), max(run.bottom for run in runs)
    return Line(words, min(run.left for run in runs), top, max(run.right for run in runs), bottom)


def _paragraphs(lines: list[Line]) -> Iterator[Paragraph]:
    if not lines:
        return
    gaps = sorted(below.top - above.bottom for above, below in pairwise(lines))
    # The lower quartile: where most lines are paragraphs of their own the median is the gap between these.
    usual = gaps[len(gaps) // 4] if gaps else 0.0
    edge = max(line.right for line in lines)
    current = [lines[0]]
    for above, below in pairwise(lines):
        above.forced = _had_room(above, below, edge)
        if _starts_new(current, below, usual):
            yield _paragraph(current)
            current = []
        current.append(below)
    yield _paragraph(current)


def _had_room(line: Line, below: Line, edge: float) -> bool:
    """Whether the first word of the next line would have fitted: then someone broke the line on purpose."""
    if line.words[-1].broken:
        return False
    first = below.words[0]
    return edge - line.right > first.right - first.left + 0.6 * (line.bottom - line.top)


def _starts_new(current: list[Line], line: Line, usual_gap: float) -> bool:
    above, height = current[-1], max(min(line.bottom - line.top, current[-1].bottom - current[-1].top), 0.1)
    if above.words[-1].broken:
        return False
    if line.top - above.bottom > max(usual_gap, -0.2 * height) + _PARAGRAPH_HEIGHTS * height:
        return True
    sizes = sorted((line.bottom - line.top, above.bottom - above.top))
    if sizes[1] > _SIZE_STEP * _SIZE_STEP * max(sizes[0], 0.1) or _marker(line):
        return True
    if _marker(current[0]):
        # Lines of an entry stand under its text; one that returns to the marker ends it.
        return line.left < current[0].left + 0.3 * height and above.forced
    return len(current) > 1 and line.left - current[-1].left > _INDENT_HEIGHTS * height and above.forced


def _marker(line: Line) -> str:
    first = line.words[0].text
    if len(line.words) > 1 and BULLET.fullmatch(first):
        gap = line.words[1].left - line.words[0].right
        # "A. Smith" is a name, and a dash between words no bullet: after a marker there is room.
        if not first[0].isalpha() or gap > 0.3 * (line.bottom - line.top):
            return first
    return ""


def _paragraph(lines: list[Line]) -> Paragraph:
    upper = lines[:-1]
    if upper and 2 * sum(line.forced for line in upper) >= len(upper):
        # An address or a poem: its longest line, too, ends where someone wanted it to.
        for line in upper:
            line.forced = not line.words[-1].broken
    marker = _marker(lines[0])
    if not marker:
        return Paragraph(lines)
    first = lines[0]
    entry = Line(first.words[1:], first.left, first.top, first.right, first.bottom, first.forced)
    numbered = _NUMBERED.fullmatch(marker) is not None
    return Paragraph([entry, *lines[1:]], Kind.ITEM, marker=marker, numbered=numbered)

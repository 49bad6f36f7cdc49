"""Text of a page in reading order: paragraphs parted by blank lines, cells of tables by tabs."""

from __future__ import annotations

from services.conversion.text.reading_order import Region, regions_of
from shared.pdf.lines import Row, is_right_to_left, runs_of, turned
from shared.pdf.words import Word

#: White space of so many line heights between two lines begins a new paragraph.
_PARAGRAPH_HEIGHTS = 0.55


def reading_order(words: list[Word], size: tuple[float, float]) -> list[Region]:
    """The regions of a page in the order in which they are read; words turned sideways come after the others."""
    regions: list[Region] = []
    for group in turned(words, size).values():
        regions.extend(regions_of(runs_of(group), right_to_left=is_right_to_left(group)))
    return regions


def text_of(regions: list[Region]) -> str:
    """The text of a page, with words that were broken at line ends whole again."""
    pieces: list[str] = []
    for region in regions:
        previous: Row | None = None
        for row in region.rows:
            if previous is None:
                pieces.append("\n" if pieces else "")
            elif row.top - previous.bottom > _PARAGRAPH_HEIGHTS * (previous.bottom - previous.top):
                pieces.append("\n")
            pieces.append(_line(row))
            previous = row
    return "".join(pieces)


def _line(row: Row) -> str:
    text = "\t".join([" ".join([word.text for word in run.words]) for run in row.runs])
    return text if row.runs[-1].words[-1].broken else f"{text}\n"

"""Everything that is known of one page: words, styles, blocks in reading order, links, pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.conversion.text.blocks import Block, blocks_of, placed
from services.conversion.text.drawings import Area, PlacedPicture, Rule, drawings_of
from services.conversion.text.links import Link, links_of
from services.conversion.text.reading_order import Region, regions_of
from services.conversion.text.ruled_tables import ruled_tables
from services.conversion.text.tables import Table
from shared.pdf.lines import Run, is_right_to_left, runs_of, turned
from shared.pdf.styles import Style, Styles
from shared.pdf.text_page import TextPage
from shared.pdf.words import Word, words_of

#: Smaller pictures are signs within a line (a currency, a tick): they have no place of their own in the order.
_SMALLEST_PLACED_POINTS = 20.0
#: A picture behind so much of the page is its background (a scan), not a thing beside the text.
_BACKGROUND_SHARE = 0.85


@dataclass
class PageLayout:
    """One page. Sizes in points as shown; the picture handles are good while the page is open."""

    number: int
    width: float
    height: float
    words: list[Word]
    blocks: list[Block]
    pictures: list[PlacedPicture]
    links: list[Link]
    #: Addresses of links that are not kept.
    refused_links: int
    style_of: Callable[[Word], Style]
    #: The open page itself, and how it is turned when shown.
    page: Any
    rotation: int
    #: The rules of the page; horizontal ones have their flag set.
    rules: list[tuple[Rule, bool]]
    areas: list[Area]
    #: Characters that have a shape but no meaning: the font does not say which letters they are.
    unmapped_characters: int = 0
    tables: list[Table] = field(default_factory=list)

    def link_of(self, word: Word) -> str | None:
        """The address that a word leads to."""
        return next((link.target for link in self.links if link.holds(word)), None)


def read_layout(document: Any, number: int, text: TextPage) -> PageLayout:
    """The layout of an open page; its number counts from 1."""
    words = words_of(text)
    styles: dict[int, Style] = {}
    source = Styles(text)

    def style_of(word: Word) -> Style:
        style = styles.get(word.first)
        if style is None:
            style = styles[word.first] = source.of(word)
        return style

    drawn = drawings_of(text.page, text.frame)
    tables = ruled_tables(drawn, [word for word in words if word.direction == 0])
    width, height = text.frame.size
    shown = [
        picture
        for picture in drawn.pictures
        if min(picture.right - picture.left, picture.bottom - picture.top) >= _SMALLEST_PLACED_POINTS
        and (picture.right - picture.left) * (picture.bottom - picture.top) < _BACKGROUND_SHARE * width * height
    ]
    blocks = list(blocks_of(ordered(words, (width, height), [*tables, *shown])))
    links, refused = links_of(document.raw, text.page, text.frame)
    return PageLayout(
        number,
        width,
        height,
        words,
        blocks,
        drawn.pictures,
        links,
        refused,
        style_of,
        text.page,
        text.frame.rotation,
        [*((rule, True) for rule in drawn.horizontal), *((rule, False) for rule in drawn.vertical)],
        drawn.areas,
        unmapped_characters(text.text),
        [block for block in blocks if isinstance(block, Table)],
    )


def ordered(words: list[Word], size: tuple[float, float], items: list[Table | PlacedPicture]) -> list[Region]:
    """Regions in reading order, with tables and pictures put among them. Sideways words come after the others."""
    inside = {id(word) for item in items if isinstance(item, Table) for cell in item.cells for word in cell.words}
    outside = [word for word in words if id(word) not in inside] if inside else words
    regions: list[Region] = []
    stand_ins: list[Run] = [placed(item) for item in items]
    for direction, group in (turned(outside, size) or {0: []}).items():
        upright = direction == 0
        runs = runs_of(group)
        if upright:
            runs, stand_ins = [*runs, *stand_ins], []
        regions.extend(regions_of(runs, right_to_left=is_right_to_left(group)))
    return [*regions, *regions_of(stand_ins)] if stand_ins else regions


def unmapped_characters(text: str) -> int:
    """Count characters that no text has: what pdfium returns for shapes whose font does not name them."""
    return sum(1 for character in text if character < "\t" or "\x0e" <= character < " " or character == "\ufffd")

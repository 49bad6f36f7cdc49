"""JSON of pages: size, words with boxes and looks, blocks in reading order, tables, links, pictures."""

from __future__ import annotations

from typing import Any

from services.conversion.text.blocks import Paragraph
from services.conversion.text.page_layout import PageLayout
from services.conversion.text.tables import Table
from shared.pdf.styles import Style
from shared.pdf.words import Word


def page_as_json(layout: PageLayout) -> dict[str, Any]:
    """One page. Boxes are left, top, right, bottom in points from the upper left corner of the shown page.

    `words` stand in the order of the file; blocks name them by their place in that list.
    """
    places = {word.first: place for place, word in enumerate(layout.words)}
    styles: dict[Style, int] = {}
    words = [_word(word, styles.setdefault(layout.style_of(word), len(styles)), layout) for word in layout.words]
    return {
        "number": layout.number,
        "width_points": round(layout.width, 2),
        "height_points": round(layout.height, 2),
        "styles": [_style(style) for style in styles],
        "words": words,
        "blocks": [_block(block, places) for block in layout.blocks],
        "links": [{"box": box_of(link), "target": link.target} for link in layout.links],
        "pictures": [box_of(picture) for picture in layout.pictures],
    }


def table_as_json(table: Table) -> dict[str, Any]:
    """A table with its cells; `rows` holds the text of each place, empty where a cell spans into it."""
    return {
        "box": box_of(table),
        "ruled": table.ruled,
        "rows": table.grid(),
        "cells": [
            {
                "row": cell.row,
                "column": cell.column,
                "row_span": cell.row_span,
                "column_span": cell.column_span,
                "box": box_of(cell),
                "text": cell.text,
            }
            for cell in table.cells
        ],
    }


def box_of(thing: Any) -> list[float]:
    """Left, top, right, bottom of anything that has them, in points."""
    return [round(edge, 2) for edge in (thing.left, thing.top, thing.right, thing.bottom)]


def _word(word: Word, style: int, layout: PageLayout) -> dict[str, Any]:
    found: dict[str, Any] = {"text": word.text, "box": box_of(word), "style": style}
    if word.direction:
        found["direction_degrees"] = word.direction
    if word.broken:
        found["continues"] = True
    link = layout.link_of(word) if layout.links else None
    return {**found, "link": link} if link is not None else found


def _style(style: Style) -> dict[str, Any]:
    found: dict[str, Any] = {"font": style.font, "size_points": style.size_points, "color": style.color}
    flags = {"bold": style.bold, "italic": style.italic, "monospaced": style.monospaced, "invisible": style.invisible}
    return {**found, **{name: True for name, value in flags.items() if value}}


def _block(block: Any, places: dict[int, int]) -> dict[str, Any]:
    if isinstance(block, Table):
        return {"kind": "table", **table_as_json(block)}
    if isinstance(block, Paragraph):
        found: dict[str, Any] = {
            "kind": block.kind.value,
            # The marker of a heading or an entry is no word of its lines, unless the heading took it back.
            "lines": [[places[word.first] for word in line.words if word.first in places] for line in block.lines],
        }
        if block.level:
            found["level"] = block.level
        return {**found, "marker": block.marker} if block.marker else found
    return {"kind": "picture", "box": box_of(block)}

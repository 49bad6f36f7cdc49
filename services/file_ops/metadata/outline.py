"""The outline (bookmarks) of a document as a tree of items: read it however broken, write it sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from services.file_ops.metadata.destinations import Destinations, Place, name_of

#: Items beyond this are a trap, not a table of contents.
_MOST_ITEMS = 200_000
_ITALIC, _BOLD = 1, 2


@dataclass(slots=True, eq=False)
class OutlineItem:
    """One item. It leads to a `place` of the document, or carries an `action` (a web address), or only groups."""

    title: str
    place: Place | None = None
    #: The named destination that it leads by, where it does.
    named: bytes | str | None = None
    action: Any = None
    is_open: bool = False
    is_bold: bool = False
    is_italic: bool = False
    #: Red, green and blue from 0 to 1.
    color: tuple[float, float, float] | None = None
    children: list[OutlineItem] = field(default_factory=list)

    def walk(self, level: int = 1) -> Iterator[tuple[int, OutlineItem]]:
        """The item and all below it with their levels, as they are read."""
        yield from walk([self], level)


def walk(items: list[OutlineItem], level: int = 1) -> Iterator[tuple[int, OutlineItem]]:
    """All items of a forest with their levels, as they are read."""
    waiting = [(level, item) for item in reversed(items)]
    while waiting:
        depth, item = waiting.pop()
        yield depth, item
        waiting.extend((depth + 1, child) for child in reversed(item.children))


def read_outline(pdf: pikepdf.Pdf, destinations: Destinations) -> list[OutlineItem]:
    """The document's outline; items that are reached twice, or that are no dictionaries, end their row."""
    root = pdf.Root.get("/Outlines")
    forest: list[OutlineItem] = []
    waiting = [(root.get("/First"), forest)] if isinstance(root, Dictionary) else []
    seen = set[tuple[int, int]]()
    while waiting:
        node, row = waiting.pop()
        while isinstance(node, Dictionary) and node.objgen not in seen and len(seen) < _MOST_ITEMS:
            seen.add(node.objgen)
            item = _read_item(node, destinations)
            row.append(item)
            waiting.append((node.get("/First"), item.children))
            node = node.get("/Next")
    return forest


def _read_item(node: Any, destinations: Destinations) -> OutlineItem:
    title, flags, count = node.get("/Title"), node.get("/F"), node.get("/Count")
    flags = flags if isinstance(flags, int) else 0
    item = OutlineItem(
        title=str(title) if isinstance(title, String) else "",
        is_open=isinstance(count, int) and count > 0,
        is_bold=bool(flags & _BOLD),
        is_italic=bool(flags & _ITALIC),
        color=_color(node.get("/C")),
    )
    destination, action = node.get("/Dest"), node.get("/A")
    if destination is None and isinstance(action, Dictionary):
        if action.get("/S") == Name.GoTo:
            destination = action.get("/D")
        else:
            item.action = action
    if destination is not None:
        item.place, item.named = destinations.place_of(destination), name_of(destination)
    return item


def _color(found: Any) -> tuple[float, float, float] | None:
    if not isinstance(found, Array) or len(found) != 3:
        return None
    parts = [float(part) for part in found if isinstance(part, int | float | Decimal)]
    if len(parts) != 3 or not any(parts):
        return None
    red, green, blue = (min(max(part, 0.0), 1.0) for part in parts)
    return red, green, blue


def write_outline(pdf: pikepdf.Pdf, items: list[OutlineItem], pages: Any) -> None:
    """Make these items the document's outline; none removes it.

    `pages[n]` is the page object of a place's page n. Actions must belong to `pdf`; a named destination is written
    by its name.
    """
    if not items:
        if "/Outlines" in pdf.Root:
            del pdf.Root["/Outlines"]
        return
    root = pdf.make_indirect(Dictionary(Type=Name.Outlines))
    waiting: list[tuple[Any, list[OutlineItem]]] = [(root, items)]
    rows = []
    while waiting:
        parent, row = waiting.pop()
        nodes = [pdf.make_indirect(_item_dictionary(item, pages)) for item in row]
        for earlier, later in pairwise(nodes):
            earlier["/Next"], later["/Prev"] = later, earlier
        for node, item in zip(nodes, row, strict=True):
            node["/Parent"] = parent
            if item.children:
                waiting.append((node, item.children))
        parent["/First"], parent["/Last"] = nodes[0], nodes[-1]
        rows.append((parent, row))
    _write_counts(rows, items)
    pdf.Root["/Outlines"] = root


def _write_counts(rows: list[tuple[Any, list[OutlineItem]]], items: list[OutlineItem]) -> None:
    """/Count is the number of items that show below one when it is open, negative while it is closed."""
    shown: dict[int, int] = {}
    for parent, row in reversed(rows):
        count = len(row) + sum(shown.get(id(item.children), 0) for item in row if item.is_open)
        shown[id(row)] = count
        parent["/Count"] = -count
    open_rows = {id(item.children) for _, item in walk(items) if item.is_open} | {id(items)}
    for parent, row in rows:
        if id(row) in open_rows:
            parent["/Count"] = shown[id(row)]


def _item_dictionary(item: OutlineItem, pages: Any) -> Dictionary:
    node = Dictionary(Title=String(item.title))
    if item.named is not None:
        node["/Dest"] = String(item.named) if isinstance(item.named, bytes) else Name(item.named)
    elif item.place is not None:
        node["/Dest"] = item.place.as_array(pages[item.place.page])
    elif item.action is not None:
        node["/A"] = item.action
    if flags := _BOLD * item.is_bold + _ITALIC * item.is_italic:
        node["/F"] = flags
    if item.color:
        node["/C"] = Array([Decimal(part).quantize(Decimal("0.001")) for part in item.color])
    return node

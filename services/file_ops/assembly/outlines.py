"""The outline by page, so that a part gets the branches that lead to its pages without a walk over the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pikepdf

from services.file_ops.metadata.destinations import Destinations
from services.file_ops.metadata.outline import OutlineItem, read_outline


@dataclass(frozen=True, slots=True)
class _Position:
    item: OutlineItem
    parent: int | None


class OutlineIndex:
    """The items of one outline in their order, each with the one above it."""

    def __init__(self, pdf: pikepdf.Pdf, destinations: Destinations) -> None:
        self.forest = read_outline(pdf, destinations)
        self._items: list[_Position] = []
        #: Items that lead to a page, by that page; under None those that lead to no page at all.
        self._by_page: dict[int | None, list[int]] = {}
        waiting: list[tuple[OutlineItem, int | None]] = [(item, None) for item in reversed(self.forest)]
        while waiting:
            item, parent = waiting.pop()
            number = len(self._items)
            self._items.append(_Position(item, parent))
            self._by_page.setdefault(item.place.page if item.place else None, []).append(number)
            waiting.extend((child, number) for child in reversed(item.children))

    def branches(self, pages: Iterable[int], *, whole: bool) -> list[OutlineItem]:
        """Copies of the items that lead to these pages, under copies of those above them.

        An item that leads to another page and stands above a kept one only groups. Items that lead to no page are
        kept in a `whole` document only.
        """
        leading = {number for page in pages for number in self._by_page.get(page, ())}
        if whole:
            leading.update(self._by_page.get(None, ()))
        kept = set(leading)
        for number in leading:
            above = self._items[number].parent
            while above is not None and above not in kept:
                kept.add(above)
                above = self._items[above].parent
        forest: list[OutlineItem] = []
        copies: dict[int, OutlineItem] = {}
        for number in sorted(kept):
            position = self._items[number]
            copy = replace(position.item, children=[])
            if number not in leading:
                copy.place = copy.named = copy.action = None
            copies[number] = copy
            (forest if position.parent is None else copies[position.parent].children).append(copy)
        return forest

    def starts(self, level: int) -> list[tuple[str, int]]:
        """Title and page of every item on this level or above it that leads to a page, in the outline's order."""
        found = []
        depths: list[int] = []
        for position in self._items:
            depths.append(1 if position.parent is None else depths[position.parent] + 1)
            if depths[-1] <= level and position.item.place is not None:
                found.append((position.item.title, position.item.place.page))
        return found

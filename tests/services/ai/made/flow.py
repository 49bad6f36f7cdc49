"""A table that goes on over pages: it asks for room, and prints its head anew where a page begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.services.ai.made.sheet import Align, Sheet


@dataclass(frozen=True)
class Column:
    """Where a column's text stands: `x` is its left, right, middle or decimal edge by `align`."""

    x: float
    align: Align = "left"


class Flow:
    """A pen that walks down a page."""

    def __init__(
        self,
        sheet: Sheet,
        columns: Sequence[Column],
        *,
        top: float,
        bottom: float,
        leading: float = 12,
        next_top: float | None = None,
        head: Callable[[], None] | None = None,
        foot: Callable[[], None] | None = None,
    ) -> None:
        """`head` is called where a page begins, `foot` where one ends; `bottom` is the last base line."""
        self.sheet, self.columns, self.y = sheet, columns, top
        self._bottom, self.leading = bottom, leading
        self._next_top = top if next_top is None else next_top
        self._head, self._foot = head, foot

    def room(self, lines: float) -> None:
        """Go to the next page unless so many lines fit on this one."""
        if self.y + (lines - 1) * self.leading > self._bottom:
            if self._foot:
                self._foot()
            self.sheet.new_page()
            self.y = self._next_top
            if self._head:
                self._head()

    def row(
        self, *cells: str, bold: bool = False, down: float = 1, size: float | None = None, grey: float = 0.0
    ) -> None:
        """Print a row and move down by so many lines."""
        for column, cell in zip(self.columns, cells, strict=False):
            self.sheet.text(column.x, self.y, cell, align=column.align, bold=bold, size=size, grey=grey)
        self.y += down * self.leading

    def rule(self, left: float, right: float, *, up: float = 0.75, grey: float = 0.0, width: float = 0.5) -> None:
        """Draw a line above the next row."""
        self.sheet.rule(left, self.y - up * self.leading, right, grey=grey, width=width)

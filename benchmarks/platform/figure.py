"""One figure: what was measured, of us and of others, and what was promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Of the columns, in characters.
_WIDTHS = (36, 40, 40, 20, 8)


@dataclass
class Figure:
    """A line of the table. Texts are for people, `numbers` for machines."""

    what: str
    ours: str
    #: Text of each rival by its name; empty where there is nothing to compare with.
    rivals: dict[str, str] = field(default_factory=dict)
    reach: str = ""
    #: None where nothing was promised.
    reached: bool | None = None
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """`reached`, `SHORT` or nothing."""
        return {True: "reached", False: "SHORT", None: ""}[self.reached]


def table(figures: list[Figure]) -> str:
    """All figures as aligned text, long cells wrapped."""
    rows = [("what", "ours", "others, in this session", "reach", "")]
    for figure in figures:
        others = "; ".join(f"{name}: {text}" for name, text in figure.rivals.items()) or "-"
        rows.append((figure.what, figure.ours, others, figure.reach or "-", figure.verdict))
    return "\n".join(line for row in rows for line in _lines(row))


def _lines(row: tuple[str, ...]) -> list[str]:
    cells = [_wrapped(text, width) for text, width in zip(row, _WIDTHS, strict=True)]
    height = max(len(cell) for cell in cells)
    return [
        "  ".join(
            (cell[line] if line < len(cell) else "").ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)
        ).rstrip()
        for line in range(height)
    ]


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]

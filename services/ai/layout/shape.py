"""How the marks in a figure part its digits, before anybody knows what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: More digits than any money has; references and bar codes have them.
MAX_DIGITS = 18
_MARK = re.compile(r"[.,']")


@dataclass(frozen=True, slots=True)
class Shape:
    """What one figure tells of its marks."""

    #: How many digits stand before the decimal mark, or before the first mark where that is not known.
    whole: int
    #: The mark that parts thousands, if it must be one.
    group: str | None = None
    #: The decimal mark, if it must be one.
    decimal: str | None = None
    #: The one mark that may be either: 1.234.
    either: str | None = None


def shape_of(core: str) -> Shape | None:
    """The shape of digits with marks (`.`, `,`, `'`); None where no way of printing figures has it."""
    if core.isdigit():
        return Shape(len(core))
    parts, marks = _MARK.split(core), _MARK.findall(core)
    last = marks[-1]
    if len(marks) == 1:
        return _with_one_mark(parts[0], parts[1], last)
    group = marks[0]
    if any(mark != group for mark in marks[:-1]):
        return None
    if last == group:
        return Shape(sum(map(len, parts)), group) if _are_groups(parts, group) else None
    if last == "'" or not _are_groups(parts[:-1], group):
        return None
    return Shape(sum(map(len, parts[:-1])), group, last)


def _with_one_mark(head: str, tail: str, mark: str) -> Shape | None:
    if mark == "'":
        return Shape(len(head + tail), mark) if len(tail) == 3 and 0 < len(head) <= 3 else None
    if len(tail) != 3 or not 0 < len(head) <= 3 or head[0] == "0":
        return Shape(len(head), None, mark)
    return Shape(len(head), either=mark)


def _are_groups(parts: list[str], group: str) -> bool:
    """Whether digits are parted by thousands, or the Indian way: by hundreds above a thousand."""
    if not 1 <= len(parts[0]) <= 3 or len(parts[-1]) != 3:
        return False
    if all(len(part) == 3 for part in parts[1:]):
        return True
    return group == "," and len(parts[0]) <= 2 and all(len(part) == 2 for part in parts[1:-1])

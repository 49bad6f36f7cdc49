"""Count what a page's content leaves open, so that a mark after it starts from a clean state."""

from __future__ import annotations

from dataclasses import dataclass

import pikepdf

_OPERATORS = "q Q BT ET BMC BDC EMC"


@dataclass(frozen=True)
class Balance:
    """What must stand before and after a content so that it leaves the graphics state as it found it."""

    opening: bytes
    closing: bytes


_BALANCED = Balance(b"q", b"Q")


def balance_of(page: pikepdf.Page) -> Balance:
    """Count the unclosed `q`, the `Q` too many, and texts and marked contents left open.

    Viewers ignore a `Q` too many, but it takes away the state that a plain wrapping `q` saved; and after a `q` left
    open a plain `Q` restores the wrong state. Content that cannot be read counts as balanced.
    """
    depth = lowest = marked = 0
    in_text = False
    try:
        for instruction in pikepdf.parse_content_stream(page, _OPERATORS):
            match str(instruction.operator):
                case "q":
                    depth += 1
                case "Q":
                    depth -= 1
                    lowest = min(lowest, depth)
                case "BT" | "ET" as operator:
                    in_text = operator == "BT"
                case "BMC" | "BDC":
                    marked += 1
                case _:
                    marked = max(0, marked - 1)
    except (pikepdf.PikepdfError, ValueError, TypeError, RuntimeError):
        return _BALANCED
    opened = 1 - lowest
    closing = [b"ET"] * in_text + [b"EMC"] * marked + [b"Q"] * (opened + depth)
    return Balance(b" ".join([b"q"] * opened), b" ".join(closing))

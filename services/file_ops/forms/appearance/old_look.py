"""Keep what a form's designer drew around the text of a field: only the part between /Tx BMC and EMC is replaced."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream

from services.file_ops.forms.appearance.frame import Frame

#: Boxes of widget and appearance that differ by less than this, in points, are the same.
_TOLERANCE_POINTS = 1.0
_MARKS = ("BMC", "BDC")


@dataclass(frozen=True)
class OldLook:
    """What stands before and after the text in an appearance that fits its widget, and what it draws with."""

    before: bytes
    after: bytes
    resources: Any

    def resources_with(self, fonts: Any) -> Any:
        """The old resources with our fonts; the old ones are drawn with no more."""
        merged = copy(self.resources) if isinstance(self.resources, Dictionary) else Dictionary()
        merged.Font = fonts
        return merged


def old_look(widget: Any, frame: Frame) -> OldLook | None:
    """The surroundings of the text in the widget's present appearance; None where it has none that can be kept."""
    appearances = widget.get("/AP")
    look = appearances.get("/N") if isinstance(appearances, Dictionary) else None
    if not isinstance(look, Stream) or not _fits(look, frame):
        return None
    try:
        instructions = list(pikepdf.parse_content_stream(look))
    except (pikepdf.PikepdfError, ValueError, TypeError, RuntimeError):
        return None
    start = next((at for at, each in enumerate(instructions) if _begins_text(each)), None)
    if start is None:
        return None
    depth, end = 0, len(instructions)
    for at in range(start, len(instructions)):
        operator = str(instructions[at].operator)
        depth += (operator in _MARKS) - (operator == "EMC")
        if depth == 0:
            end = at
            break
    before, after = instructions[:start], instructions[end + 1 :]
    if any(str(each.operator) == "BT" for each in (*before, *after)):
        # Text outside of the marked part may be the old value.
        return None
    return OldLook(
        pikepdf.unparse_content_stream(before), pikepdf.unparse_content_stream(after), look.get("/Resources")
    )


def _begins_text(instruction: Any) -> bool:
    operands = list(instruction.operands)
    return str(instruction.operator) in _MARKS and bool(operands) and operands[0] == Name.Tx


def _fits(look: Any, frame: Frame) -> bool:
    """Whether the appearance is drawn in the frame's own box and turn."""
    try:
        left, bottom, right, top = (float(side) for side in look.BBox)
        matrix = [float(part) for part in look.get("/Matrix", [1, 0, 0, 1, 0, 0])]
    except (AttributeError, TypeError, ValueError, KeyError):
        return False
    sides = (left, bottom, right - frame.width, top - frame.height)
    turn = (a - b for a, b in zip(matrix[:4], frame.matrix[:4], strict=False))
    return all(abs(side) < _TOLERANCE_POINTS for side in sides) and all(abs(part) < 0.01 for part in turn)

"""Draw the options of a list field, the chosen ones marked and in sight."""

from __future__ import annotations

from services.file_ops.forms.appearance.default_appearance import DefaultAppearance
from services.file_ops.forms.appearance.frame import Frame
from services.file_ops.forms.appearance.text_layout import heights
from services.file_ops.forms.field_tree import FormField
from services.file_ops.forms.field_values import choices_of, value_of
from services.file_ops.lettering.faces import Face
from services.file_ops.lettering.letters import FontNames, Letters, show
from services.file_ops.marks.drawing import number

#: The blue behind chosen lines, and the size of letters that a list leaves open, both as in Acrobat.
_CHOSEN = b"0.6 0.75686 0.8549 rg"
_SIZE_POINTS = 12.0
#: Height of a line in heights of its letters.
_LINE = 1.1


def list_lines(
    field: FormField, frame: Frame, style: DefaultAppearance, face: Face, letters: Letters, names: FontNames
) -> bytes:
    """The operators that draw the options that fit, beginning so that the first chosen one is among them."""
    size = style.size_points or _SIZE_POINTS
    choices = choices_of(field)
    lines = [letters.line(shown, face) for _, shown in choices]
    ascent, descent = heights([run for line in lines for run in line])
    height = (ascent - descent) / 1000 * size * _LINE
    value = value_of(field)
    chosen = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    marked = [index for index, (stored, _) in enumerate(choices) if stored in chosen]
    first = _first_shown(field, marked, max(int((frame.height - 2 * frame.inset) / height), 1))
    parts, top = [], frame.height - frame.inset
    for index in range(first, len(choices)):
        if top < frame.inset:
            break
        if index in marked:
            row = (frame.inset, top - height, frame.width - 2 * frame.inset, height)
            parts.append(b"q %s %s re f Q" % (_CHOSEN, " ".join(map(number, row)).encode()))
        place = (2 * frame.inset, top - ascent * size / 1000 - height * (_LINE - 1) / 2)
        parts += [b"BT", style.color, f"1 0 0 1 {' '.join(map(number, place))} Tm".encode()]
        parts += [show(lines[index], size, names), b"ET"]
        top -= height
    return b"\n".join(parts)


def _first_shown(field: FormField, marked: list[int], rows: int) -> int:
    """The first line in sight. It is moved, also for viewers that scroll, where it hides what is chosen."""
    stored = field.get("/TI")
    first = max(stored, 0) if isinstance(stored, int) else 0
    if marked and not first <= marked[0] < first + rows:
        first = marked[0] if marked[0] < first else marked[0] - rows + 1
        for node in field.nodes:
            node.TI = first
    return first

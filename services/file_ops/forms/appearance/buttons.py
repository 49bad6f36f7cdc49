"""Draw checkboxes and radio buttons that bring no appearance of their own."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.forms.appearance.default_appearance import default_appearance
from services.file_ops.forms.appearance.frame import Frame, frame_of
from services.file_ops.forms.field_tree import FormField, Kind
from services.file_ops.forms.names import OFF, keys_of, name_among, text_of
from services.file_ops.marks.drawing import number

#: The sign of a ticked field by the character of ZapfDingbats that its entry CA names (12.5.6.19), as paths in a
#: square from (0, 0) to (1, 1): drawn so, they need no font that an archive would have to embed.
_SIGNS = {
    "4": "0.12 0.52 m 0.24 0.6 l 0.4 0.36 l 0.78 0.92 l 0.9 0.86 l 0.46 0.12 l 0.34 0.12 l f",
    "8": "0.14 0.24 m 0.24 0.14 l 0.5 0.4 l 0.76 0.14 l 0.86 0.24 l 0.6 0.5 l 0.86 0.76 l 0.76 0.86 l 0.5 0.6 l "
    "0.24 0.86 l 0.14 0.76 l 0.4 0.5 l f",
    "u": "0.5 0.08 m 0.92 0.5 l 0.5 0.92 l 0.08 0.5 l f",
    "n": "0.2 0.2 0.6 0.6 re f",
    "H": "0.5 0.95 m 0.61 0.62 l 0.95 0.62 l 0.67 0.41 l 0.78 0.07 l 0.5 0.28 l 0.22 0.07 l 0.33 0.41 l "
    "0.05 0.62 l 0.39 0.62 l f",
    "l": "0.8 0.5 m 0.8 0.666 0.666 0.8 0.5 0.8 c 0.334 0.8 0.2 0.666 0.2 0.5 c 0.2 0.334 0.334 0.2 0.5 0.2 c "
    "0.666 0.2 0.8 0.334 0.8 0.5 c f",
}


def has_looks(widget: Any, state: str) -> bool:
    """Whether a button widget brings an appearance for its on-state."""
    appearances = widget.get("/AP")
    looks = appearances.get("/N") if isinstance(appearances, Dictionary) else None
    return isinstance(looks, Dictionary) and not isinstance(looks, Stream) and state in keys_of(looks)


def draw_button(pdf: pikepdf.Pdf, field: FormField, widget: Any, state: str, form: Any) -> bool:
    """Give a checkbox or radio button the appearances of both its states. Returns False where it has no area."""
    frame = frame_of(widget)
    if frame is None:
        return False
    looks = widget.get("/MK")
    character = text_of(looks.get("/CA")) if isinstance(looks, Dictionary) else None
    sign = _SIGNS.get(character or "", _SIGNS["l" if field.kind is Kind.RADIO else "4"])
    style = widget.get("/DA") or field.get("/DA") or (form.get("/DA") if form is not None else None)
    side = max(min(frame.width, frame.height) - 2 * frame.inset, 0.1)
    left, bottom = (frame.width - side) / 2, (frame.height - side) / 2
    place = " ".join(map(number, (side, 0, 0, side, left, bottom)))
    on = b"%s\nq %s %s cm %s Q" % (frame.drawn(), default_appearance(style).color, place.encode(), sign.encode())
    appearances = widget.get("/AP")
    if not isinstance(appearances, Dictionary) or isinstance(appearances, Stream):
        widget.AP = appearances = Dictionary()
    states = appearances.get("/N")
    if not isinstance(states, Dictionary) or isinstance(states, Stream):
        appearances.N = states = Dictionary()
    states[name_among(state, states)] = _look(pdf, frame, on)
    if OFF not in keys_of(states):
        states[Name.Off] = _look(pdf, frame, frame.drawn())
    return True


def _look(pdf: pikepdf.Pdf, frame: Frame, content: bytes) -> Any:
    look = pdf.make_stream(content)
    look.Type, look.Subtype = Name.XObject, Name.Form
    look.BBox, look.Matrix = Array([0, 0, frame.width, frame.height]), Array(frame.matrix)
    look.Resources = Dictionary()
    return look

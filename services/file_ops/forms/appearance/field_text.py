"""Draw the value of a text field, dropdown or list as its widget asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.forms.appearance.default_appearance import DefaultAppearance
from services.file_ops.forms.appearance.form_fonts import FormFonts
from services.file_ops.forms.appearance.frame import Frame, frame_of
from services.file_ops.forms.appearance.list_lines import list_lines
from services.file_ops.forms.appearance.old_look import OldLook, old_look
from services.file_ops.forms.appearance.text_layout import (
    Box,
    Layout,
    comb,
    several_lines,
    single_line,
)
from services.file_ops.forms.field_tree import Flag, FormField, Kind
from services.file_ops.forms.field_values import choices_of, is_comb, max_length, value_of
from services.file_ops.lettering.faces import Face
from services.file_ops.lettering.letters import FontNames, Letters, show
from services.file_ops.marks.drawing import number


@dataclass
class FieldText:
    """Draws values; knows the form's fonts."""

    pdf: pikepdf.Pdf
    fonts: FormFonts
    letters: Letters
    #: Names of fields of which some text does not show.
    cut_off: list[str]

    def draw(self, field: FormField, widget: Any) -> bool:
        """Give a widget the appearance of its field's value. Returns False where it has no area."""
        frame = frame_of(widget)
        if frame is None:
            return False
        style = self.fonts.style(field, widget)
        face = self.fonts.face(field, style, self.letters)
        names = FontNames()
        old = old_look(widget, frame)
        before, after = (old.before, old.after) if old else (_surroundings(field, frame), b"")
        if field.kind is Kind.LIST:
            lines = list_lines(field, frame, style, face, self.letters, names)
            text = b"\n".join((_clipped(frame), lines, b"Q"))
        else:
            text = self._value(field, widget, frame, style, face, names)
        content = b"\n".join(part for part in (before, b"/Tx BMC", text, b"EMC", after) if part)
        self._set(widget, frame, content, names, old)
        return True

    def _value(
        self, field: FormField, widget: Any, frame: Frame, style: DefaultAppearance, face: Face, names: FontNames
    ) -> bytes:
        text = shown_text(field)
        if not text:
            return b""
        layout = self._layout(field, widget, frame, style, face, text)
        if layout.cut_off and field.name not in self.cut_off:
            self.cut_off.append(field.name)
        parts = [_clipped(frame), b"BT", style.color]
        for line in layout.lines:
            parts.append(f"1 0 0 1 {number(line.x)} {number(line.y)} Tm".encode())
            parts.append(show(line.runs, layout.size_points, names))
        return b"\n".join([*parts, b"ET", b"Q"])

    def _layout(
        self, field: FormField, widget: Any, frame: Frame, style: DefaultAppearance, face: Face, text: str
    ) -> Layout:
        def set_line(line: str) -> Any:
            return self.letters.line(line, face)

        alignment = _alignment(self.fonts.entry(field, widget, "/Q"))
        inset = frame.inset
        if is_comb(field):
            cells = max_length(field) or 1
            box = Box(0, inset, frame.width, frame.height - 2 * inset, alignment)
            return comb(text, box, cells, style.size_points, set_line)
        # A field hardly higher than its letters keeps them whole rather than its margin.
        across, upwards = min(2 * inset, frame.width / 4), min(inset, frame.height / 8)
        box = Box(across, upwards, frame.width - 2 * across, frame.height - 2 * upwards, alignment)
        if field.kind is Kind.TEXT and field.has(Flag.MULTILINE):
            upwards = min(2 * inset, frame.height / 8)
            box = Box(across, upwards, box.width, frame.height - 2 * upwards, alignment)
            return several_lines(text, box, style.size_points, set_line)
        return single_line(text, box, style.size_points, set_line)

    def _set(self, widget: Any, frame: Frame, content: bytes, names: FontNames, old: OldLook | None) -> None:
        look = self.pdf.make_stream(content)
        look.Type, look.Subtype = Name.XObject, Name.Form
        look.BBox = Array([0, 0, frame.width, frame.height])
        look.Matrix = Array(frame.matrix)
        fonts = Dictionary(names.fonts)
        look.Resources = old.resources_with(fonts) if old else Dictionary(Font=fonts)
        appearances = widget.get("/AP")
        if not isinstance(appearances, Dictionary) or isinstance(appearances, Stream):
            widget.AP = appearances = Dictionary()
        # Looks for a pointer over the field or a pressed one would show the value of before.
        for key in ("/R", "/D"):
            if key in appearances:
                del appearances[key]
        appearances.N = look


def shown_text(field: FormField) -> str:
    """What a text field or dropdown shows of its value."""
    value = value_of(field)
    text = value[0] if isinstance(value, list) and value else value if isinstance(value, str) else ""
    if field.kind is Kind.DROPDOWN:
        return next((shown for stored, shown in choices_of(field) if stored == text), text)
    return "*" * len(text) if field.has(Flag.PASSWORD) and field.kind is Kind.TEXT else text


def texts_of(field: FormField) -> list[str]:
    """All texts that drawing the field needs letters for."""
    return [shown for _, shown in choices_of(field)] if field.kind is Kind.LIST else [shown_text(field)]


def _surroundings(field: FormField, frame: Frame) -> bytes:
    dividers = frame.dividers(max_length(field) or 1) if is_comb(field) else b""
    return b"\n".join(part for part in (frame.drawn(), dividers) if part)


def _alignment(value: Any) -> int:
    return int(value) if isinstance(value, int) and value in (0, 1, 2) else 0


def _clipped(frame: Frame) -> bytes:
    edge = min(frame.inset, frame.width / 8, frame.height / 8)
    inside = (edge, edge, frame.width - 2 * edge, frame.height - 2 * edge)
    return f"q {' '.join(map(number, inside))} re W n".encode()

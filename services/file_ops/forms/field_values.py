"""What a field says: its value, its options, its limits."""

from __future__ import annotations

from typing import Any

from pikepdf import Array, Dictionary, Stream

from services.file_ops.forms.field_tree import Flag, FormField, Kind, Widget
from services.file_ops.forms.names import OFF, keys_of, text_of

#: A checkbox without appearances does not say what its on-state is called; Acrobat calls it so.
_ON = "Yes"
Value = str | bool | list[str] | None


def value_of(field: FormField, key: str = "/V") -> Value:
    """The value (`/V`) or default (`/DV`) of a field, in the words that filling takes."""
    stored = field.get(key)
    if field.kind in (Kind.CHECKBOX, Kind.RADIO):
        state = text_of(stored)
        if state is None and key == "/V":
            state = _shown_state(field)
        export = next((export for _, on, export in states_of(field) if on == state), None)
        if export is None and state is not None and state != OFF:
            export = next((export for _, _, export in states_of(field) if export == state), None)
        return export is not None if is_single(field) else export
    if field.kind in (Kind.LIST, Kind.DROPDOWN):
        chosen = [text_of(each) or "" for each in stored] if isinstance(stored, Array) else text_of(stored)
        return [chosen] if isinstance(chosen, str) and chosen and field.has(Flag.MULTI_SELECT) else chosen
    if field.kind is Kind.TEXT:
        return text_of(stored)
    return None


def choices_of(field: FormField) -> list[tuple[str, str]]:
    """The options of a list or dropdown: what is stored, and what is shown."""
    options = field.get("/Opt")
    choices = []
    for option in options if isinstance(options, Array) else ():
        if isinstance(option, Array) and len(option) >= 2:
            choices.append((text_of(option[0]) or "", text_of(option[1]) or ""))
        elif (text := text_of(option)) is not None:
            choices.append((text, text))
    return choices


def states_of(field: FormField) -> list[tuple[Widget, str, str]]:
    """Each widget of a checkbox or radio button, the name of its on-state, and the export value that it stands for."""
    exports = field.get("/Opt")
    named = [text_of(each) for each in exports] if isinstance(exports, Array) else []
    found = []
    for index, widget in enumerate(field.widgets):
        on = on_state(widget.annotation, index if field.kind is Kind.RADIO else None)
        export = named[index] if index < len(named) else None
        found.append((widget, on, on if export is None else export))
    return found


def on_state(widget: Any, number: int | None) -> str:
    """The name of a widget's on-state; `number` tells radio buttons apart that do not say it."""
    appearances = widget.get("/AP")
    for kind in ("/N", "/D"):
        looks = appearances.get(kind) if isinstance(appearances, Dictionary) else None
        if isinstance(looks, Dictionary) and not isinstance(looks, Stream):
            names = [name for name in keys_of(looks) if name != OFF]
            if names:
                return names[0]
    shown = text_of(widget.get("/AS"))
    if shown and shown != OFF:
        return shown
    return _ON if number is None else str(number)


def is_single(field: FormField) -> bool:
    """Whether it is an ordinary checkbox: ticked or not, with nothing to choose between."""
    return field.kind is Kind.CHECKBOX and len({export for _, _, export in states_of(field)}) <= 1


def max_length(field: FormField) -> int | None:
    """Most characters that a text field takes."""
    limit = field.get("/MaxLen")
    try:
        return int(limit) if limit is not None and int(limit) > 0 else None
    except (TypeError, ValueError):
        return None


def is_comb(field: FormField) -> bool:
    """Whether each character has a cell of its own (table 231: not with several lines, passwords or files)."""
    others = Flag.MULTILINE | Flag.PASSWORD | Flag.FILE
    return field.has(Flag.COMB) and not field.has(others) and max_length(field) is not None


def is_signed(field: FormField) -> bool:
    """Whether a signature field carries a signature."""
    return isinstance(field.get("/V"), Dictionary)


def _shown_state(field: FormField) -> str | None:
    shown = (text_of(widget.annotation.get("/AS")) for widget in field.widgets)
    return next((state for state in shown if state and state != OFF), None)

"""Write values into the fields of a form: what programs read, and which state buttons show."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from services.file_ops.forms.appearance.buttons import draw_button, has_looks
from services.file_ops.forms.checking import Filled
from services.file_ops.forms.field_tree import FormField, FormFields, Kind
from services.file_ops.forms.field_values import choices_of, states_of
from services.file_ops.forms.names import name_among


def store(pdf: pikepdf.Pdf, found: FormFields, filled: Filled) -> None:
    """Give a field its value. Buttons show it at once; text needs an appearance besides."""
    field, value = filled.field, filled.value
    if field.kind in (Kind.CHECKBOX, Kind.RADIO):
        _store_state(pdf, found, field, value if isinstance(value, str) else None)
        return
    for node in field.nodes:
        owner = _owner_of_value(node)
        # Rich text is another form of the same value, which we do not write.
        for stale in ("/RV", "/I"):
            if stale in owner:
                del owner[stale]
        if isinstance(value, list):
            owner.V = Array([String(each) for each in value])
        else:
            # An empty text and not nothing: fields above might have a value to inherit.
            owner.V = String(value or "")
        if field.kind is Kind.LIST and value:
            stored = [option for option, _ in choices_of(field)]
            chosen = value if isinstance(value, list) else [value]
            owner.I = Array(sorted(stored.index(each) for each in chosen if each in stored))


def draw_missing_states(pdf: pikepdf.Pdf, found: FormFields, field: FormField) -> None:
    """Give widgets of a button that bring no appearance one of ours."""
    for widget, state, _ in states_of(field):
        if not has_looks(widget.annotation, state):
            draw_button(pdf, field, widget.annotation, state, found.form)


def _store_state(pdf: pikepdf.Pdf, found: FormFields, field: FormField, export: str | None) -> None:
    draw_missing_states(pdf, found, field)
    value = Name.Off
    for widget, state, stands_for in states_of(field):
        name = name_among(state, widget.annotation.AP.N if has_looks(widget.annotation, state) else Dictionary())
        if export is not None and stands_for == export:
            widget.annotation.AS = value = name
        else:
            widget.annotation.AS = Name.Off
    for node in field.nodes:
        _owner_of_value(node).V = value


def _owner_of_value(node: pikepdf.Object) -> pikepdf.Object:
    """Where the value stands: a widget without a name leaves it to its field."""
    parent = node.get("/Parent")
    return parent if "/T" not in node and isinstance(parent, Dictionary) else node

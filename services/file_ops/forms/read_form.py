"""List the fields of a form: what they are called, what they take, what they hold, where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pikepdf import Dictionary

from services.file_ops.forms.field_tree import Flag, FormField, FormFields, Kind
from services.file_ops.forms.field_values import (
    choices_of,
    is_comb,
    is_signed,
    is_single,
    max_length,
    states_of,
    value_of,
)
from services.file_ops.forms.names import text_of
from services.file_ops.forms.xfa import xfa_of
from services.file_ops.marks.page_view import PageView
from shared.operation import Result
from shared.pdf.open_document import open_document

_SCRIPT_KEYS = ("/K", "/F", "/V", "/C")


def read_form(source: Path, *, password: str | None = None) -> Result:
    """Return the fields of a PDF's form in its order.

    Boxes are left, bottom, right, top in points on the page as it is seen, from its lower left corner.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf:
        found = FormFields.of(pdf)
        views = {
            page: PageView.of(pdf.pages[page])
            for page in {widget.page for field in found.fields.values() for widget in field.widgets}
            if page is not None
        }
        fields = [described(field, views) for field in found.fields.values()]
        return {
            "pages": len(pdf.pages),
            "xfa": xfa_of(pdf, found).value,
            "need_appearances": _needs_appearances(found),
            "field_count": len(fields),
            "kinds": _counted([field["kind"] for field in fields]),
            "outside_the_form": found.outside,
            "fields": fields,
        }


def described(field: FormField, views: dict[int, PageView]) -> dict[str, Any]:
    """One field as the result lists it; entries that do not apply are left out."""
    told: dict[str, Any] = {
        "name": field.name,
        "kind": field.kind.value,
        "value": None if field.has(Flag.PASSWORD) and field.kind is Kind.TEXT else value_of(field),
        "default": value_of(field, "/DV"),
        "required": field.has(Flag.REQUIRED),
        "read_only": field.has(Flag.READ_ONLY),
    }
    if label := text_of(field.get("/TU")):
        told["label"] = label
    match field.kind:
        case Kind.TEXT:
            told |= _described_text(field)
        case Kind.CHECKBOX | Kind.RADIO:
            told["options"] = sorted({export for _, _, export in states_of(field)}, key=str)
            told["single"] = is_single(field)
        case Kind.LIST | Kind.DROPDOWN:
            choices = choices_of(field)
            told["options"] = [stored for stored, _ in choices]
            if any(stored != shown for stored, shown in choices):
                told["labels"] = [shown for _, shown in choices]
            told["multi_select"] = field.has(Flag.MULTI_SELECT)
            told["editable"] = field.kind is Kind.DROPDOWN and field.has(Flag.EDIT)
        case Kind.SIGNATURE:
            told["signed"] = is_signed(field)
    told["scripted"] = has_script(field)
    told["boxes"] = [
        {"page": widget.page + 1, "box_points": _box(widget.annotation, views[widget.page])}
        for widget in field.widgets
        if widget.page is not None
    ]
    return told


def has_script(field: FormField) -> bool:
    """Whether JavaScript of the form formats, checks or computes the value; Bindery runs none."""
    actions = field.get("/AA")
    return isinstance(actions, Dictionary) and any(key in actions for key in _SCRIPT_KEYS)


def _described_text(field: FormField) -> dict[str, Any]:
    return {
        "multiline": field.has(Flag.MULTILINE),
        "password": field.has(Flag.PASSWORD),
        "max_length": max_length(field),
        "comb": is_comb(field),
        "rich_text": field.has(Flag.RICH_TEXT),
    }


def _box(annotation: Any, view: PageView) -> list[float] | None:
    try:
        x0, y0, x1, y1 = (float(side) for side in annotation.Rect)
    except (AttributeError, TypeError, ValueError, KeyError):
        return None
    seen = view.to_page.inverse()
    ends = [seen.transform(corner) for corner in ((x0, y0), (x1, y1))]
    across, upwards = sorted(end[0] for end in ends), sorted(end[1] for end in ends)
    return [round(side, 2) for side in (across[0], upwards[0], across[1], upwards[1])]


def _needs_appearances(found: FormFields) -> bool:
    return found.form is not None and found.form.get("/NeedAppearances") is True


def _counted(kinds: list[str]) -> dict[str, int]:
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}

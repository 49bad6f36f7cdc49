"""The fields of a form: their full names, kinds and widgets, found through the form and through the pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.file_ops.forms.names import text_of
from shared.errors import TooComplex
from shared.pdf.inheritance import inherited, upwards

_DEEPEST = 64
_MOST_FIELDS = 50_000


class Kind(StrEnum):
    """What a field is."""

    TEXT = "text"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    DROPDOWN = "dropdown"
    LIST = "list"
    BUTTON = "button"
    SIGNATURE = "signature"
    UNKNOWN = "unknown"


class Flag:
    """Bits of the entry Ff (ISO 32000-2, tables 227 to 233)."""

    READ_ONLY, REQUIRED, NO_EXPORT = 1 << 0, 1 << 1, 1 << 2
    MULTILINE, PASSWORD, FILE, COMB, RICH_TEXT = 1 << 12, 1 << 13, 1 << 20, 1 << 24, 1 << 25
    NO_TOGGLE_TO_OFF, RADIO, PUSH_BUTTON, IN_UNISON = 1 << 14, 1 << 15, 1 << 16, 1 << 25
    COMBO, EDIT, MULTI_SELECT = 1 << 17, 1 << 18, 1 << 21


@dataclass(frozen=True)
class Widget:
    """One place where a field is shown."""

    annotation: Any
    #: Index of its page; None where no page shows it.
    page: int | None


@dataclass
class FormField:
    """One field. Several nodes of one full name are one field, and have one value."""

    name: str
    kind: Kind
    nodes: list[Any]
    widgets: list[Widget] = field(default_factory=list)

    def get(self, key: str) -> Any:
        """An entry of the field, its own or inherited."""
        return inherited(self.nodes[0], key)

    def has(self, flag: int) -> bool:
        """Whether a bit of its flags is set."""
        return bool(_flags(self.nodes[0]) & flag)


@dataclass
class FormFields:
    """The fields of one document in the order of the form."""

    form: Any
    fields: dict[str, FormField]
    #: Fields that pages show and the form does not list.
    outside: list[str]
    _nodes: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def of(cls, pdf: pikepdf.Pdf) -> FormFields:
        """Find all fields. Raises TooComplex for more than 50,000."""
        form = pdf.Root.get("/AcroForm")
        form = form if isinstance(form, Dictionary) else None
        found = cls(form, {}, [])
        shown = _widgets_on_pages(pdf)
        for node, widgets in _terminal_nodes(form):
            found._add(node, [Widget(each, shown.pop(each.objgen, (None, None))[1]) for each in widgets])
        for annotation, page in list(shown.values()):
            node = _node_of(annotation)
            listed = found.fields.get(full_name(node))
            if listed is None:
                found.outside.append(full_name(node))
            found._add(node, [Widget(annotation, page)])
        return found

    def _add(self, node: Any, widgets: list[Widget]) -> None:
        name = full_name(node)
        known = self.fields.get(name)
        if known is None:
            self.fields[name] = FormField(name, _kind(node), [node], widgets)
            self._nodes.add(node.objgen)
            return
        if node.objgen not in self._nodes:
            known.nodes.append(node)
        self._nodes.add(node.objgen)
        known.widgets += widgets


def full_name(node: Any) -> str:
    """The partial names from the root down, joined by dots."""
    parts: list[str] = []
    for each in upwards(node):
        if "/T" in each:
            parts.append(text_of(each["/T"]) or "")
    return ".".join(reversed(parts))


def _widgets_on_pages(pdf: pikepdf.Pdf) -> dict[tuple[int, int], tuple[Any, int]]:
    """Each widget by its object number, with the page that shows it. Direct ones become objects of their own."""
    shown: dict[tuple[int, int], tuple[Any, int]] = {}
    for index, page in enumerate(pdf.pages):
        annotations = page.obj.get("/Annots")
        if not isinstance(annotations, Array):
            continue
        for position, annotation in enumerate(annotations):
            if not isinstance(annotation, Dictionary) or annotation.get("/Subtype") != Name.Widget:
                continue
            if not annotation.is_indirect:
                annotations[position] = pdf.make_indirect(annotation)
            widget = annotations[position]
            shown.setdefault(widget.objgen, (widget, index))
            if len(shown) > _MOST_FIELDS:
                raise TooComplex(f"The form has more than {_MOST_FIELDS:,} fields.")
    return shown


def _terminal_nodes(form: Any) -> Iterator[tuple[Any, list[Any]]]:
    """The fields that can have a value, each with its widgets."""
    roots = form.get("/Fields") if form is not None else None
    waiting = [(node, 0) for node in reversed(list(roots))] if isinstance(roots, Array) else []
    seen: set[tuple[int, int]] = set()
    while waiting:
        node, depth = waiting.pop()
        if not isinstance(node, Dictionary) or depth > _DEEPEST or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        if len(seen) > _MOST_FIELDS:
            raise TooComplex(f"The form has more than {_MOST_FIELDS:,} fields.")
        kids = node.get("/Kids")
        children = [kid for kid in kids if isinstance(kid, Dictionary)] if isinstance(kids, Array) else []
        fields = [kid for kid in children if "/T" in kid or "/Kids" in kid]
        widgets = [kid for kid in children if "/T" not in kid and "/Kids" not in kid and kid.is_indirect]
        waiting += [(kid, depth + 1) for kid in reversed(fields)]
        if widgets:
            yield node, widgets
        elif not fields and inherited(node, "/FT") is not None:
            yield node, [node] if node.get("/Subtype") == Name.Widget and node.is_indirect else []


def _node_of(annotation: Any) -> Any:
    """The field that a widget belongs to: itself, or its parent when only that has a name."""
    parent = annotation.get("/Parent")
    return annotation if "/T" in annotation or not isinstance(parent, Dictionary) else parent


def _flags(node: Any) -> int:
    try:
        return int(inherited(node, "/Ff") or 0)
    except (TypeError, ValueError):
        return 0


def _kind(node: Any) -> Kind:
    flags = _flags(node)
    match text_of(inherited(node, "/FT")):
        case "Tx":
            return Kind.TEXT
        case "Ch":
            return Kind.DROPDOWN if flags & Flag.COMBO else Kind.LIST
        case "Btn":
            if flags & Flag.PUSH_BUTTON:
                return Kind.BUTTON
            return Kind.RADIO if flags & Flag.RADIO else Kind.CHECKBOX
        case "Sig":
            return Kind.SIGNATURE
    return Kind.UNKNOWN

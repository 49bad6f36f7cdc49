"""Form fields of one document, indexed by page and parted from each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.file_ops.metadata.destinations import ObjectId

_PARENTS_DEEP = 32


@dataclass(slots=True, eq=False)
class FieldNode:
    """A field, or one of its widgets; `number` is its place in reading order."""

    object: Any
    parent: FieldNode | None
    number: int
    kids: list[FieldNode] = field(default_factory=list)


class FieldTree:
    """All fields of a form. Once it is made, no field or widget of the document refers to its parent or its kids.

    A widget drags its field along when it is copied, and the field all its other widgets and their pages' content:
    parted, each is copied alone, and whoever copies them joins them again.
    """

    def __init__(self, pdf: pikepdf.Pdf, annotations: list[list[Any]]) -> None:
        self.pdf = pdf
        form = pdf.Root.get("/AcroForm")
        #: The form's own dictionary, or None where there is none.
        self.form: Any = form if isinstance(form, Dictionary) else None
        self.nodes: list[FieldNode] = []
        self._by_page: dict[int, list[FieldNode]] = {}
        self._by_id: dict[ObjectId, FieldNode] = {}
        widgets = [(n, each) for n, row in enumerate(annotations) for each in row if _is_widget(each)]
        if self.form is not None:
            self._read(_objects_in(self.form, "/Fields"))
            # Widgets that a form forgot belong to it all the same. Where there is no form they are mere pictures of
            # fields, and would look different as fields.
            forgotten = [_topmost(widget) for _, widget in widgets if widget.objgen not in self._by_id]
            self._read([field for field in forgotten if "/T" in field])
        for number, widget in widgets:
            if node := self._by_id.get(widget.objgen):
                self._by_page.setdefault(number, []).append(node)
        self._part()

    def with_widgets_on(self, pages: Iterable[int]) -> list[FieldNode]:
        """The fields and widgets that show on these pages, with all above them, in reading order."""
        found: dict[int, FieldNode] = {}
        for page in pages:
            for node in self._by_page.get(page, ()):
                above: FieldNode | None = node
                while above is not None and above.number not in found:
                    found[above.number] = above
                    above = above.parent
        return [found[number] for number in sorted(found)]

    def node_of(self, found: Any) -> FieldNode | None:
        """The node of a field that something in the document refers to."""
        return self._by_id.get(found.objgen) if isinstance(found, Dictionary) else None

    def _read(self, tops: list[Any]) -> None:
        waiting: list[tuple[Any, FieldNode | None]] = [(top, None) for top in reversed(tops)]
        while waiting:
            found, parent = waiting.pop()
            found = found if found.is_indirect else self.pdf.make_indirect(found)
            if found.objgen in self._by_id:
                continue
            node = FieldNode(found, parent, len(self.nodes))
            self.nodes.append(node)
            self._by_id[found.objgen] = node
            if parent is not None:
                parent.kids.append(node)
            waiting.extend((kid, node) for kid in reversed(_objects_in(found, "/Kids")))

    def _part(self) -> None:
        for node in self.nodes:
            for key in ("/Kids", "/Parent"):
                if key in node.object:
                    del node.object[key]


def _is_widget(annotation: Any) -> bool:
    return bool(annotation.get("/Subtype") == Name.Widget)


def _topmost(widget: Any) -> Any:
    found = widget
    for _ in range(_PARENTS_DEEP):
        above = found.get("/Parent")
        if not isinstance(above, Dictionary):
            break
        found = above
    return found


def _objects_in(owner: Any, key: str) -> list[Any]:
    entries = owner.get(key)
    return [entry for entry in entries if isinstance(entry, Dictionary)] if isinstance(entries, Array) else []

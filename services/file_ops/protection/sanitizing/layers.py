"""Optional content: which layers a viewer hides when it opens the document, and how they leave it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.protection.annotations import annotations_of, keep
from services.file_ops.protection.content.geometry import IDENTITY
from services.file_ops.protection.content.walk import Eraser, Walk
from services.file_ops.protection.reachable import reachable
from shared.operation import Report
from shared.pdf.inheritance import inherited

ObjectId = tuple[int, int]
_DEEPEST = 20
_LISTS = ("/OFF", "/ON", "/Order", "/RBGroups", "/Locked")


class Layers:
    """The layers of a document under its default configuration (ISO 32000-2, 8.11)."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._properties: Any = pdf.Root.get("/OCProperties")
        if not isinstance(self._properties, Dictionary):
            self._properties = Dictionary()
        config = self._properties.get("/D")
        self._config: Any = config if isinstance(config, Dictionary) else Dictionary()
        self.hidden = self._hidden_groups()

    def _hidden_groups(self) -> set[ObjectId]:
        groups = _groups(self._properties.get("/OCGs"))
        off = set(groups) if self._config.get("/BaseState") == Name.OFF else set()
        off |= set(_groups(self._config.get("/OFF")))
        if self._config.get("/BaseState") == Name.OFF:
            off -= set(_groups(self._config.get("/ON")))
        for usage in _array(self._config.get("/AS")):
            if isinstance(usage, Dictionary) and usage.get("/Event") == Name.View:
                for number, group in _groups(usage.get("/OCGs")).items():
                    state = _view_state(group)
                    off = off | {number} if state == Name.OFF else off - {number} if state == Name.ON else off
        return off & set(groups)

    def is_hidden(self, group: Any, depth: int = 0) -> bool:
        """Whether content that belongs to a group or a membership dictionary is not shown."""
        if not isinstance(group, Dictionary) or depth > _DEEPEST:
            return False
        if group.get("/Type") != Name.OCMD:
            return group.objgen in self.hidden
        expression = group.get("/VE")
        if isinstance(expression, Array) and len(expression):
            return not self._holds(expression, depth)
        members = group.get("/OCGs")
        given = list(members) if isinstance(members, Array) else [members]
        shown = [not self.is_hidden(each, depth + 1) for each in given if isinstance(each, Dictionary)]
        if not shown:
            return False
        policy = str(group.get("/P", "/AnyOn"))
        return not {"/AllOn": all(shown), "/AnyOff": not all(shown), "/AllOff": not any(shown)}.get(policy, any(shown))

    def _holds(self, expression: Any, depth: int) -> bool:
        if depth > _DEEPEST:
            return True
        if not isinstance(expression, Array) or not len(expression):
            return not self.is_hidden(expression, depth + 1)
        operator, *operands = list(expression)
        values = [self._holds(each, depth + 1) for each in operands]
        if operator == Name.Not:
            return not all(values)
        return any(values) if operator == Name.Or else all(values)


def remove_hidden(pdf: pikepdf.Pdf, report: Report) -> Counter[str]:
    """Take the content of hidden layers out of pages, forms and annotations, and the layers out of the lists."""
    counts: Counter[str] = Counter()
    layers = Layers(pdf)
    if not layers.hidden:
        return counts
    erased: Counter[str] = Counter()
    walk = Walk(pdf, Eraser(is_hidden=layers.is_hidden, layers=True), counts=erased)
    for number, page in enumerate(pdf.pages):
        report(number, len(pdf.pages), "Removing hidden layers")
        walk.page(page.obj, inherited(page.obj, "/Resources"))
        hidden = [each for each in annotations_of(page.obj) if layers.is_hidden(each.get("/OC"))]
        shown = [each for each in annotations_of(page.obj) if not layers.is_hidden(each.get("/OC"))]
        if hidden:
            erased["annotations"] += len(hidden)
            keep(page.obj, shown, hidden)
        for annotation in shown:
            _walk_appearances(walk, annotation)
    _forget(pdf, layers)
    counts["hidden_layers"] = len(layers.hidden)
    counts.update({f"hidden_{kind}": count for kind, count in erased.items()})
    return counts


def _walk_appearances(walk: Walk, annotation: Any) -> None:
    looks = annotation.get("/AP")
    for owner in [looks, *looks.values()] if isinstance(looks, Dictionary) else []:
        if not isinstance(owner, Dictionary):
            continue
        for state, form in owner.items():
            if isinstance(form, Stream) and (copy := walk.form(form, IDENTITY, Dictionary(), 0)) is not None:
                owner[state] = copy


def _forget(pdf: pikepdf.Pdf, layers: Layers) -> None:
    properties = layers._properties
    if "/Configs" in properties:
        del properties["/Configs"]
    for owner in (properties, layers._config):
        for key in ("/OCGs", *_LISTS):
            if isinstance(owner.get(key), Array):
                owner[key] = _without(owner[key], layers.hidden, 0)
    for usage in _array(layers._config.get("/AS")):
        if isinstance(usage, Dictionary) and isinstance(usage.get("/OCGs"), Array):
            usage.OCGs = _without(usage.OCGs, layers.hidden, 0)
    for thing in reachable(pdf):
        if not isinstance(thing, Array) and thing.get("/Type") == Name.OCMD and isinstance(thing.get("/OCGs"), Array):
            thing.OCGs = _without(thing.OCGs, layers.hidden, 0)
        elif not isinstance(thing, Array) and isinstance(thing.get("/OC"), Dictionary) and layers.is_hidden(thing.OC):
            del thing["/OC"]


def _without(entries: Any, hidden: set[ObjectId], depth: int) -> Array:
    kept = []
    for entry in entries:
        if isinstance(entry, Array) and depth < _DEEPEST:
            kept.append(_without(entry, hidden, depth + 1))
        elif not isinstance(entry, Dictionary) or entry.objgen not in hidden:
            kept.append(entry)
    return Array(kept)


def _array(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Array) else []


def _groups(value: Any) -> dict[ObjectId, Any]:
    return {each.objgen: each for each in _array(value) if isinstance(each, Dictionary)}


def _view_state(group: Any) -> Any:
    usage = group.get("/Usage")
    view = usage.get("/View") if isinstance(usage, Dictionary) else None
    return view.get("/ViewState") if isinstance(view, Dictionary) else None

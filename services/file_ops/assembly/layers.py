"""Optional content (layers): which there are, how they start, and how those of several files live together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from services.file_ops.metadata.destinations import ObjectId

#: A private mark on each layer of a source, by which its copies are found again; no output keeps it.
_MARK = "/BinderyLayer"
#: How deep the tree of layers that a viewer shows may nest.
_ORDER_DEEP = 16


class SourceLayers:
    """The layers of one document."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        found = pdf.Root.get("/OCProperties")
        properties: Any = found if isinstance(found, Dictionary) else Dictionary()
        self.layers = [layer for layer in _entries(properties, "/OCGs") if layer.is_indirect]
        for number, layer in enumerate(self.layers):
            layer[_MARK] = number
        config = properties.get("/D")
        #: The configuration that viewers start with.
        self.config: Any = config if isinstance(config, Dictionary) else Dictionary()

    def hidden(self) -> set[ObjectId]:
        """The ids of the layers that do not show at first."""
        on, off = (
            {layer.objgen for layer in _entries(self.config, key) if layer.is_indirect} for key in ("/ON", "/OFF")
        )
        if self.config.get("/BaseState") == Name.OFF:
            return {layer.objgen for layer in self.layers} - on
        return off


@dataclass
class JoinedLayers:
    """The layers of one assembled document, to which each source adds its own."""

    pdf: pikepdf.Pdf
    count: int = 0
    _sources: list[tuple[str, SourceLayers, dict[ObjectId, Any]]] = field(default_factory=list)

    def next_object(self) -> int:
        """The number that the next object of the document gets, to be told to `add` after pages were copied."""
        return int(self.pdf.make_indirect(Dictionary()).objgen[0]) + 1

    def add(self, source: SourceLayers, title: str, *, first_object: int, whole: bool) -> None:
        """Take over the layers of a source: of a part only those that its pages use.

        `first_object` is what `next_object` said before the part was copied.
        """
        if not source.layers:
            return
        if whole:
            copies = {layer.objgen: self.pdf.copy_foreign(layer) for layer in source.layers}
        else:
            new = (self.pdf.get_object(number, 0) for number in range(first_object, self.next_object() - 1))
            marked = {int(o[_MARK]): o for o in new if isinstance(o, Dictionary) and _MARK in o}
            copies = {source.layers[number].objgen: copy for number, copy in sorted(marked.items())}
        for copy in copies.values():
            if _MARK in copy:
                del copy[_MARK]
        if copies:
            self.count += len(copies)
            self._sources.append((title, source, copies))

    def write(self) -> None:
        """Make them the document's layers, if there are any."""
        if not self._sources:
            return
        every = [copy for _, _, copies in self._sources for copy in copies.values()]
        config = Dictionary(Order=self._order(), BaseState=Name.ON)
        hidden, locked, exclusive, usages = [], [], [], []
        for _, source, copies in self._sources:
            off = source.hidden()
            hidden += [copy for layer, copy in copies.items() if layer in off]
            locked += _kept(source.config, "/Locked", copies)
            exclusive += _groups(source.config, copies)
            usages += _usages(source.config, copies)
        lists = {"/OFF": hidden, "/Locked": locked, "/RBGroups": exclusive, "/AS": usages}
        for key, entries in lists.items():
            if entries:
                config[key] = Array(entries)
        self.pdf.Root["/OCProperties"] = Dictionary(OCGs=Array(every), D=config)

    def _order(self) -> Array:
        """What viewers list: each source's own order, under its title where there are several."""
        rows = []
        for title, source, copies in self._sources:
            order = source.config.get("/Order")
            row = _mapped(order, copies, _ORDER_DEEP) if isinstance(order, Array) else list(copies.values())
            rows.append((title, row))
        if len(rows) == 1:
            return Array(rows[0][1])
        return Array([Array([String(title), *row]) for title, row in rows if row])


def _mapped(order: Any, copies: dict[ObjectId, Any], deep: int) -> list[Any]:
    mapped: list[Any] = []
    for entry in order:
        if isinstance(entry, Dictionary) and entry.objgen in copies:
            mapped.append(copies[entry.objgen])
        elif isinstance(entry, Array) and deep and (row := _mapped(entry, copies, deep - 1)):
            mapped.append(Array(row))
        elif isinstance(entry, String):
            mapped.append(String(bytes(entry)))
    # A label without a layer below it names nothing.
    return mapped if any(not isinstance(entry, String) for entry in mapped) else []


def _groups(config: Any, copies: dict[ObjectId, Any]) -> list[Any]:
    groups = config.get("/RBGroups")
    kept = (
        [_mapped(group, copies, 0) for group in groups if isinstance(group, Array)] if isinstance(groups, Array) else []
    )
    return [Array(group) for group in kept if group]


def _usages(config: Any, copies: dict[ObjectId, Any]) -> list[Any]:
    """When which layers switch by themselves: on view, print or export."""
    usages = []
    for usage in _entries(config, "/AS"):
        layers, event, category = _kept(usage, "/OCGs", copies), usage.get("/Event"), usage.get("/Category")
        if layers and isinstance(event, Name) and isinstance(category, Array):
            names = [Name(str(name)) for name in category if isinstance(name, Name)]
            usages.append(Dictionary(Event=Name(str(event)), OCGs=Array(layers), Category=Array(names)))
    return usages


def _kept(owner: Any, key: str, copies: dict[ObjectId, Any]) -> list[Any]:
    return [copies[layer.objgen] for layer in _entries(owner, key) if layer.objgen in copies]


def _entries(owner: Any, key: str) -> list[Any]:
    entries = owner.get(key)
    return [entry for entry in entries if isinstance(entry, Dictionary)] if isinstance(entries, Array) else []

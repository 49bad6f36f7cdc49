"""Optional content (layers): which there are, how they start, and how those of several files live together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
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

    # All of this is read once, however many parts ask for it.
    @cached_property
    def hidden(self) -> set[ObjectId]:
        """The layers that do not show at first."""
        if self.config.get("/BaseState") == Name.OFF:
            return {layer.objgen for layer in self.layers} - set(_ids(self.config, "/ON"))
        return set(_ids(self.config, "/OFF"))

    @cached_property
    def order(self) -> list[Any]:
        """What viewers list: layers by their ids, labels as bytes, and lists of both."""
        order = self.config.get("/Order")
        return _plain_order(order, _ORDER_DEEP) if isinstance(order, Array) else [each.objgen for each in self.layers]

    @cached_property
    def locked(self) -> list[ObjectId]:
        """The layers that viewers do not let switch."""
        return _ids(self.config, "/Locked")

    @cached_property
    def exclusive(self) -> list[list[ObjectId]]:
        """Groups of layers of which one shows."""
        groups = self.config.get("/RBGroups")
        rows = [group for group in groups if isinstance(group, Array)] if isinstance(groups, Array) else []
        return [[each.objgen for each in row if isinstance(each, Dictionary)] for row in rows]

    @cached_property
    def usages(self) -> list[tuple[str, list[str], list[ObjectId]]]:
        """When which layers switch by themselves: the event (view, print, export), the categories, the layers."""
        found = []
        for usage in _entries(self.config, "/AS"):
            event, category = usage.get("/Event"), usage.get("/Category")
            if isinstance(event, Name) and isinstance(category, Array):
                names = [str(name) for name in category if isinstance(name, Name)]
                found.append((str(event), names, _ids(usage, "/OCGs")))
        return found


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
            hidden += [copy for layer, copy in copies.items() if layer in source.hidden]
            locked += [copies[layer] for layer in source.locked if layer in copies]
            rows = ([copies[layer] for layer in row if layer in copies] for row in source.exclusive)
            exclusive += [Array(row) for row in rows if row]
            for event, categories, layers in source.usages:
                if kept := [copies[layer] for layer in layers if layer in copies]:
                    names = Array([Name(category) for category in categories])
                    usages.append(Dictionary(Event=Name(event), OCGs=Array(kept), Category=names))
        lists = {"/OFF": hidden, "/Locked": locked, "/RBGroups": exclusive, "/AS": usages}
        for key, entries in lists.items():
            if entries:
                config[key] = Array(entries)
        self.pdf.Root["/OCProperties"] = Dictionary(OCGs=Array(every), D=config)

    def _order(self) -> Array:
        """What viewers list: each source's own order, under its title where there are several."""
        rows = [(title, _mapped(source.order, copies)) for title, source, copies in self._sources]
        if len(rows) == 1:
            return Array(rows[0][1])
        return Array([Array([String(title), *row]) for title, row in rows if row])


def _plain_order(order: Any, deep: int) -> list[Any]:
    plain: list[Any] = []
    for entry in order:
        if isinstance(entry, Dictionary):
            plain.append(entry.objgen)
        elif isinstance(entry, String):
            plain.append(bytes(entry))
        elif isinstance(entry, Array) and deep:
            plain.append(_plain_order(entry, deep - 1))
    return plain


def _mapped(order: list[Any], copies: dict[ObjectId, Any]) -> list[Any]:
    mapped: list[Any] = []
    holds_layers = False
    for entry in order:
        if isinstance(entry, tuple):
            if entry in copies:
                mapped.append(copies[entry])
                holds_layers = True
        elif isinstance(entry, bytes):
            mapped.append(String(entry))
        elif row := _mapped(entry, copies):
            mapped.append(Array(row))
            holds_layers = True
    # A label without a layer below it names nothing.
    return mapped if holds_layers else []


def _ids(owner: Any, key: str) -> list[ObjectId]:
    return [layer.objgen for layer in _entries(owner, key) if layer.is_indirect]


def _entries(owner: Any, key: str) -> list[Any]:
    entries = owner.get(key)
    return [entry for entry in entries if isinstance(entry, Dictionary)] if isinstance(entries, Array) else []

"""Which structure element owns each marked piece and each object of copied pages: the future parent tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.file_ops.assembly.structure import Content, Element
from services.file_ops.metadata.destinations import ObjectId


class ContentOwners:
    """The owners among the copied elements of one part."""

    def __init__(self, pdf: pikepdf.Pdf, pages: dict[int, Any], left_out: set[ObjectId]) -> None:
        self._pdf = pdf
        self._pages = pages
        self._left_out = left_out
        self._marks: dict[ObjectId, tuple[Any, dict[int, Any]]] = {}
        self._objects: list[tuple[Any, Any]] = []

    def kids(self, element: Element, copy: Any, copies: dict[int, Any]) -> Iterator[Any]:
        """The new kids of an element whose copy is `copy`."""
        for kid in element.kids:
            if isinstance(kid, Element):
                if kid.number in copies:
                    yield copies[kid.number]
            elif kid.page in self._pages:
                yield from self._content(kid, element, copy)

    def _content(self, kid: Content, element: Element, copy: Any) -> Iterator[Any]:
        page = self._pages[kid.page]
        if kid.mark is None:
            if kid.object.objgen not in self._left_out:
                held = self._pdf.copy_foreign(kid.object)
                self._objects.append((held, copy))
                yield Dictionary(Type=Name.OBJR, Obj=held, Pg=page)
            return
        holder = page if kid.stream is None else self._pdf.copy_foreign(kid.stream)
        self._marks.setdefault(holder.objgen, (holder, {}))[1][kid.mark] = copy
        if kid.stream is not None:
            yield Dictionary(Type=Name.MCR, Pg=page, Stm=holder, MCID=kid.mark)
        elif kid.page == element.page:
            yield kid.mark
        else:
            yield Dictionary(Type=Name.MCR, Pg=page, MCID=kid.mark)

    def numbered(self, first: int) -> Iterator[tuple[int, Any]]:
        """The entries of the parent tree from number `first` on; pages and objects get their numbers."""
        for number, (holder, marks) in enumerate(self._marks.values(), start=first):
            holder["/StructParents"] = number
            yield number, Array([marks.get(mark) for mark in range(max(marks) + 1)])
        for number, (held, owner) in enumerate(self._objects, start=first + len(self._marks)):
            held["/StructParent"] = number
            yield number, owner

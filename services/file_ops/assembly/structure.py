"""The structure tree (tags) of one document, indexed by page and taken apart into single elements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.metadata.destinations import ObjectId

#: Elements beyond this are refused as a tree; real books have some hundred thousand.
_MOST_ELEMENTS = 2_000_000
#: Marks on one page or in one form.
_MOST_MARKS = 65_536


@dataclass(frozen=True, slots=True)
class Content:
    """What an element holds beside other elements: a marked piece of a page or of a form, or an object.

    `mark` is its number (MCID) within the page, or within `stream` where that is not None; `object` is an annotation
    or a picture that belongs to the element as a whole.
    """

    page: int
    mark: int | None = None
    stream: Any = None
    object: Any = None


@dataclass(slots=True, eq=False)
class Element:
    """One structure element; `number` is its place in the tree's order."""

    object: Any
    parent: Element | None
    number: int
    #: The page that its own /Pg names, by number.
    page: int | None
    kids: list[Element | Content] = field(default_factory=list)


class StructureTree:
    """The tree of one document: to be copied whole as it is, or element by element once it is taken apart.

    An element drags the whole tree along when it is copied. Taken apart, none refers to its parent or its kids, and
    no page or annotation to the tree: each is copied alone, and whoever copies elements joins them again.
    """

    def __init__(self, pdf: pikepdf.Pdf, page_ids: dict[ObjectId, int]) -> None:
        self.pdf = pdf
        root = pdf.Root.get("/StructTreeRoot")
        #: The tree's own dictionary, or None where there is none.
        self.root: Any = root if isinstance(root, Dictionary) and root.is_indirect else None
        self.is_apart = False
        self.elements: list[Element] = []
        self._page_ids = page_ids
        self._by_page: dict[int, list[Element]] = {}

    def take_apart(self, pages: Iterable[Any], annotations: Iterable[Any]) -> None:
        """Read the elements and part them. Must come before anything is copied that refers to them."""
        if self.is_apart:
            return
        self.is_apart = True
        if self.root is not None:
            self._read()
        for element in self.elements:
            _without(element.object, "/K", "/P")
        # Their numbers in the parent tree mean nothing in another document.
        for page in pages:
            _without(page, "/StructParents")
        for annotation in annotations:
            _without(annotation, "/StructParent")

    def with_content_on(self, pages: Iterable[int]) -> list[Element]:
        """The elements that hold something on these pages, with all above them, in the tree's order."""
        found: dict[int, Element] = {}
        for page in pages:
            for element in self._by_page.get(page, ()):
                above: Element | None = element
                while above is not None and above.number not in found:
                    found[above.number] = above
                    above = above.parent
        return [found[number] for number in sorted(found)]

    def _read(self) -> None:
        seen = {self.root.objgen}
        tops = [self._element(kid, None, seen) for kid in entries_of(self.root.get("/K"))]
        waiting: list[tuple[Element, int | None]] = [(top, None) for top in reversed(tops) if top is not None]
        while waiting and len(self.elements) < _MOST_ELEMENTS:
            element, inherited_page = waiting.pop()
            element.number = len(self.elements)
            self.elements.append(element)
            page = inherited_page if element.page is None else element.page
            for kid in entries_of(element.object.get("/K")):
                content = self._content(kid, page)
                if content is not None:
                    element.kids.append(content)
                    self._by_page.setdefault(content.page, []).append(element)
                elif isinstance(kid, Dictionary) and (child := self._element(kid, element, seen)):
                    element.kids.append(child)
            waiting.extend((child, page) for child in reversed(element.kids) if isinstance(child, Element))

    def _element(self, found: Any, parent: Element | None, seen: set[ObjectId]) -> Element | None:
        """A new element, or None where the tree leads to what is none or to one that was read before."""
        if not isinstance(found, Dictionary) or found.get("/Type") in (Name.MCR, Name.OBJR):
            return None
        found = found if found.is_indirect else self.pdf.make_indirect(found)
        if found.objgen in seen:
            return None
        seen.add(found.objgen)
        return Element(found, parent, -1, self._page_of(found))

    def _content(self, kid: Any, page: int | None) -> Content | None:
        mark, stream, held = kid, None, None
        if isinstance(kid, Dictionary):
            kind = kid.get("/Type")
            named = self._page_of(kid)
            page = page if named is None else named
            if kind == Name.OBJR:
                held = kid.get("/Obj")
                return Content(page, object=held) if page is not None and _is_object(held) else None
            if kind != Name.MCR:
                return None
            mark, stream = kid.get("/MCID"), kid.get("/Stm")
        if page is None or not isinstance(mark, int) or not 0 <= mark < _MOST_MARKS:
            return None
        return Content(page, mark=mark, stream=stream if isinstance(stream, Stream) else None)

    def _page_of(self, found: Any) -> int | None:
        page = found.get("/Pg")
        return self._page_ids.get(page.objgen) if isinstance(page, Dictionary) else None


def _is_object(found: Any) -> bool:
    return isinstance(found, Dictionary | Stream) and bool(found.is_indirect)


def _without(holder: Any, *keys: str) -> None:
    for key in keys:
        if key in holder:
            del holder[key]


def elements_below(tops: Iterable[Any]) -> Iterator[Any]:
    """All elements of a tree that is whole, those on top included."""
    seen: set[ObjectId] = set()
    waiting = list(tops)
    while waiting:
        found = waiting.pop()
        if isinstance(found, Dictionary) and found.objgen not in seen and "/S" in found:
            seen.add(found.objgen)
            yield found
            waiting.extend(entries_of(found.get("/K")))


def entries_of(kids: Any) -> list[Any]:
    """What a value of /K holds: one thing or many."""
    return list(kids) if isinstance(kids, Array) else [] if kids is None else [kids]

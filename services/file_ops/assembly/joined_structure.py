"""The structure tree of an assembled document: elements joined again, pages numbered anew, conflicts resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from services.file_ops.assembly.content_owners import ContentOwners
from services.file_ops.assembly.copying import copied
from services.file_ops.assembly.structure import Element, StructureTree, elements_below, entries_of
from services.file_ops.metadata.destinations import ObjectId
from services.file_ops.metadata.name_trees import read_names, read_numbers, write_names, write_numbers
from services.file_ops.metadata.register import Register

#: Attributes whose values are IDs of other elements (ISO 32000-2, table 384).
_REFERRING_ATTRIBUTES = ("/Headers",)


@dataclass
class JoinedStructure:
    """The structure of one assembled document, to which each source adds its elements."""

    pdf: pikepdf.Pdf
    sources: int = 0
    _tops: list[Any] = field(default_factory=list)
    _parents: list[tuple[int, Any]] = field(default_factory=list)
    _roles: Register = field(default_factory=Register)
    _classes: Register = field(default_factory=Register)
    _ids: Register = field(default_factory=Register)
    _namespaces: list[Any] = field(default_factory=list)

    def add_whole(self, tree: StructureTree, pages: dict[int, Any], annotations: Iterable[Any], language: Any) -> None:
        """Take over a whole tree as it is, its pages and annotations numbered anew.

        `annotations` are the source's, `pages` the copies; `language` is the source's own where the assembled
        document says another.
        """
        root = self.pdf.copy_foreign(tree.root)
        tops = [kid for kid in entries_of(root.get("/K")) if isinstance(kid, Dictionary)]
        if not tops:
            return
        owners = dict(read_numbers(root.get("/ParentTree")))
        numbers = {old: new for new, old in enumerate(sorted(owners), start=len(self._parents))}
        met = {_renumber(page, "/StructParents", numbers) for page in pages.values()}
        tagged = [self.pdf.copy_foreign(each) for each in annotations if "/StructParent" in each]
        met |= {_renumber(each, "/StructParent", numbers) for each in tagged}
        if numbers.keys() - met:
            # The rest belongs to forms and pictures within pages.
            for stream in (each for each in tree.pdf.objects if isinstance(each, Stream)):
                for key in ("/StructParents", "/StructParent"):
                    if key in stream:
                        _renumber(self.pdf.copy_foreign(stream), key, numbers)
        self._parents += [(numbers[old], owner) for old, owner in owners.items()]
        ids = ((name, each) for name, each in read_names(root.get("/IDTree")) if isinstance(each, Dictionary))
        self._join(tree, tops, lambda: elements_below(tops), ids, language)

    def add_part(
        self,
        tree: StructureTree,
        elements: list[Element],
        pages: dict[int, Any],
        left_out: set[ObjectId],
        language: Any,
    ) -> None:
        """Copy these elements and join them, without content of pages that are not among `pages`.

        `left_out` are annotations that were not copied; for the rest see `add_whole`.
        """
        if not elements:
            return
        owners = ContentOwners(self.pdf, pages, left_out)
        copies = {element.number: self.pdf.copy_foreign(element.object) for element in elements}
        tops, ids = [], []
        for element in elements:
            copy = copies[element.number]
            if element.page not in pages and "/Pg" in copy:
                del copy["/Pg"]
            kids = list(owners.kids(element, copy, copies))
            if kids:
                copy["/K"] = kids[0] if len(kids) == 1 else Array(kids)
            if element.parent is not None:
                copy["/P"] = copies[element.parent.number]
            else:
                tops.append(copy)
            if isinstance(identity := copy.get("/ID"), String):
                ids.append((bytes(identity), copy))
        self._parents += owners.numbered(first=len(self._parents))
        self._join(tree, tops, copies.values, ids, language)

    def _join(
        self,
        tree: StructureTree,
        tops: list[Any],
        elements: Callable[[], Iterable[Any]],
        ids: Iterable[tuple[bytes, Any]],
        language: Any,
    ) -> None:
        self.sources += 1
        self._tops += tops
        for top in tops:
            if language is not None and "/Lang" not in top:
                top["/Lang"] = language
        self._resolve_roles(tree, elements)
        self._resolve_classes(tree, elements)
        self._resolve_ids(ids, elements)
        spaces = tree.root.get("/Namespaces")
        self._namespaces += [copied(each, tree.pdf, self.pdf) for each in spaces] if isinstance(spaces, Array) else []

    def write(self) -> None:
        """Make it the document's structure tree, if there are elements at all."""
        if not self._tops:
            return
        root = self.pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        for top in self._tops:
            top["/P"] = root
        tops = self._tops
        if self.sources > 1:
            # One element on top: PDF/UA wants a single Document, and each source brings its own.
            document = self.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root, K=Array(tops)))
            for top in tops:
                top["/P"] = document
            tops = [document]
        root["/K"] = tops[0] if len(tops) == 1 else Array(tops)
        root["/ParentTree"] = write_numbers(self.pdf, self._parents)
        root["/ParentTreeNextKey"] = len(self._parents)
        if self._roles:
            root["/RoleMap"] = Dictionary({name: Name(role) for name, role in self._roles.items()})
        if self._classes:
            root["/ClassMap"] = Dictionary(self._classes)
        if self._ids:
            root["/IDTree"] = write_names(
                self.pdf, ((name.encode("latin-1"), found) for name, found in self._ids.items())
            )
        if self._namespaces:
            root["/Namespaces"] = Array(self._namespaces)
        self.pdf.Root["/StructTreeRoot"] = root

    def _resolve_roles(self, tree: StructureTree, elements: Callable[[], Iterable[Any]]) -> None:
        """A type of its own that another source maps to another standard type gets another name."""
        found = tree.root.get("/RoleMap")
        roles = found.items() if isinstance(found, Dictionary) else ()
        renamed = {}
        for name, role in ((name, str(role)) for name, role in roles if isinstance(role, Name)):
            new = self._roles.share(name, role)
            if new != name:
                renamed[name] = new
        # A role may lead on to another of the source's own types.
        for new in renamed.values():
            self._roles[new] = renamed.get(self._roles[new], self._roles[new])
        for copy in elements() if renamed else ():
            kind = copy.get("/S")
            if isinstance(kind, Name) and str(kind) in renamed:
                copy["/S"] = Name(renamed[str(kind)])

    def _resolve_classes(self, tree: StructureTree, elements: Callable[[], Iterable[Any]]) -> None:
        found = tree.root.get("/ClassMap")
        renamed = {}
        for name, attributes in found.items() if isinstance(found, Dictionary) else ():
            new = self._classes.share(name, copied(attributes, tree.pdf, self.pdf))
            if new != name:
                renamed[name] = new
        for copy in elements() if renamed else ():
            classes = copy.get("/C")
            if isinstance(classes, Name):
                copy["/C"] = Name(renamed.get(str(classes), str(classes)))
            elif isinstance(classes, Array):
                copy["/C"] = Array([Name(renamed.get(str(c), str(c))) if isinstance(c, Name) else c for c in classes])

    def _resolve_ids(self, ids: Iterable[tuple[bytes, Any]], elements: Callable[[], Iterable[Any]]) -> None:
        """IDs are unique in a document: one that is taken gets another, and so do the attributes that refer to it."""
        renamed = {}
        for old, copy in ids:
            new = self._ids.enter(old.decode("latin-1"), copy).encode("latin-1")
            if new != old:
                copy["/ID"] = String(new)
                renamed[old] = new
        for copy in elements() if renamed else ():
            for attributes in _dictionaries(copy.get("/A")):
                for key in _REFERRING_ATTRIBUTES:
                    if isinstance(headers := attributes.get(key), Array):
                        attributes[key] = Array([_renamed(each, renamed) for each in headers])


def _renumber(holder: Any, key: str, numbers: dict[int, int]) -> int | None:
    """Give a page, an annotation or a stream its new number in the parent tree; return the old one."""
    old = holder.get(key)
    if isinstance(old, int) and old in numbers:
        holder[key] = numbers[old]
        return old
    if key in holder:
        del holder[key]
    return None


def _dictionaries(attributes: Any) -> list[Any]:
    found = list(attributes) if isinstance(attributes, Array) else [attributes]
    return [each for each in found if isinstance(each, Dictionary)]


def _renamed(identity: Any, renamed: dict[bytes, bytes]) -> Any:
    if isinstance(identity, String):
        return String(renamed.get(bytes(identity), bytes(identity)))
    return identity

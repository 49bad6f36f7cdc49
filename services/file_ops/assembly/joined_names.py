"""What an assembled document keeps by name: destinations, attached files, scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, String

from services.file_ops.assembly.copying import copied
from services.file_ops.metadata.destinations import DestinationName, Destinations
from services.file_ops.metadata.embedded_files import name_of_file
from services.file_ops.metadata.name_trees import read_names, write_names
from services.file_ops.metadata.register import Register
from shared import names


@dataclass
class JoinedNames:
    """The named things of one assembled document; a name that is taken is numbered."""

    pdf: pikepdf.Pdf
    renamed_destinations: int = 0
    renamed_files: list[tuple[str, str]] = field(default_factory=list)
    _in_tree: Register = field(default_factory=Register)
    _in_dictionary: Register = field(default_factory=Register)
    _files: Register = field(default_factory=Register)
    _associated: list[Any] = field(default_factory=list)
    _scripts: Register = field(default_factory=Register)

    @property
    def destinations(self) -> int:
        """How many named destinations there are."""
        return len(self._in_tree) + len(self._in_dictionary)

    @property
    def files(self) -> int:
        """How many attached files there are."""
        return len(self._files)

    def add_destinations(self, found: Destinations, pages: dict[int, Any]) -> dict[DestinationName, DestinationName]:
        """Take over the destinations on these pages (copies by the source's number); return their new names."""
        new_names: dict[DestinationName, DestinationName] = {}
        for number, page in pages.items():
            for name, place in found.by_page.get(number, ()):
                target = place.as_array(page)
                new: DestinationName
                if isinstance(name, bytes):
                    new = self._in_tree.enter(name.decode("latin-1"), target).encode("latin-1")
                else:
                    new = self._in_dictionary.enter(name, target)
                new_names[name] = new
                self.renamed_destinations += new != name
        return new_names

    def add_files(self, source: pikepdf.Pdf) -> None:
        """Take over the attached files and the files that the document as a whole is associated with."""
        tree = source.Root.get("/Names")
        for key, specification in read_names(tree.get("/EmbeddedFiles")) if isinstance(tree, Dictionary) else ():
            if not isinstance(specification, Dictionary):
                continue
            self._files.enter(key.decode("latin-1"), copied(specification, source, self.pdf))
        associated = source.Root.get("/AF")
        for specification in associated if isinstance(associated, Array) else ():
            if isinstance(specification, Dictionary):
                self._associated.append(copied(specification, source, self.pdf))

    def add_scripts(self, source: pikepdf.Pdf) -> None:
        """Take over the scripts of the document, which calculate fields."""
        tree = source.Root.get("/Names")
        for key, action in read_names(tree.get("/JavaScript")) if isinstance(tree, Dictionary) else ():
            if isinstance(action, Dictionary):
                self._scripts.enter(key.decode("latin-1"), copied(action, source, self.pdf))

    def write(self) -> None:
        """Enter everything into the catalogue."""
        self._tell_files_apart()
        trees = {"/Dests": self._in_tree, "/EmbeddedFiles": self._files, "/JavaScript": self._scripts}
        filled = {key: self._tree(entries) for key, entries in trees.items() if entries}
        if filled:
            self.pdf.Root["/Names"] = Dictionary(filled)
        if self._in_dictionary:
            self.pdf.Root["/Dests"] = self.pdf.make_indirect(Dictionary(self._in_dictionary))
        if self._associated:
            self.pdf.Root["/AF"] = Array(self._associated)

    def _tree(self, entries: Register) -> Any:
        return write_names(self.pdf, ((name.encode("latin-1"), value) for name, value in entries.items()))

    def _tell_files_apart(self) -> None:
        """Files of different sources may have one name; whoever unpacks them needs several."""
        shown = [name_of_file(specification) for specification in self._files.values()]
        for specification, name, kept in zip(self._files.values(), shown, names.unique(shown), strict=True):
            if name and kept != name:
                specification["/F"] = specification["/UF"] = String(kept)
                self.renamed_files.append((name, kept))

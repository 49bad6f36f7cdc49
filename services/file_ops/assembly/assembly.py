"""A new document put together from pages of others, with everything that belongs to those pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary

from services.file_ops.assembly.copying import copied
from services.file_ops.assembly.joined_form import JoinedForm
from services.file_ops.assembly.joined_names import JoinedNames
from services.file_ops.assembly.joined_structure import JoinedStructure
from services.file_ops.assembly.layers import JoinedLayers
from services.file_ops.assembly.left_behind import left_behind
from services.file_ops.assembly.links import settle_links
from services.file_ops.assembly.page_labels import Label, plain_labels, write_labels
from services.file_ops.assembly.source import Source
from services.file_ops.metadata.damage import DAMAGE
from services.file_ops.metadata.destinations import DestinationName, ObjectId, Place
from services.file_ops.metadata.outline import OutlineItem, walk, write_outline


@dataclass
class Part:
    """Some pages of one source and how they are added."""

    source: Source
    #: Page numbers of the source from 0, in the order wanted, none twice.
    numbers: list[int]
    #: What the source is called where the assembled document has to name it.
    title: str
    #: Carry attached files, which belong to no page.
    files: bool = True

    @property
    def whole(self) -> bool:
        """Whether it is all of its source: then what belongs to no page comes along too."""
        return len(self.numbers) == len(self.source.pages)


@dataclass
class Assembly:
    """The document that grows. `write` makes its catalogue; nothing may be added after that."""

    pdf: pikepdf.Pdf = field(default_factory=pikepdf.new)
    #: Links to pages that were not taken along.
    links_left_out: int = 0
    #: Kinds of things that were too damaged to take along.
    damaged: list[str] = field(default_factory=list)
    #: What cannot be taken along, in words.
    left_out: set[str] = field(default_factory=set)
    #: The newest version of PDF among the sources.
    version: str = "1.4"

    def __post_init__(self) -> None:
        self.names = JoinedNames(self.pdf)
        self.form = JoinedForm(self.pdf)
        self.structure = JoinedStructure(self.pdf)
        self.layers = JoinedLayers(self.pdf)
        self.outline: list[OutlineItem] = []
        #: The page objects, by which outline places are numbered.
        self.pages: list[Any] = []
        self.language: Any = None
        self._labels: list[list[Label] | int] = []
        self._threads: list[Any] = []
        self._marked = 0
        self._parts = 0

    def add(self, part: Part) -> list[OutlineItem]:
        """Add pages with all that belongs to them; return the outline that leads to them, for the caller to place."""
        source = part.source
        first_page, first_object = len(self.pages), self.layers.next_object()
        copies = self._copy_pages(part)
        self._parts += 1
        self.version = max(self.version, source.pdf.pdf_version)
        self.left_out.update(left_behind(source.root))
        left_out: set[ObjectId] = set()
        new_names: dict[DestinationName, DestinationName] = {}
        with self.taking("named destinations"):
            new_names = self.names.add_destinations(source.destinations, copies)
        with self.taking("links"):
            references = [reference for number in part.numbers for reference in source.links.of_page(number)]
            settled, left_out = settle_links(self.pdf, references, copies, new_names)
            self.links_left_out += settled.left_out
            self._leave_out(part, copies, left_out)
        with self.taking("form fields"):
            nodes = source.fields.nodes if part.whole else source.fields.with_widgets_on(part.numbers)
            self.form.add(source.fields, nodes, left_out=left_out, whole=part.whole)
            if nodes or part.whole:
                self.names.add_scripts(source.pdf)
        with self.taking("tags"):
            self._add_structure(part, copies, left_out)
        with self.taking("layers"):
            self.layers.add(source.layers, part.title, first_object=first_object, whole=part.whole)
        if part.whole and isinstance(threads := source.root.get("/Threads"), Array):
            with self.taking("articles"):
                self._threads += [copied(thread, source.pdf, self.pdf) for thread in threads]
        if part.files:
            with self.taking("attachments"):
                self.names.add_files(source.pdf)
        with self.taking("page labels"):
            labels = source.labels
            self._labels.append(len(part.numbers) if labels is None else [labels[n] for n in part.numbers])
        with self.taking("outline"):
            items = source.outline.branches(part.numbers, whole=part.whole)
            self._settle_outline(items, part, new_names, first_page)
            return items
        return []

    def write(self) -> None:
        """Enter everything that belongs to no single page into the catalogue."""
        self.names.write()
        self.form.write()
        self.structure.write()
        self.layers.write()
        write_outline(self.pdf, self.outline, self.pages)
        if any(not isinstance(labels, int) for labels in self._labels):
            every = [plain_labels(labels) if isinstance(labels, int) else labels for labels in self._labels]
            write_labels(self.pdf, [label for row in every for label in row])
        root = self.pdf.Root
        if self.structure.sources:
            root["/MarkInfo"] = Dictionary(Marked=True)
            if self._marked < self._parts:
                # Pages without tags among tagged ones: the standard's word for that is suspects.
                root["/MarkInfo"]["/Suspects"] = True
        if self._threads:
            root["/Threads"] = Array(self._threads)
        if self.language is not None:
            root["/Lang"] = self.language

    def _copy_pages(self, part: Part) -> dict[int, Any]:
        source, copies = part.source, {}
        if not part.whole:
            source.take_structure_apart()
        for number in part.numbers:
            if not part.whole:
                source.pruner.prune(number)
            self.pdf.pages.append(source.pages[number])
            page = self.pdf.copy_foreign(source.objects[number])
            copies[number] = page
            self.pages.append(page)
            if not part.whole and "/B" in page:
                # The beads of an article lead from page to page through the whole file.
                del page["/B"]
        return copies

    def _leave_out(self, part: Part, copies: dict[int, Any], left_out: set[ObjectId]) -> None:
        for number in part.numbers if left_out else ():
            annotations = part.source.annotations[number]
            kept = [self.pdf.copy_foreign(a) for a in annotations if a.objgen not in left_out]
            if len(kept) < len(annotations):
                copies[number]["/Annots"] = Array(kept)

    def _add_structure(self, part: Part, copies: dict[int, Any], left_out: set[ObjectId]) -> None:
        source, tree, before = part.source, part.source.structure, self.structure.sources
        language = _language(source)
        if self._parts == 1:
            self.language = language
        own_language = language if self.language is None or language != self.language else None
        if tree.is_apart:
            elements = tree.elements if part.whole else tree.with_content_on(part.numbers)
            self.structure.add_part(tree, elements, copies, left_out, own_language)
        else:
            annotations = (each for row in source.annotations for each in row)
            self.structure.add_whole(tree, copies, annotations, own_language)
        self._marked += self.structure.sources > before

    def _settle_outline(
        self,
        items: list[OutlineItem],
        part: Part,
        new_names: dict[DestinationName, DestinationName],
        first_page: int,
    ) -> None:
        positions = {number: first_page + place for place, number in enumerate(part.numbers)}
        for _, item in walk(items):
            if item.named is not None:
                item.named = new_names.get(item.named)
            if item.place is not None:
                item.place = Place(positions[item.place.page], item.place.view)
            if item.action is not None:
                item.action = copied(item.action, part.source.pdf, self.pdf)

    @contextmanager
    def taking(self, kind: str) -> Iterator[None]:
        """What is too damaged to be taken along is left behind and named; the pages come all the same."""
        try:
            yield
        except DAMAGE:
            if kind not in self.damaged:
                self.damaged.append(kind)


def _language(source: Source) -> Any:
    found = source.root.get("/Lang")
    return pikepdf.String(bytes(found)) if isinstance(found, pikepdf.String) else None


def without_repeats(numbers: list[int]) -> list[list[int]]:
    """Page numbers in their order, cut into rows of which none names a page twice: a source gives each page once."""
    rows: list[list[int]] = [[]]
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            rows.append([])
            seen.clear()
        seen.add(number)
        rows[-1].append(number)
    return rows

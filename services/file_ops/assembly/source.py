"""One document that pages are taken from, read once: what its catalogue says, by page."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary

from services.file_ops.assembly.fields import FieldTree
from services.file_ops.assembly.layers import SourceLayers
from services.file_ops.assembly.links import PageLinks
from services.file_ops.assembly.outlines import OutlineIndex
from services.file_ops.assembly.page_labels import Label, read_labels
from services.file_ops.assembly.resources import ResourcePruner
from services.file_ops.assembly.structure import StructureTree
from services.file_ops.metadata.destinations import Destinations, ObjectId


class Source:
    """An opened document that is only read from here on, however many parts are taken.

    Fields and structure elements are indexed and then parted from one another (see `FieldTree`, `StructureTree`):
    whoever copies a page then gets that page, not all that hangs together with it. The document itself is of no use
    after that.
    """

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.root: Any = pdf.Root
        self.pages = list(pdf.pages)
        self.objects = [page.obj for page in self.pages]
        self.page_ids: dict[ObjectId, int] = {page.objgen: number for number, page in enumerate(self.objects)}
        self.annotations = [_annotations(pdf, page) for page in self.objects]
        self.destinations = Destinations(pdf, self.page_ids)
        self.links = PageLinks(self.annotations, self.destinations)
        self.fields = FieldTree(pdf, self.annotations)
        self.structure = StructureTree(pdf, self.page_ids)
        self.layers = SourceLayers(pdf)
        if self.structure.root is None:
            self.take_structure_apart()

    def take_structure_apart(self) -> None:
        """Must come before the first copy of a part of the document, see `StructureTree`."""
        self.structure.take_apart(self.objects, (each for row in self.annotations for each in row))

    @cached_property
    def outline(self) -> OutlineIndex:
        """The outline, by page."""
        return OutlineIndex(self.pdf, self.destinations)

    @cached_property
    def labels(self) -> list[Label] | None:
        """The label of each page, or None where the document has none."""
        return read_labels(self.root.get("/PageLabels"), len(self.pages))

    @cached_property
    def pruner(self) -> ResourcePruner:
        """Takes out of a page what only other pages use."""
        return ResourcePruner(self.pdf, self.objects)


def _annotations(pdf: pikepdf.Pdf, page: Any) -> list[Any]:
    """The annotations of a page, each an object of its own afterwards, so that it can be told from others."""
    found = page.get("/Annots")
    if not isinstance(found, Array):
        return []
    annotations = [annotation for annotation in found if isinstance(annotation, Dictionary)]
    if all(annotation.is_indirect for annotation in annotations) and len(annotations) == len(found):
        return annotations
    annotations = [a if a.is_indirect else pdf.make_indirect(a) for a in annotations]
    page["/Annots"] = Array(annotations)
    return annotations

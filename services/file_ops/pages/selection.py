"""Write a document anew with some of its pages, in any order, some of them twice: all that belongs to them comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.file_ops.assembly.assembly import Assembly, Part
from services.file_ops.assembly.catalogue import carry_identity, carry_intents, carry_view
from services.file_ops.assembly.page_labels import write_labels
from services.file_ops.assembly.source import Source
from services.file_ops.metadata.damage import damage_is_told
from services.file_ops.metadata.outline import walk
from services.file_ops.protection.saving import save_checked
from shared.errors import FileProcessingError
from shared.operation import Result
from shared.pdf.open_document import open_document
from shared.pdf.signatures import settle_signatures

#: Chooses pages, counted from 0, of a document with so many.
Choose = Callable[[int], list[int]]

#: Entries by which annotations of a page refer to each other.
_BETWEEN_ANNOTATIONS = ("/Popup", "/Parent", "/IRT")


class NoPageLeft(FileProcessingError):
    """No page would be left."""

    code = "no_page_left"
    remedy = "Keep at least one page."


@dataclass(frozen=True)
class Selecting:
    """How the document is opened and what its caller accepts."""

    source: Path
    target: Path
    password: str | None
    break_signature: bool

    def write(self, choose: Choose) -> Result:
        """Write the chosen pages with their outline entries, destinations, links, fields, labels, tags and layers.

        The result counts what led to pages that are left out, and was left out with them.

        Raises:
            NoPageLeft: nothing was chosen.
            EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
        """
        with open_document(self.source, self.password) as pdf:
            signatures = settle_signatures(pdf, break_them=self.break_signature)
            numbers = choose(len(pdf.pages))
            if not numbers:
                raise NoPageLeft()
            with damage_is_told():
                assembled, result = self._assembled(pdf, numbers)
            password = self.password if pdf.is_encrypted else None
            lock = pikepdf.Encryption(owner=password, user=password, R=6) if password else False
            version = pdf.pdf_version
            save_checked(assembled, self.target, password=password, encryption=lock, min_version=version)
            if pdf.is_encrypted:
                result["left_out"].append("the owner's password, and the restrictions that it lifts")
            return {**result, "protected": password is not None, "signatures_removed": signatures}

    def _assembled(self, pdf: pikepdf.Pdf, numbers: list[int]) -> tuple[pikepdf.Pdf, Result]:
        source = Source(pdf)
        distinct = list(dict.fromkeys(numbers))
        part = Part(source, distinct, "")
        before = _count(source, range(len(source.pages)))
        after = _count(source, distinct)
        assembly = Assembly()
        assembly.outline = assembly.add(part)
        with assembly.taking("view settings"):
            carry_view(part, assembly)
        assembly.write()
        with assembly.taking("metadata"):
            carry_identity(pdf, assembly.pdf)
        with assembly.taking("output intents"):
            carry_intents(pdf, assembly.pdf)
        repeated = _repeat_pages(assembly.pdf, numbers)
        if repeated and source.labels is not None:
            write_labels(assembly.pdf, [source.labels[number] for number in numbers])
        left_out = sorted(assembly.left_out) + [f"{kind}: damaged" for kind in sorted(assembly.damaged)]
        if repeated and "/StructTreeRoot" in assembly.pdf.Root:
            left_out.append("tags of repeated pages: the first of each keeps them")
        return assembly.pdf, {
            "pages_before": len(source.pages),
            "pages": len(numbers),
            "pages_left_out": len(source.pages) - len(distinct),
            "pages_repeated": repeated,
            "dropped": {
                "links": assembly.links_left_out,
                "outline_entries": before["outline"] - sum(1 for _ in walk(assembly.outline)),
                "named_destinations": before["destinations"] - after["destinations"],
                "form_fields": before["fields"] - after["fields"],
            },
            "left_out": left_out,
        }


def _count(source: Source, pages: Any) -> dict[str, int]:
    kept = set(pages)
    return {
        "outline": sum(1 for _ in walk(source.outline.forest)),
        "destinations": sum(1 for place in source.destinations.named.values() if place.page in kept),
        "fields": len(source.fields.with_widgets_on(sorted(kept))),
    }


def _repeat_pages(pdf: pikepdf.Pdf, numbers: list[int]) -> int:
    """Put copies of pages where their numbers stand again; the document holds each once, in order of first places.

    Links on copies lead where the first ones lead. Fields are copied under new names.
    """
    distinct = list(dict.fromkeys(numbers))
    if len(distinct) == len(numbers):
        return 0
    first = dict(zip(distinct, list(pdf.pages), strict=True))
    seen: set[int] = set()
    for place, number in enumerate(numbers):
        if number in seen:
            pdf.pages.insert(place, _copy(pdf, first[number]))
            _copy_annotations(pdf, pdf.pages[place], first[number])
        seen.add(number)
    return len(numbers) - len(distinct)


def _copy(pdf: pikepdf.Pdf, page: pikepdf.Page) -> pikepdf.Page:
    copy = Dictionary({key: value for key, value in page.obj.items() if key not in ("/Parent", "/StructParents")})
    return pikepdf.Page(pdf.make_indirect(copy))


def _copy_annotations(pdf: pikepdf.Pdf, copy: pikepdf.Page, page: pikepdf.Page) -> None:
    """Give the copy annotations of its own, so that changing one does not change the other."""
    old = page.obj.get("/Annots")
    if not isinstance(old, Array):
        return
    originals = [each for each in old if isinstance(each, Dictionary)]
    pdf.acroform.fix_copied_annotations(copy, page, pdf.acroform)
    copies = [each for each in copy.obj.get("/Annots", ()) if isinstance(each, Dictionary)]
    if len(copies) != len(originals):
        return
    own = {original.objgen: new for original, new in zip(originals, copies, strict=True) if original.is_indirect}
    for annotation in copies:
        annotation["/P"] = copy.obj
        if "/StructParent" in annotation:
            del annotation["/StructParent"]
        if annotation.get("/Subtype") == Name.Widget:
            continue
        for key in _BETWEEN_ANNOTATIONS:
            other = annotation.get(key)
            if isinstance(other, Dictionary) and other.objgen in own:
                annotation[key] = own[other.objgen]


def without(left_out: list[int], page_count: int) -> list[int]:
    """The pages that are not among these, in order."""
    gone = set(left_out)
    return [number for number in range(page_count) if number not in gone]

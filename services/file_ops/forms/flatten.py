"""Turn fields and annotations into page content that looks the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary

from services.file_ops.contracts.forms import Flatten, SeenAs
from services.file_ops.forms.annotation_look import placement, ready_look, shown_look
from services.file_ops.forms.appearance.markup import draw_markup
from services.file_ops.forms.drawing_fields import draw_undrawn, has_look
from services.file_ops.forms.field_tree import FormFields
from services.file_ops.forms.names import text_of
from services.file_ops.forms.structure import Structure
from services.file_ops.forms.xfa import remove_xfa
from services.file_ops.lettering.script_rules import ShapingNeeded, UncoveredCharacters
from services.file_ops.marks.drawing import encoded
from services.file_ops.marks.page_content import PageContent, Resources
from services.file_ops.marks.writing import write_document
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document
from shared.pdf.signatures import settle_signatures

#: Bits of the entry F (ISO 32000-2, table 167).
_HIDDEN, _PRINT, _NO_VIEW = 1 << 1, 1 << 2, 1 << 5
#: They carry files and players, which content cannot.
_CARRIERS = frozenset({"FileAttachment", "Sound", "Movie", "Screen", "RichMedia", "3D"})
#: Their text stands in a pop-up beside the page, which does not become content.
_WITH_POPUPS = frozenset(
    {"Text", "Highlight", "Underline", "StrikeOut", "Squiggly", "Square", "Circle", "Line", "Ink", "Polygon"}
    | {"PolyLine", "Caret", "Stamp"}
)


def flatten(
    source: Path, target: Path, options: Flatten, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Flatten a PDF. What has no appearance gets one first.

    Raises:
        DynamicXfa: the form has no fields of a PDF form.
        ShapingNeeded, UncoveredCharacters: the value of a field cannot be drawn; comments that cannot stay comments.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf:
        xfa = remove_xfa(pdf, FormFields.of(pdf)).value if options.forms else None
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        result: Result = {"pages": len(pdf.pages), "xfa": xfa, "signatures_removed": signatures}
        result |= flatten_document(pdf, options, report=report)
        write_document(pdf, target, password)
    return result


def flatten_document(pdf: pikepdf.Pdf, options: Flatten, *, report: Report = ignore) -> Result:
    """Flatten all pages of an open document; returns what became of the annotations."""
    result: Result = {}
    if options.forms:
        drawn = draw_undrawn(pdf, FormFields.of(pdf))
        result = {"fields_drawn": drawn.fields, "text_cut_off": drawn.cut_off, "not_drawn": drawn.left}
    told = _flatten_pages(pdf, range(len(pdf.pages)), options, report)
    if options.forms and "/AcroForm" in pdf.Root:
        del pdf.Root["/AcroForm"]
    return result | told


def flatten_pages(pdf: pikepdf.Pdf, indexes: Iterable[int]) -> None:
    """Flatten everything on some pages as a screen shows it, for pages that are going to be drawings."""
    draw_undrawn(pdf, FormFields.of(pdf))
    _flatten_pages(pdf, indexes, Flatten(keep_links=False), ignore)


def _flatten_pages(pdf: pikepdf.Pdf, indexes: Iterable[int], options: Flatten, report: Report) -> Result:
    form = pdf.Root.get("/AcroForm")
    defaults = form.get("/DR") if isinstance(form, Dictionary) else None
    work = _Work(pdf, options, defaults)
    numbers = list(indexes)
    for done, index in enumerate(numbers, start=1):
        work.flatten_page(pdf.pages[index])
        report(done, len(numbers), "Flattening pages")
    work.content.finish()
    return {name: dict(sorted(counts.items())) for name, counts in work.counts.items()}


class _Work:
    def __init__(self, pdf: pikepdf.Pdf, options: Flatten, defaults: Any) -> None:
        self._pdf, self._options, self._defaults = pdf, options, defaults
        self._structure = Structure(pdf)
        self.content = PageContent(pdf)
        self.counts: dict[str, Counter[str]] = {
            name: Counter()
            for name in ("flattened", "kept", "not_shown", "without_look", "not_drawable", "comment_texts_gone")
        }

    def flatten_page(self, page: pikepdf.Page) -> None:
        annotations = page.obj.get("/Annots")
        if not isinstance(annotations, Array):
            return
        kept = Array()
        for annotation in annotations:
            if not isinstance(annotation, Dictionary):
                continue
            kind = text_of(annotation.get("/Subtype")) or "Unknown"
            outcome = self._settle(page, annotation, kind)
            self.counts[outcome][kind] += 1
            if outcome != "kept" and kind in _WITH_POPUPS and text_of(annotation.get("/Contents")):
                self.counts["comment_texts_gone"][kind] += 1
            if outcome == "kept":
                kept.append(annotation)
            elif outcome != "flattened":
                self._structure.forget(annotation)
        if len(kept):
            page.obj.Annots = kept
        else:
            del page.obj["/Annots"]

    def _settle(self, page: pikepdf.Page, annotation: Any, kind: str) -> str:
        if not self._is_chosen(kind):
            return "kept"
        if kind == "Popup" or not self._is_seen(annotation):
            return "not_shown"
        try:
            if not has_look(annotation):
                draw_markup(self._pdf, annotation)
        except (ShapingNeeded, UncoveredCharacters):
            self.counts["not_drawable"][kind] += 1
            return "kept"
        look = shown_look(annotation)
        matrix = placement(page, annotation, look) if look is not None else None
        if look is None or matrix is None:
            return "without_look"
        name = self.content.name_of(ready_look(look, self._defaults))
        resources: Resources = {"/XObject": {name: look}}
        drawn = b"q %s cm %s Do Q" % (encoded(matrix), name.encode())
        self.content.add(page, self._marked(page, annotation, drawn, resources), resources)
        return "flattened"

    def _is_chosen(self, kind: str) -> bool:
        if kind == "Widget":
            return self._options.forms
        if kind == "Link":
            return self._options.annotations and not self._options.keep_links
        return self._options.annotations and kind not in _CARRIERS

    def _is_seen(self, annotation: Any) -> bool:
        flags = annotation.get("/F")
        flags = flags if isinstance(flags, int) else 0
        if flags & _HIDDEN:
            return False
        return not flags & _NO_VIEW if self._options.seen_as is SeenAs.SCREEN else bool(flags & _PRINT)

    def _marked(self, page: pikepdf.Page, annotation: Any, drawn: bytes, resources: Resources) -> bytes:
        """The drawing in its place in the document's structure and in its layer."""
        layer = annotation.get("/OC")
        if isinstance(layer, Dictionary) and layer.is_indirect:
            name = self.content.name_of(layer)
            resources["/Properties"] = {name: layer}
            drawn = b"/OC %s BDC\n%s\nEMC" % (name.encode(), drawn)
        if not self._structure.tagged:
            return drawn
        place = self._structure.take_over(page, annotation)
        if place is None:
            return b"/Artifact BMC\n%s\nEMC" % drawn
        tag = pikepdf.Name("/" + place[0]).unparse()
        return b"%s <</MCID %d>> BDC\n%s\nEMC" % (tag, place[1], drawn)

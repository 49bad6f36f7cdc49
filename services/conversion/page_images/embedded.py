"""The images that a PDF holds, as files: found on the pages that draw them, each written once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Name, Stream

from services.conversion.contracts.images import ExtractImagesOptions, Kept
from services.conversion.page_images.image_files import Extracted, Facts, NotExtractable, extract, facts_of
from services.conversion.page_images.image_places import Drawn, digest, find_places
from services.conversion.page_images.inline_images import extract_inline
from services.conversion.page_images.output_files import MOST_FILES, outputs_of, stem_of
from services.conversion.page_images.undrawn_images import images_beside_content
from shared.names import unique
from shared.operation import Result, Task
from shared.pdf.drawing import open_for_drawing
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages

#: So many pages of an image are named.
_MOST_PAGES_NAMED = 20


@dataclass(frozen=True)
class _Found:
    """One image that pages draw."""

    drawn: Drawn
    width: int
    height: int
    #: What its dictionary says; None for one within the content of a page, known by its `key`.
    facts: Facts | None
    key: bytes = b""

    @property
    def page(self) -> int:
        """The first page that draws it, counted from 0."""
        return self.drawn.pages[0]


@dataclass
class _Extraction:
    task: Task
    options: ExtractImagesOptions
    pdf: pikepdf.Pdf
    document: pypdfium2.PdfDocument
    not_extractable: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> Result:
        """Find the images, write them, say what became of each."""
        everything = sorted(self._find(), key=lambda each: each.page)
        smallest = self.options.min_edge_pixels
        chosen = [each for each in everything if min(each.width, each.height) >= smallest]
        zipped = bool(chosen) and (self.options.as_zip or len(chosen) > MOST_FILES)
        written = self._write(chosen, zipped=zipped) if chosen else []
        found = len(everything) + len(self.not_extractable)
        result: Result = {"found": found, "images": written, "zipped": zipped}
        if not found:
            result["answer"] = "These pages draw no images."
        if len(chosen) < len(everything):
            result["smaller_left_out"] = len(everything) - len(chosen)
        if self.not_extractable:
            result["not_extractable"] = self.not_extractable
        return result

    def _find(self) -> Iterator[_Found]:
        """Each image once."""
        pages = chosen_pages(self.options.pages, len(self.pdf.pages))
        places = find_places(self.document, (page for page in pages if page < len(self.document)))
        beside = images_beside_content(self.pdf, pages)
        known: set[bytes] = set()
        taken: set[bytes] = set()
        for image in _image_objects(self.pdf):
            try:
                key = digest(image.read_raw_bytes())
            except pikepdf.PdfError:
                continue
            known.add(key)
            drawn = places.get(key)
            if drawn is None and image.objgen in beside:
                drawn = Drawn(0, 0, pages=[beside[image.objgen]])
            identity = key + _meaning(image)
            if drawn is None or identity in taken:
                continue
            taken.add(identity)
            try:
                facts = facts_of(image)
            except NotExtractable as reason:
                self._leave(drawn.pages[0], reason)
            else:
                yield _Found(drawn, facts.width, facts.height, facts)
        for key, drawn in places.items():
            if key not in known:
                yield _Found(drawn, drawn.width, drawn.height, None, key)

    def _write(self, chosen: list[_Found], *, zipped: bool) -> list[dict[str, Any]]:
        written: list[dict[str, Any]] = []
        stem, digits = stem_of(self.task), len(str(len(self.pdf.pages)))
        names = unique(f"{stem}-page-{each.page + 1:0{digits}}" for each in chosen)
        with outputs_of(self.task, zipped=zipped, suffix="-images") as outputs:
            for number, (each, name) in enumerate(zip(chosen, names, strict=True), start=1):
                try:
                    image = self._extract(each)
                except NotExtractable as reason:
                    self._leave(each.page, reason)
                    continue
                with outputs.file(name + image.kind.suffix, image.kind) as target:
                    target.write(image.data)
                written.append(_entry(name + image.kind.suffix, each, image))
                self.task.report(number, len(chosen), "Extracting images")
        return written

    def _extract(self, found: _Found) -> Extracted:
        if found.facts is None:
            return extract_inline(self.document, found.key, found.drawn)
        as_png = self.options.encoding is Kept.PNG
        return extract(found.facts, found.drawn.dpi, as_png=as_png, with_mask=self.options.with_masks)

    def _leave(self, page: int, reason: NotExtractable) -> None:
        self.not_extractable.append({"page": page + 1, "reason": str(reason)})


def extract_images(task: Task, options: ExtractImagesOptions) -> Result:
    """Write the images of the task's input. None at all is an answer, not an error: then there are no outputs.

    Raises:
        PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.errors`.
    """
    source, password = task.input.path, task.password
    with open_document(source, password) as pdf, open_for_drawing(source, password) as document:
        return _Extraction(task, options, pdf, document).run()


def _image_objects(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """The image XObjects of the file that are no masks of others."""
    masks: set[tuple[int, int]] = set()
    images: list[Any] = []
    for thing in pdf.objects:
        if isinstance(thing, Stream) and thing.get("/Subtype") == Name.Image:
            images.append(thing)
            masks.update(mask.objgen for key in ("/SMask", "/Mask") if isinstance(mask := thing.get(key), Stream))
    yield from (image for image in images if image.objgen not in masks)


def _meaning(image: Any) -> bytes:
    """What tells apart images of the same bytes."""
    keys = (
        "/Width",
        "/Height",
        "/ColorSpace",
        "/BitsPerComponent",
        "/Decode",
        "/DecodeParms",
        "/SMask",
        "/Mask",
        "/ImageMask",
    )
    return b"".join(key.encode() + Array([image[key]]).unparse() for key in keys if key in image)


def _entry(name: str, found: _Found, image: Extracted) -> dict[str, Any]:
    facts, drawn = found.facts, found.drawn
    entry: dict[str, Any] = {
        "name": name,
        "pages": [page + 1 for page in drawn.pages[:_MOST_PAGES_NAMED]],
        "drawn_on_pages": len(drawn.pages),
        "width_pixels": found.width,
        "height_pixels": found.height,
        "dpi": None if drawn.dpi is None else round(drawn.dpi, 1),
        "stored_as": "inline" if facts is None else (facts.filters[-1] if facts.filters else "/none").lstrip("/"),
        "as_stored": image.converted is None,
        "has_mask": facts is not None and facts.has_mask,
        "is_stencil": facts is not None and facts.is_stencil,
        "bytes": len(image.data),
    }
    if image.converted:
        entry["converted_for"] = image.converted
    return entry

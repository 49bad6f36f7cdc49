"""Pages of a PDF as PNG, JPEG, WebP or TIFF images: each is drawn, written and forgotten before the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from services.conversion.contracts.convert import ConvertOptions, Target
from services.conversion.page_images.encoding import ENCODERS, MEDIA_TYPES, MOST_SIDE_PIXELS, in_mode
from services.conversion.page_images.output_files import MOST_FILES, Outputs, outputs_of, page_names, stem_of
from services.conversion.page_images.pages import Pages, open_pages
from services.conversion.page_images.sizes import Size
from services.conversion.page_images.tiff import TiffWriter
from shared.errors import DamagedFile
from shared.media_types import TIFF
from shared.operation import Result, Task
from shared.pdf.drawing import MAX_PIXELS, Pixels, Raster
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.reading import UnreadablePage

_DOING = "Drawing pages"
#: So many pages that came out otherwise than asked for are named in the result.
_MOST_NAMED = 100


def write_page_images(source: Path, task: Task, options: ConvertOptions) -> Result:
    """Write the pages of `source` as `options.to`: a file each, one file of all pages for TIFF.

    Forms and annotations are drawn. A page whose image would have more than 100 million pixels is drawn at a lower
    resolution, which the result names.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, PagesOutOfRange, TooComplex: see `shared.errors`.
    """
    with open_pages(source, task.input, task.password) as document:
        drawing = _Drawing(document, task, options, chosen_pages(options.pages, document.count))
        zipped = options.as_zip or (options.to is not Target.TIFF and len(drawing.pages) > MOST_FILES)
        with outputs_of(task, zipped=zipped, suffix="-pages") as outputs:
            if options.to is Target.TIFF:
                drawing.write_one_file(outputs)
            else:
                drawing.write_each(outputs)
        return drawing.result(outputs, zipped=zipped)


@dataclass
class _Drawing:
    document: Pages
    task: Task
    options: ConvertOptions
    pages: list[int]
    kept_as: Counter[str] = field(default_factory=Counter)
    lowered: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)

    def write_each(self, outputs: Outputs) -> None:
        encode, kind = ENCODERS[self.options.to], MEDIA_TYPES[self.options.to]
        names = page_names(self.task, self.pages, self.document.count, kind)
        for place, pixels, raster in self._drawn():
            with outputs.file(names[place], kind) as target:
                self.kept_as[encode(target, pixels, raster.dpi, self.options.quality_percent)] += 1

    def write_one_file(self, outputs: Outputs) -> None:
        with self._seekable(outputs) as target:
            writer = TiffWriter(target)
            for _, pixels, raster in self._drawn():
                self.kept_as[writer.add(pixels, raster.dpi)] += 1

    @contextmanager
    def _seekable(self, outputs: Outputs) -> Iterator[BinaryIO]:
        """A file to go back and forth in: what goes into an archive is finished beside it first."""
        name = f"{stem_of(self.task)}.tif"
        if not self.options.as_zip:
            with outputs.file(name, TIFF) as target:
                yield target
            return
        beside = self.task.folder / "unpacked.tif"
        with beside.open("w+b") as target:
            yield target
            target.seek(0)
            with outputs.file(name, TIFF) as packed:
                while block := target.read(1 << 20):
                    packed.write(block)
        beside.unlink()

    def _drawn(self) -> Iterator[tuple[int, Pixels, Raster]]:
        """Each page that can be drawn: its place among the chosen ones, its pixels, its size."""
        for place, page in enumerate(self.pages):
            try:
                pixels, raster = self._draw(page)
            except UnreadablePage:
                self.unreadable.append(page + 1)
            else:
                if raster.lowered:
                    self.lowered.append({"page": page + 1, "dpi": round(raster.dpi, 1)})
                yield place, pixels, raster
            self.task.report(place + 1, len(self.pages), _DOING)
        if len(self.unreadable) == len(self.pages):
            raise DamagedFile("No page of the document can be drawn.")

    def _draw(self, number: int) -> tuple[Pixels, Raster]:
        options = self.options
        size = Size(
            # A picture that only changes its kind keeps its pixels.
            dpi=options.dpi if "dpi" in options.model_fields_set else None,
            long_edge_pixels=options.long_edge_pixels,
            most_side_pixels=MOST_SIDE_PIXELS[options.to],
        )
        pixels, raster = self.document.draw(number, size, transparent=options.transparent)
        return in_mode(pixels, options.color_mode, dithered=options.dithered), raster

    def result(self, outputs: Outputs, *, zipped: bool) -> Result:
        """What was written, and what came out otherwise than asked for."""
        found: Result = {
            "format": self.options.to.value,
            "pages": len(self.pages) - len(self.unreadable),
            "document_pages": self.document.count,
            "image_bytes": outputs.written_bytes,
            "kept_as": dict(self.kept_as),
            "zipped": zipped,
        }
        if self.lowered:
            found["lowered"] = {
                "pages": len(self.lowered),
                "reason": f"an image has at most {MAX_PIXELS // 1_000_000} million pixels, and its kind a longest side",
                "first": self.lowered[:_MOST_NAMED],
            }
        if self.unreadable:
            found["unreadable_pages"] = self.unreadable[:_MOST_NAMED]
        if self.document.notes:
            found["notes"] = self.document.notes
        return found

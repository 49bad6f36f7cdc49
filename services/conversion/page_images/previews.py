"""One page as a small image at once, and small images of many pages."""

from __future__ import annotations

from services.conversion.contracts.convert import Target
from services.conversion.contracts.previews import PreviewOptions, ThumbnailOptions
from services.conversion.page_images.encoding import ENCODERS, MEDIA_TYPES
from services.conversion.page_images.output_files import MOST_FILES, outputs_of, page_names, stem_of
from services.conversion.page_images.pages import open_pages
from services.conversion.page_images.sizes import Size
from shared.errors import DamagedFile
from shared.operation import Result, Task
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.reading import UnreadablePage


def write_preview(task: Task, options: PreviewOptions) -> Result:
    """Write one page of the task's input as a small image.

    Raises:
        PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.errors`.
    """
    target = Target(options.to.value)
    with open_pages(task.input.path, task.input, task.password) as document:
        (index,) = chosen_pages(str(options.page), document.count)
        try:
            pixels, raster = document.draw(index, Size(long_edge_pixels=options.long_edge_pixels))
        except UnreadablePage:
            raise DamagedFile(f"Page {index + 1} cannot be drawn.") from None
        kind = MEDIA_TYPES[target]
        with task.output(f"{stem_of(task)}-preview{kind.suffix}", kind).open("wb") as file:
            kept_as = ENCODERS[target](file, pixels, raster.dpi, options.quality_percent)
        return {
            "page": index + 1,
            "document_pages": document.count,
            "width_pixels": raster.width,
            "height_pixels": raster.height,
            "width_points": round(raster.width * 72 / raster.dpi, 2),
            "height_points": round(raster.height * 72 / raster.dpi, 2),
            "kept_as": kept_as,
            **({"notes": document.notes} if document.notes else {}),
        }


def write_thumbnails(task: Task, options: ThumbnailOptions) -> Result:
    """Write a small image of each chosen page of the task's input.

    Raises:
        PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.errors`.
    """
    target = Target(options.to.value)
    kind, size = MEDIA_TYPES[target], Size(long_edge_pixels=options.long_edge_pixels)
    unreadable: list[int] = []
    with open_pages(task.input.path, task.input, task.password) as document:
        pages = chosen_pages(options.pages, document.count)
        zipped = options.as_zip or len(pages) > MOST_FILES
        names = page_names(task, pages, document.count, kind)
        with outputs_of(task, zipped=zipped, suffix="-thumbnails") as outputs:
            for place, index in enumerate(pages):
                try:
                    pixels, raster = document.draw(index, size)
                except UnreadablePage:
                    unreadable.append(index + 1)
                    continue
                with outputs.file(names[place], kind) as file:
                    ENCODERS[target](file, pixels, raster.dpi, options.quality_percent)
                task.report(place + 1, len(pages), "Drawing thumbnails")
        if len(unreadable) == len(pages):
            raise DamagedFile("No page of the document can be drawn.")
        return {
            "format": options.to.value,
            "pages": len(pages) - len(unreadable),
            "document_pages": document.count,
            "image_bytes": outputs.written_bytes,
            "zipped": zipped,
            **({"unreadable_pages": unreadable} if unreadable else {}),
            **({"notes": document.notes} if document.notes else {}),
        }

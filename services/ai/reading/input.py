"""The pages of a task's input, whatever it is that the step before made of it."""

from __future__ import annotations

from services.ai.reading.document import Document, read
from shared.errors import FileProcessingError
from shared.media_types import PDF
from shared.operation import Task
from shared.pdf.page_ranges import PageRanges


class NoText(FileProcessingError):
    """The document has no text that could be read."""

    code = "no_text"
    remedy = "It may be a scan: leave the option skip_ocr out, so that its pages are read first."


class NotReadAsPictures(FileProcessingError):
    """A picture has no text of its own."""

    code = "picture_without_text"
    remedy = "Leave the option skip_ocr out, so that the picture is read first."


def pages_of(task: Task, pages: PageRanges | None, *, pictures: bool) -> Document:
    """The chosen pages. `pictures`: pages without any text are of use as well.

    Raises:
        NoText, NotReadAsPictures: there is nothing to read.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex, PagesOutOfRange: see `reading.document.read`.
    """
    if task.input.media_type != PDF.name:
        raise NotReadAsPictures()
    document = read(task.input.path, task.password, pages)
    if not document.words and not pictures:
        raise NoText()
    return document

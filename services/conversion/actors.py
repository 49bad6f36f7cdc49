"""Bind the operations of this service to their engines."""

from __future__ import annotations

from services.conversion.contracts.convert import CONVERT, ConvertOptions
from services.conversion.contracts.images import EXTRACT_IMAGES, ExtractImagesOptions
from services.conversion.contracts.previews import CONVERT_PREVIEW, THUMBNAILS, PreviewOptions, ThumbnailOptions
from services.conversion.contracts.reading import READ_METADATA, ReadMetadataOptions
from services.conversion.contracts.text import EXTRACT_TABLES, EXTRACT_TEXT, ExtractTablesOptions, ExtractTextOptions
from services.conversion.convert import convert_document
from services.conversion.page_images import embedded, previews
from services.conversion.page_images.warm_up import warm_up
from services.conversion.reading import metadata
from services.conversion.text import extract
from shared.actors import performs
from shared.operation import Result, Task

# This is imported once, in the process that every job's process is a copy of.
warm_up()


@performs(CONVERT)
def convert(task: Task, options: ConvertOptions) -> Result:
    """Convert the one input of the task."""
    return convert_document(task, options)


@performs(CONVERT_PREVIEW)
def convert_preview(task: Task, options: PreviewOptions) -> Result:
    """Show one page of the one input of the task."""
    return previews.write_preview(task, options)


@performs(THUMBNAILS)
def thumbnails(task: Task, options: ThumbnailOptions) -> Result:
    """Show pages of the one input of the task."""
    return previews.write_thumbnails(task, options)


@performs(EXTRACT_IMAGES)
def extract_images(task: Task, options: ExtractImagesOptions) -> Result:
    """Take the images out of the one input of the task."""
    return embedded.extract_images(task, options)


@performs(EXTRACT_TEXT)
def extract_text(task: Task, options: ExtractTextOptions) -> Result:
    """Read the text of the one input of the task."""
    return extract.extract_text(task, options)


@performs(EXTRACT_TABLES)
def extract_tables(task: Task, options: ExtractTablesOptions) -> Result:
    """Find the tables in the one input of the task."""
    return extract.extract_tables(task, options)


@performs(READ_METADATA)
def read_metadata(task: Task, options: ReadMetadataOptions) -> Result:
    """Tell what the one input of the task says of itself and holds."""
    return metadata.read_metadata(task.input.path, options, password=task.password)

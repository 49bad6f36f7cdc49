"""The contract of `convert`: every kind of document into every other that makes sense."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from services.conversion.service import SERVICE
from shared.media_types import (
    CSV,
    DOCX,
    HTML,
    IMAGES,
    JPEG,
    JSON,
    MARKDOWN,
    OFFICE,
    PDF,
    PNG,
    TEXT,
    TIFF,
    WEBP,
    XLSX,
    ZIP,
)
from shared.operation import Options
from shared.pdf.page_ranges import SYNTAX, PageRanges


class Target(StrEnum):
    """The kind to convert to."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    TIFF = "tiff"
    TXT = "txt"
    HTML = "html"
    MARKDOWN = "markdown"
    JSON = "json"
    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"
    PDF = "pdf"
    PDFA_1B = "pdfa-1b"
    PDFA_2B = "pdfa-2b"
    PDFA_3B = "pdfa-3b"


class ColorMode(StrEnum):
    """The colours of page images."""

    COLOR = "color"
    GRAY = "gray"
    BITONAL = "bitonal"


class TextOrder(StrEnum):
    """How text is put into order."""

    READING = "reading"
    LAYOUT = "layout"
    STREAM = "stream"


class PageSize(StrEnum):
    """The size of pages that are made from images, text, HTML or Markdown."""

    FIT = "fit"
    A4 = "a4"
    LETTER = "letter"


class ConvertOptions(Options):
    """What to convert to, and how."""

    to: Target = Field(description="The kind of document to make.")
    pages: PageRanges | None = Field(None, description=f"Pages to convert; all by default. {SYNTAX}")
    dpi: int = Field(
        150,
        ge=18,
        le=1200,
        description="Resolution of page images. A picture that becomes another kind of picture keeps its pixels unless "
        "this is given.",
    )
    long_edge_pixels: int | None = Field(
        None, ge=16, le=20_000, description="Length of the longer side of page images, instead of `dpi`."
    )
    color_mode: ColorMode = Field(ColorMode.COLOR, description="Colours of page images.")
    dithered: bool = Field(
        False, description="Bitonal images: shades as patterns of dots instead of plain black and white."
    )
    quality_percent: int = Field(85, ge=1, le=100, description="Quality of JPEG and WebP images.")
    transparent: bool = Field(False, description="PNG and WebP: leave the paper transparent instead of white.")
    as_zip: bool = Field(
        False, description="One ZIP archive with all outputs instead of a file each; always so beyond 1000 files."
    )
    text_order: TextOrder = Field(
        TextOrder.READING,
        description="reading: columns and tables as a person reads them. layout: as it stands on the page, with "
        "spaces. stream: as the file has it, the fastest.",
    )
    page_size: PageSize = Field(
        PageSize.FIT, description="Pages made from images, text, HTML or Markdown; fit: images as they are, else A4."
    )
    break_signature: bool = Field(
        False, description="PDF/A, or some pages of a PDF: go on although a digital signature breaks by it."
    )
    rasterize_pages: bool = Field(
        False, description="PDF/A: turn pages that cannot be made conforming into images, instead of an error."
    )

    @model_validator(mode="after")
    def _paper_can_be_left_out(self) -> Self:
        if self.transparent and (self.to not in (Target.PNG, Target.WEBP) or self.color_mode is not ColorMode.COLOR):
            raise ValueError("transparent: only PNG and WebP images in color have no paper")
        return self


CONVERT = SERVICE.operation(
    "convert",
    "Convert a document to another kind.",
    options=ConvertOptions,
    accepts=(PDF, *IMAGES, *OFFICE, HTML, MARKDOWN, TEXT, CSV),
    produces=(PNG, JPEG, WEBP, TIFF, TEXT, HTML, MARKDOWN, JSON, DOCX, XLSX, CSV, PDF, ZIP),
    hard_time_limit_s=900,
    soft_time_limit_s=600,
    self_test_options={"to": "png", "dpi": 72},
)

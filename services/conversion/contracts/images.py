"""The contract of `extract-images`: the pictures in a PDF as files of their own."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from services.conversion.service import SERVICE
from shared.media_types import JP2, JPEG, PDF, PNG, ZIP
from shared.operation import Options
from shared.pdf.page_ranges import SYNTAX, PageRanges


class Kept(StrEnum):
    """How an extracted image is written."""

    ORIGINAL = "original"
    PNG = "png"


class ExtractImagesOptions(Options):
    """Which images to take out, and how to write them."""

    pages: PageRanges | None = Field(None, description=f"Pages whose images to extract; all by default. {SYNTAX}")
    encoding: Kept = Field(
        Kept.ORIGINAL,
        description="original: JPEG and JPEG 2000 come out byte for byte as they are in the file, others as PNG. "
        "png: all as PNG.",
    )
    with_masks: bool = Field(
        True,
        description="An image with a mask becomes a PNG with transparency; false: the image as stored, without it.",
    )
    min_edge_pixels: int = Field(1, ge=1, le=10_000, description="Leave out images with a shorter side than this.")
    as_zip: bool = Field(
        False, description="One ZIP archive instead of a file per image; always so beyond 1000 images."
    )


EXTRACT_IMAGES = SERVICE.operation(
    "extract-images",
    "Take the embedded images out of a PDF, in their original encoding where possible.",
    options=ExtractImagesOptions,
    accepts=(PDF,),
    produces=(PNG, JPEG, JP2, ZIP),
)

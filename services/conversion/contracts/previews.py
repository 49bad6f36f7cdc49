"""Contracts of small page images: a preview of one page at once, thumbnails of many."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from services.conversion.service import SERVICE
from shared.media_types import IMAGES, JPEG, PDF, PNG, WEBP, ZIP
from shared.operation import Options
from shared.pdf.page_ranges import SYNTAX, PageRanges


def _not_zero(page: int) -> int:
    if page == 0:
        raise ValueError("pages count from 1; -1 is the last one")
    return page


_PageNumber = Annotated[int, Field(ge=-20_000, le=20_000), AfterValidator(_not_zero)]


class SmallImage(StrEnum):
    """The kind of a small page image."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


class PreviewOptions(Options):
    """Which page to show, and how large."""

    page: _PageNumber = Field(1, description="The page to show, counted from 1; -1 is the last one.")
    long_edge_pixels: int = Field(1000, ge=16, le=2000, description="Length of the image's longer side.")
    to: SmallImage = Field(SmallImage.PNG, description="The kind of image.")
    quality_percent: int = Field(80, ge=1, le=100, description="Quality of JPEG and WebP images.")


class ThumbnailOptions(Options):
    """Which pages to show small."""

    pages: PageRanges | None = Field(None, description=f"Pages to show; all by default. {SYNTAX}")
    long_edge_pixels: int = Field(256, ge=16, le=1000, description="Length of each image's longer side.")
    to: SmallImage = Field(SmallImage.WEBP, description="The kind of images.")
    quality_percent: int = Field(80, ge=1, le=100, description="Quality of JPEG and WebP images.")
    as_zip: bool = Field(False, description="One ZIP archive instead of a file per page; always so beyond 1000 pages.")


CONVERT_PREVIEW = SERVICE.operation(
    "convert-preview",
    "Show one page as a small image, at once.",
    options=PreviewOptions,
    accepts=(PDF, *IMAGES),
    produces=(PNG, JPEG, WEBP),
    quick=True,
    soft_time_limit_s=20,
    hard_time_limit_s=30,
)

THUMBNAILS = SERVICE.operation(
    "thumbnails",
    "Show every page as a small image.",
    options=ThumbnailOptions,
    accepts=(PDF, *IMAGES),
    produces=(PNG, JPEG, WEBP, ZIP),
)

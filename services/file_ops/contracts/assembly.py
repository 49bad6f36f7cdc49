"""Contracts. Joining files and taking them apart: merge, split."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from services.file_ops.service import SERVICE
from shared.media_types import IMAGES, PDF
from shared.operation import Options
from shared.pdf.page_ranges import SYNTAX, PageRanges

#: Files of one merge.
MOST_FILES = 1000


class MergedOutline(StrEnum):
    """What becomes of the outlines (bookmarks) of merged files."""

    NEST = "nest"
    FLAT = "flat"
    NONE = "none"


class MergedMetadata(StrEnum):
    """Where the title, author and dates of a merged file come from."""

    FIRST = "first"
    NONE = "none"


class MergeOptions(Options):
    """What to take from each file, and what the merged one keeps. Files are merged in the order they are sent."""

    pages: list[PageRanges | None] | None = Field(
        None,
        max_length=MOST_FILES,
        description="Pages of each file, in the files' order; null takes all pages of a file. "
        f'Example: ["1-3", null, "-1"]. {SYNTAX}',
    )
    outline: MergedOutline = Field(
        MergedOutline.NEST,
        description="nest: each file's outline below an entry with the file's title. flat: one after the other. "
        "none: leave outlines out.",
    )
    metadata: MergedMetadata = Field(
        MergedMetadata.FIRST, description="first: author, dates and so on from the first file. none: leave them out."
    )
    title: str | None = Field(None, max_length=1000, description="Title of the merged file, instead of the first's.")
    break_signature: bool = Field(False, description="Merge digitally signed PDFs although their signatures break.")


MERGE = SERVICE.operation(
    "merge",
    "Join PDFs and images into one PDF, with their links, outlines, forms, tags, layers and attachments.",
    options=MergeOptions,
    accepts=(PDF, *IMAGES),
    produces=(PDF,),
    inputs="many",
)


class SplitBy(StrEnum):
    """Where a document is split."""

    PAGE = "page"
    EVERY = "every"
    RANGES = "ranges"
    SIZE = "size"
    OUTLINE = "outline"
    BLANK = "blank"


class PartsWithFiles(StrEnum):
    """Which parts keep the files that are attached to the document."""

    FIRST = "first"
    ALL = "all"
    NONE = "none"


class SplitOptions(Options):
    """Where to split, and what the parts keep."""

    by: SplitBy = Field(
        SplitBy.PAGE,
        description="page: each page is a part. every: so many pages each. ranges: the pages given. size: as many "
        "pages as fit into so many bytes. outline: where entries of the outline start. blank: at blank pages.",
    )
    every_pages: int | None = Field(None, ge=1, le=20_000, description="by=every: pages of each part.")
    ranges: list[PageRanges] | None = Field(
        None, min_length=1, max_length=5000, description=f"by=ranges: the pages of each part. {SYNTAX}"
    )
    max_bytes: int | None = Field(None, ge=1, description="by=size: bytes of each part at most.")
    outline_level: int = Field(1, ge=1, le=32, description="by=outline: entries down to this level start a part.")
    keep_blank: bool = Field(False, description="by=blank: keep a blank page as the last one of the part before it.")
    attachments: PartsWithFiles = Field(
        PartsWithFiles.FIRST, description="Which parts keep the files that are attached to the document."
    )
    metadata: bool = Field(True, description="Parts keep title, author, dates and XMP metadata.")
    break_signature: bool = Field(False, description="Split a digitally signed PDF although its signature breaks.")

    @model_validator(mode="after")
    def _has_what_its_way_needs(self) -> Self:
        needed = {SplitBy.EVERY: "every_pages", SplitBy.RANGES: "ranges", SplitBy.SIZE: "max_bytes"}
        for way, option in needed.items():
            if (self.by is way) != (getattr(self, option) is not None):
                raise ValueError(f"by={way.value} and {option} belong together: give both or neither")
        return self


SPLIT = SERVICE.operation(
    "split",
    "Split a PDF into several; each part keeps its outline, links, labels, form fields and tags.",
    options=SplitOptions,
    accepts=(PDF,),
    produces=(PDF,),
)

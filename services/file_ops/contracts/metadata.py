"""Contracts. What a file says of itself and carries along: metadata, outline, attachments."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from services.file_ops.service import SERVICE
from shared.media_types import ANY, PDF
from shared.operation import Options

#: Longest text of one metadata field, in characters.
_LONGEST_TEXT = 30_000
Text = Annotated[str, Field(max_length=_LONGEST_TEXT)]
#: Names of own fields: what every PDF reader and XMP can hold.
FieldName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f/()<>\[\]{}%#]{1,100}$")]
#: A language as in HTML (BCP 47): de, en-GB, zh-Hant-TW.
Language = Annotated[str, StringConstraints(pattern=r"^$|^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
_SIGNATURE = "Change a digitally signed PDF although its signature breaks."


class PageLayout(StrEnum):
    """How a viewer arranges pages."""

    SINGLE_PAGE = "single-page"
    ONE_COLUMN = "one-column"
    TWO_COLUMNS_LEFT = "two-columns-left"
    TWO_COLUMNS_RIGHT = "two-columns-right"
    TWO_PAGES_LEFT = "two-pages-left"
    TWO_PAGES_RIGHT = "two-pages-right"


class Panel(StrEnum):
    """What a viewer shows beside the pages when it opens the document."""

    NONE = "none"
    OUTLINE = "outline"
    THUMBNAILS = "thumbnails"
    LAYERS = "layers"
    ATTACHMENTS = "attachments"
    FULL_SCREEN = "full-screen"


class Direction(StrEnum):
    """The reading order of pages side by side."""

    LEFT_TO_RIGHT = "left-to-right"
    RIGHT_TO_LEFT = "right-to-left"


class ViewerPreferences(Options):
    """How viewers are asked to open the document; null leaves as it is."""

    page_layout: PageLayout | None = None
    panel: Panel | None = None
    direction: Direction | None = None
    show_title: bool | None = Field(None, description="The window's title is the document's title, not the file name.")
    hide_toolbar: bool | None = None
    hide_menu: bool | None = None
    fit_window: bool | None = None
    center_window: bool | None = None
    print_unscaled: bool | None = Field(None, description="Print in true size unless the reader chooses otherwise.")


class EditMetadataOptions(Options):
    """What the document shall say of itself. null leaves a field as it is, an empty text removes it."""

    title: Text | None = Field(None, description="Title.")
    author: Text | None = Field(None, description="Author.")
    subject: Text | None = Field(None, description="Subject.")
    keywords: Text | None = Field(None, description="Keywords.")
    creator: Text | None = Field(None, description="The program that the document was written with.")
    producer: Text | None = Field(None, description="The program that made the PDF.")
    language: Language | None = Field(None, description="Language of the text, such as en-GB.")
    created: datetime | None = Field(None, description="When it was written, as 2026-11-22T08:30:00+01:00.")
    modified: datetime | None = Field(None, description="When it was changed last; now, by default.")
    custom: dict[FieldName, Text | None] | None = Field(
        None, max_length=200, description="Fields of your own by name; null removes one."
    )
    viewer: ViewerPreferences | None = Field(None, description="How viewers open the document.")
    remove_all: bool = Field(False, description="First remove everything that the document says of itself.")
    break_signature: bool = Field(False, description=_SIGNATURE)


EDIT_METADATA = SERVICE.operation(
    "edit-metadata",
    "Change title, author, dates, own fields and viewer settings of a PDF, in Info and XMP alike.",
    options=EditMetadataOptions,
    accepts=(PDF,),
    produces=(PDF,),
    self_test_options={"title": "A title"},
)


class OutlineEntry(Options):
    """One entry of an outline, with what stands below it."""

    title: Annotated[str, Field(min_length=1, max_length=2000)]
    page: int | None = Field(None, description="Page that it leads to, from 1; -1 is the last one.")
    top_points: float | None = Field(
        None, ge=-1e6, le=1e6, description="Height on that page to scroll to, from its lower edge; the top by default."
    )
    url: Annotated[str, Field(max_length=2000)] | None = Field(None, description="A web address instead of a page.")
    level: int = Field(
        1, ge=1, le=64, description="For flat lists: an entry of level 2 stands below the last one of level 1."
    )
    open: bool = Field(False, description="Show what stands below it at once.")
    bold: bool = False
    italic: bool = False
    color: Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")] | None = Field(
        None, description="Colour as #rrggbb."
    )
    children: list[OutlineEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _leads_to_one_place(self) -> Self:
        if self.page == 0:
            raise ValueError("pages count from 1")
        if self.url is not None and self.page is not None:
            raise ValueError("an entry leads to a page or to a url, not to both")
        return self


class EditOutlineOptions(Options):
    """The outline that the document shall have."""

    outline: list[OutlineEntry] = Field(
        max_length=20_000,
        description="The entries, nested by `children` or flat with `level`; an empty list removes the outline. "
        'Example: [{"title": "Part 1", "page": 1, "children": [{"title": "Chapter 1", "page": 2}]}]',
    )
    break_signature: bool = Field(False, description=_SIGNATURE)


EDIT_OUTLINE = SERVICE.operation(
    "edit-outline",
    "Give a PDF an outline (bookmarks), or take it away.",
    options=EditOutlineOptions,
    accepts=(PDF,),
    produces=(PDF,),
    self_test_options={"outline": [{"title": "Start", "page": 1}]},
)


class ReadOutlineOptions(Options):
    """There is nothing to choose."""


READ_OUTLINE = SERVICE.operation(
    "read-outline",
    "Read the outline (bookmarks) of a PDF as data; edit-outline takes it as it is.",
    options=ReadOutlineOptions,
    accepts=(PDF,),
    quick=True,
)


class Relationship(StrEnum):
    """How an attached file belongs to the document (ISO 32000-2, table 43)."""

    SOURCE = "Source"
    DATA = "Data"
    ALTERNATIVE = "Alternative"
    SUPPLEMENT = "Supplement"
    FORM_DATA = "FormData"
    SCHEMA = "Schema"
    UNSPECIFIED = "Unspecified"


class AttachOptions(Options):
    """How files are attached. The first file is the PDF, all others are attached to it."""

    descriptions: list[Annotated[str, Field(max_length=2000)] | None] | None = Field(
        None, max_length=1000, description="What viewers say of each attached file, in the files' order."
    )
    relationship: Relationship = Field(Relationship.UNSPECIFIED, description="How the files belong to the document.")
    replace: bool = Field(
        False, description="Replace attached files of the same name; otherwise the new one gets a number."
    )
    break_signature: bool = Field(False, description=_SIGNATURE)


ATTACH = SERVICE.operation(
    "attach",
    "Attach files of any kind to a PDF, which is the first file.",
    options=AttachOptions,
    accepts=(PDF, ANY),
    produces=(PDF,),
    inputs="many",
)


class ExtractAttachmentsOptions(Options):
    """There is nothing to choose."""


EXTRACT_ATTACHMENTS = SERVICE.operation(
    "extract-attachments",
    "Take out the files that a PDF carries, those pinned to its pages too.",
    options=ExtractAttachmentsOptions,
    accepts=(PDF,),
    produces=(ANY,),
)

"""Contracts. What is put over or under pages: watermarks, stamps, page numbers."""

from __future__ import annotations

from enum import StrEnum
from string import Formatter

from pydantic import Field, field_validator, model_validator

from services.file_ops.service import SERVICE
from shared.media_types import IMAGES, PDF
from shared.operation import Options
from shared.pdf.page_ranges import SYNTAX, PageRanges

_COLOUR = r"^#[0-9a-fA-F]{6}$"
_SCRIPTS = (
    "Any script whose letters stand alone, Hebrew included; Arabic, Indic and other scripts that join or stack their "
    "letters are refused."
)


class Position(StrEnum):
    """Where on the page as it is seen, whatever its rotation and boxes."""

    TOP_LEFT = "top-left"
    TOP = "top"
    TOP_RIGHT = "top-right"
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom-right"


class Layer(StrEnum):
    """Whether a mark lies over or under what the page shows."""

    OVER = "over"
    UNDER = "under"


class Placed(Options):
    """What all marks have in common: which pages, and where on them."""

    pages: PageRanges | None = Field(None, description=f"Pages that get the mark; all by default. {SYNTAX}")
    margin_points: float = Field(36, ge=0, le=1000, description="Distance from the edges of the page.")
    offset_x_points: float = Field(0, ge=-20_000, le=20_000, description="Move it to the right of its position.")
    offset_y_points: float = Field(0, ge=-20_000, le=20_000, description="Move it upwards from its position.")
    break_signature: bool = Field(False, description="Mark a digitally signed PDF although its signature breaks.")


class Watermark(Placed):
    """Text over or under the pages."""

    text: str = Field(min_length=1, max_length=2000, description=f"What is written; lines are kept. {_SCRIPTS}")
    font_size_points: float | None = Field(
        None, ge=1, le=2000, description="Size of the letters; by default the text fills the page within its margin."
    )
    rotation_degrees: float = Field(45, ge=-360, le=360, description="Turned so far against the clock.")
    opacity_percent: float = Field(25, gt=0, le=100, description="100 hides what lies under it.")
    color: str = Field("#808080", pattern=_COLOUR, description="Colour of the letters, as #rrggbb.")
    bold: bool = Field(True, description="Bold letters, where Latin text is written in Helvetica.")
    layer: Layer = Field(
        Layer.OVER, description="under: beneath the page's content; scans and filled backgrounds hide it."
    )
    tiled: bool = Field(False, description="Repeat the text over the whole page.")
    tile_gap_points: float = Field(48, ge=0, le=2000, description="Space between repeated texts.")
    position: Position = Field(Position.CENTER, description="Where a text that is not tiled stands.")

    @field_validator("text")
    @classmethod
    def _shows_something(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("the text is blank")
        return text


class StampSize(StrEnum):
    """How large a stamp is before its scale applies."""

    NATURAL = "natural"
    SHRINK = "shrink"
    FIT = "fit"


class Stamp(Placed):
    """A page of a PDF or a picture, over or under the pages. Two files: the document first, the stamp second."""

    size: StampSize = Field(
        StampSize.SHRINK,
        description="natural: its own size (pictures without a resolution: 72 dpi). shrink: the same, but no larger "
        "than the page within its margin. fit: as large as the page within its margin allows.",
    )
    scale_percent: float = Field(100, gt=0, le=10_000, description="Of the size that `size` gives.")
    rotation_degrees: float = Field(0, ge=-360, le=360, description="Turned so far against the clock.")
    opacity_percent: float = Field(100, gt=0, le=100, description="100 leaves the stamp as it is.")
    layer: Layer = Field(Layer.OVER, description="under: beneath the page's content, as letterheads are.")
    position: Position = Field(Position.CENTER, description="Where the stamp stands.")
    margin_points: float = Field(0, ge=0, le=1000, description="Distance from the edges of the page.")
    stamp_pages: PageRanges = Field(
        "1",
        description="Pages of the stamp, laid on the chosen pages in turn: 1 puts the first page on each, 1- lays "
        f"page on page. {SYNTAX}",
    )
    repeat: bool = Field(True, description="Begin again when the stamp's pages are used up; else the rest stays bare.")


class Numerals(StrEnum):
    """How a number is written."""

    ARABIC = "arabic"
    ROMAN = "roman"
    ROMAN_UPPER = "roman-upper"


#: What the text of a page number may name.
PLACEHOLDERS = frozenset({"page", "pages"})


class NumberPages(Placed):
    """A number on each page: page numbers, or Bates numbers over many documents."""

    format: str = Field(
        "{page} / {pages}",
        min_length=1,
        max_length=200,
        description="{page}: the number; {pages}: the number of the last page that could get one. Bates numbers: "
        f"'ACME-{{page}}' with `digits` 6 and `start` 1; the result tells the next number. {_SCRIPTS}",
    )
    start: int | None = Field(
        None, ge=0, le=10**12, description="Number of the first numbered page; by default its place in the document."
    )
    digits: int = Field(1, ge=1, le=15, description="Shorter numbers get zeros in front.")
    numerals: Numerals = Field(Numerals.ARABIC, description="roman: i, ii, iii; roman-upper: I, II, III.")
    skip_first: int = Field(0, ge=0, le=20_000, description="So many of the chosen pages stay without a number.")
    position: Position = Field(Position.BOTTOM, description="Where the number stands.")
    mirror: bool = Field(False, description="Left and right change places on even pages, as in a bound book.")
    font_size_points: float = Field(10, ge=1, le=500, description="Size of the letters.")
    color: str = Field("#000000", pattern=_COLOUR, description="Colour of the letters, as #rrggbb.")

    @field_validator("format")
    @classmethod
    def _names_only_what_there_is(cls, text: str) -> str:
        try:
            parts = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text)]
        except ValueError as error:
            raise ValueError(f"the format cannot be read: {error}; write {{{{ for a brace") from None
        for name, spec, conversion in parts:
            if name is not None and (name not in PLACEHOLDERS or spec or conversion):
                raise ValueError(f"'{{{name}}}' is not known; {{page}} and {{pages}} are")
        return text

    @model_validator(mode="after")
    def _roman_numbers_end(self) -> NumberPages:
        if self.numerals is not Numerals.ARABIC and (self.start or 1) > 3000:
            raise ValueError("roman numerals are for numbers up to 3999")
        return self


WATERMARK = SERVICE.operation(
    "watermark",
    "Write text over or under pages.",
    options=Watermark,
    accepts=(PDF,),
    produces=(PDF,),
    self_test_options={"text": "Self-test"},
)
STAMP = SERVICE.operation(
    "stamp",
    "Put a page of a PDF or a picture over or under pages.",
    options=Stamp,
    accepts=(PDF, *IMAGES),
    produces=(PDF,),
    inputs="many",
)
NUMBER_PAGES = SERVICE.operation("number-pages", "Number pages.", options=NumberPages, accepts=(PDF,), produces=(PDF,))

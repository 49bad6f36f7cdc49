"""Contracts. Pages as things: turn, reorder, crop, resize, several on a sheet, leave out blank ones."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from services.file_ops.service import SERVICE
from shared.media_types import PDF
from shared.operation import Options
from shared.pdf.page_ranges import SYNTAX, PageRanges

#: The longest side of a page that viewers accept, in points (ISO 32000-2, annex C).
_LONGEST_POINTS = 14_400


def _quarter(degrees: int) -> int:
    if degrees % 90:
        raise ValueError("degrees must be a multiple of 90")
    return degrees


class _PageChange(Options):
    """What every operation on pages takes."""

    break_signature: bool = Field(False, description="Change a digitally signed PDF although its signature breaks.")


class RotateOptions(_PageChange):
    """Which pages to turn, and how far."""

    degrees: Annotated[int, Field(ge=-3600, le=3600), AfterValidator(_quarter)] = Field(
        90, description="How far to turn, clockwise: a multiple of 90."
    )
    pages: PageRanges | None = Field(None, description=f"Pages to turn; all by default. {SYNTAX}")
    absolute: bool = Field(False, description="Turn to this angle from the page's own way up, instead of further.")


class ReorderOptions(_PageChange):
    """The new order of pages."""

    pages: PageRanges = Field(
        description="The pages in their new order. One that is named twice is there twice; those not named are left "
        f"out unless `append_rest` is true. {SYNTAX}"
    )
    append_rest: bool = Field(False, description="Put the pages that are not named after the others.")


class DeleteOptions(_PageChange):
    """Which pages to leave out."""

    pages: PageRanges = Field(description=f"Pages to delete. {SYNTAX}")


class Margins(Options):
    """How much to cut off each side, in points (1/72 inch)."""

    left: float = Field(0, ge=0, le=_LONGEST_POINTS)
    top: float = Field(0, ge=0, le=_LONGEST_POINTS)
    right: float = Field(0, ge=0, le=_LONGEST_POINTS)
    bottom: float = Field(0, ge=0, le=_LONGEST_POINTS)


class Box(Options):
    """A part of a page as it is seen, in points (1/72 inch) from its lower left corner."""

    left: float = Field(ge=-_LONGEST_POINTS, le=_LONGEST_POINTS)
    bottom: float = Field(ge=-_LONGEST_POINTS, le=_LONGEST_POINTS)
    right: float = Field(ge=-_LONGEST_POINTS, le=_LONGEST_POINTS)
    top: float = Field(ge=-_LONGEST_POINTS, le=_LONGEST_POINTS)

    @model_validator(mode="after")
    def _has_an_inside(self) -> Self:
        if self.left >= self.right or self.bottom >= self.top:
            raise ValueError("a box has left < right and bottom < top")
        return self


class CropOptions(_PageChange):
    """What part of pages to show. Exactly one of box, margins and to_content."""

    box: Box | None = Field(None, description="Show this part of each page.")
    margins: Margins | None = Field(None, description="Cut so much off each side.")
    to_content: bool = Field(False, description="Cut off what is empty around the content.")
    padding_points: float = Field(9, ge=0, le=720, description="to_content: paper to leave around the content.")
    uniform: bool = Field(False, description="to_content: the same box for all pages, so that none loses content.")
    pages: PageRanges | None = Field(None, description=f"Pages to crop; all by default. {SYNTAX}")

    @model_validator(mode="after")
    def _knows_one_box(self) -> Self:
        if (self.box is not None) + (self.margins is not None) + self.to_content != 1:
            raise ValueError("give exactly one of box, margins and to_content")
        return self


class Paper(StrEnum):
    """Sizes of paper."""

    A3 = "a3"
    A4 = "a4"
    A5 = "a5"
    LETTER = "letter"
    LEGAL = "legal"
    TABLOID = "tabloid"


#: Width and height upright, in points (ISO 216; ANSI/ASME Y14.1).
PAPER_POINTS: dict[Paper, tuple[float, float]] = {
    Paper.A3: (841.89, 1190.551),
    Paper.A4: (595.276, 841.89),
    Paper.A5: (419.528, 595.276),
    Paper.LETTER: (612, 792),
    Paper.LEGAL: (612, 1008),
    Paper.TABLOID: (792, 1224),
}


class Orientation(StrEnum):
    """Which way paper lies."""

    AUTO = "auto"
    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"


class Size(Options):
    """Width and height in points (1/72 inch)."""

    width: float = Field(ge=3, le=_LONGEST_POINTS)
    height: float = Field(ge=3, le=_LONGEST_POINTS)


class ResizeOptions(_PageChange):
    """The new size of pages. Exactly one of paper, size and scale_percent."""

    paper: Paper | None = Field(None, description="Fit each page on this paper.")
    size: Size | None = Field(None, description="Fit each page on paper of this size.")
    scale_percent: float | None = Field(None, ge=1, le=2000, description="Scale each page with its paper.")
    orientation: Orientation = Field(Orientation.AUTO, description="paper: which way it lies; auto: as the page does.")
    never_enlarge: bool = Field(False, description="Content that is smaller than the paper keeps its size.")
    pages: PageRanges | None = Field(None, description=f"Pages to resize; all by default. {SYNTAX}")

    @model_validator(mode="after")
    def _knows_one_size(self) -> Self:
        if (self.paper is not None) + (self.size is not None) + (self.scale_percent is not None) != 1:
            raise ValueError("give exactly one of paper, size and scale_percent")
        return self


class PlaceOrder(StrEnum):
    """How pages follow each other on a sheet."""

    ROWS = "rows"
    COLUMNS = "columns"


class NUpOptions(_PageChange):
    """How several pages share a sheet."""

    pages_per_sheet: Literal[2, 4, 6, 8, 9, 16] = Field(2, description="Pages on each sheet.")
    paper: Paper = Field(Paper.A4, description="The sheets.")
    orientation: Orientation = Field(
        Orientation.AUTO, description="Which way sheets lie; auto: so that pages come out largest."
    )
    order: PlaceOrder = Field(PlaceOrder.ROWS, description="rows: to the right, then down. columns: down, then right.")
    margin_points: float = Field(18, ge=0, le=200, description="Empty edge of the sheet.")
    gap_points: float = Field(9, ge=0, le=200, description="Space between pages.")
    frames: bool = Field(False, description="Draw a thin line around each page.")
    booklet: bool = Field(
        False,
        description="Two pages a sheet in the order of a booklet: print on both sides, flip on the short edge, fold.",
    )
    pages: PageRanges | None = Field(None, description=f"Pages to place; all by default. {SYNTAX}")

    @model_validator(mode="after")
    def _booklets_have_two(self) -> Self:
        if self.booklet and self.pages_per_sheet != 2:
            raise ValueError("booklet: a sheet of a booklet has 2 pages")
        return self


class RemoveBlankOptions(_PageChange):
    """What counts as blank."""

    max_ink_percent: float = Field(
        0.01,
        ge=0,
        le=5,
        description="A page is blank when no more of its area than this is darker or lighter than its paper.",
    )
    margin_percent: float = Field(
        5, ge=0, le=25, description="So much of each side is not looked at: scanners leave shadows and holes there."
    )
    pages: PageRanges | None = Field(None, description=f"Pages that may be removed; all by default. {SYNTAX}")


ROTATE = SERVICE.operation("rotate", "Turn pages.", options=RotateOptions, accepts=(PDF,), produces=(PDF,))
REORDER_PAGES = SERVICE.operation(
    "reorder-pages",
    "Put pages into another order; repeat some or leave some out.",
    options=ReorderOptions,
    accepts=(PDF,),
    produces=(PDF,),
    self_test_options={"pages": "1,1"},
)
DELETE_PAGES = SERVICE.operation(
    "delete-pages",
    "Delete pages, with the links and outline entries that led to them.",
    options=DeleteOptions,
    accepts=(PDF,),
    produces=(PDF,),
    self_test_options={"pages": "2"},
)
CROP = SERVICE.operation(
    "crop",
    "Show only a part of pages. What is cut off is hidden, not removed.",
    options=CropOptions,
    accepts=(PDF,),
    produces=(PDF,),
    self_test_options={"to_content": True},
)
RESIZE = SERVICE.operation(
    "resize",
    "Bring pages to another size, with their content, links and fields.",
    options=ResizeOptions,
    accepts=(PDF,),
    produces=(PDF,),
    self_test_options={"paper": "a5"},
)
N_UP = SERVICE.operation(
    "n-up", "Put several pages on each sheet.", options=NUpOptions, accepts=(PDF,), produces=(PDF,)
)
REMOVE_BLANK_PAGES = SERVICE.operation(
    "remove-blank-pages",
    "Remove pages on which nothing can be seen.",
    options=RemoveBlankOptions,
    accepts=(PDF,),
    produces=(PDF,),
)

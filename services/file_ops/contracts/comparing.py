"""Contracts. What differs between two documents."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from services.file_ops.service import SERVICE
from shared.media_types import PDF
from shared.operation import Options


class ComparisonView(StrEnum):
    """The document that shows the differences."""

    SIDE_BY_SIDE = "side_by_side"
    MARKED = "marked"


class CompareOptions(Options):
    """What counts as a difference, and how it is shown. The first file is the earlier one."""

    view: ComparisonView = Field(
        ComparisonView.SIDE_BY_SIDE,
        description="side_by_side: both versions of each page on one sheet. marked: the second document with "
        "coloured boxes over what is new or different.",
    )
    text: bool = Field(True, description="Compare the words.")
    visual: bool = Field(True, description="Compare how pages look.")
    dpi: int = Field(96, ge=36, le=200, description="Resolution at which pages are looked at.")
    tolerance_levels: int = Field(
        40, ge=0, le=254, description="Differences of brightness up to this, of 255, are none; also smoothed edges."
    )
    ignore_case: bool = Field(False, description="Capital and small letters are the same.")

    @model_validator(mode="after")
    def _compares(self) -> CompareOptions:
        if not (self.text or self.visual):
            raise ValueError("Nothing to compare: set text or visual to true.")
        return self


COMPARE = SERVICE.operation(
    "compare",
    "Show what differs between two PDFs, in words and in looks.",
    options=CompareOptions,
    accepts=(PDF,),
    produces=(PDF,),
    inputs="many",
    soft_time_limit_s=600,
    hard_time_limit_s=900,
)

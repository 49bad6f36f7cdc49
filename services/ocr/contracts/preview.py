"""The contract of `ocr-preview`: what an engine sees on one page, at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from services.ocr.contracts.languages import AUTO, SYNTAX, Languages
from services.ocr.contracts.ocr import READABLE, Engine
from services.ocr.service import SERVICE
from shared.media_types import JSON, PNG
from shared.operation import Options


def _not_zero(page: int) -> int:
    if page == 0:
        raise ValueError("pages count from 1; -1 is the last one")
    return page


class OcrPreviewOptions(Options):
    """Which page to read, and how."""

    page: Annotated[int, Field(ge=-20_000, le=20_000), AfterValidator(_not_zero)] = Field(
        1, description="The page to read, counted from 1; -1 is the last one."
    )
    languages: Languages = Field(AUTO, description=f"Languages of the page. {SYNTAX}")
    engine: Engine = Field(Engine.AUTO, description="Who reads; auto: the first engine that knows all the languages.")
    long_edge_pixels: int = Field(1400, ge=200, le=4000, description="Length of the picture's longer side.")


OCR_PREVIEW = SERVICE.operation(
    "ocr-preview",
    "Read one page at once: its words as JSON, and a picture with their boxes.",
    options=OcrPreviewOptions,
    accepts=READABLE,
    produces=(JSON, PNG),
    quick=True,
    soft_time_limit_s=60,
    hard_time_limit_s=90,
)

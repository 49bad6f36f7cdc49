"""What every extraction takes: who reads, which pages, and what is written beside the figures."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from services.ai.service import SERVICE
from shared.media_types import BMP, CSV, JPEG, JSON, PDF, PNG, TIFF, WEBP, XLSX
from shared.operation import Operation, Options, Step
from shared.pdf.page_ranges import SYNTAX as PAGE_SYNTAX
from shared.pdf.page_ranges import PageRanges

#: What can be read: pictures become searchable PDFs in a step before.
READABLE = (PDF, PNG, JPEG, TIFF, WEBP, BMP)
#: What every extraction can write.
WRITTEN = (JSON, CSV, XLSX, PDF, PNG)
#: A model may think for minutes over each part of a long document.
SOFT_TIME_LIMIT_S, HARD_TIME_LIMIT_S = 1800, 1900


class Engine(StrEnum):
    """Who reads."""

    AUTO = "auto"
    RULES = "rules"
    MODEL = "model"


class DateOrder(StrEnum):
    """How 03/04/2026 is meant."""

    AUTO = "auto"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class Format(StrEnum):
    """A file with the figures that is written beside the result."""

    JSON = "json"
    #: The bare values, without places and checks.
    JSON_COMPACT = "json-compact"
    CSV = "csv"
    XLSX = "xlsx"
    #: The document with a box around each value; pictures of its pages.
    MARKED_PDF = "marked-pdf"
    MARKED_PNG = "marked-png"


class ReadingOptions(Options):
    """How a document is read, whatever is wanted of it."""

    engine: Engine = Field(
        Engine.AUTO,
        description="rules: layout and arithmetic, no network. model: the language model that the operator configured. "
        "auto: rules first; the model where they find nothing or a check fails, if one is configured.",
    )
    model: str | None = Field(
        None, max_length=200, description="Name of the model at the configured server, instead of the operator's."
    )
    max_tokens: int | None = Field(
        None,
        ge=1000,
        description="Tokens that the model may cost for this job; at most the operator's limit, which is the default.",
    )
    pages: PageRanges | None = Field(None, description=f"Pages to read; all by default. {PAGE_SYNTAX}")
    language: str | None = Field(
        None, pattern=r"^[a-zA-Z]{2,3}(-[a-zA-Z]{2})?$", description="Language of the document, as de or en-US."
    )
    skip_ocr: bool = Field(False, description="The document has text: leave out the step that reads scanned pages.")


class ExtractionOptions(ReadingOptions):
    """How a document of a known type is read, and what is written."""

    date_order: DateOrder = Field(
        DateOrder.AUTO, description="How 03/04/2026 is meant where nothing in the document tells; auto leaves it out."
    )
    currency: str | None = Field(
        None, pattern=r"^[A-Z]{3}$", description="ISO 4217 code to assume where the document shows none."
    )
    formats: tuple[Format, ...] = Field((Format.JSON,), description="Files to write beside the result.")


def may_ask_a_model(options: ReadingOptions) -> bool:
    """Whether the model may have a say."""
    return options.engine is not Engine.RULES


def _ocr_options(options: ReadingOptions) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "pages": options.pages,
        # What is read is a copy: the signature of the original stays as it is.
        "break_signature": True,
    }
    if options.language:
        chosen["languages"] = options.language.partition("-")[0].lower()
    return chosen


#: Pages that may be scans are read first; pages with text pass through.
TEXT_FIRST = Step("ocr", when="unless `skip_ocr`", applies=lambda options: not options.skip_ocr, options=_ocr_options)


def reading(name: str, summary: str, **declared: Any) -> Operation:
    """Declare an operation that reads a document; what all of these have in common is said here."""
    common: dict[str, Any] = {
        "accepts": READABLE,
        "preceded_by": (TEXT_FIRST,),
        "soft_time_limit_s": SOFT_TIME_LIMIT_S,
        "hard_time_limit_s": HARD_TIME_LIMIT_S,
        "network": True,
        "network_if": may_ask_a_model,
    }
    return SERVICE.operation(name, summary, **{**common, **declared})

"""The contract of `extract-invoice`."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from services.ai.contracts.extraction import (
    HARD_TIME_LIMIT_S,
    READABLE,
    SOFT_TIME_LIMIT_S,
    TEXT_FIRST,
    WRITTEN,
    ExtractionOptions,
    may_ask_a_model,
)
from services.ai.contracts.extraction import Format as PlainFormat
from services.ai.service import SERVICE
from shared.media_types import XML


class InvoiceFormat(StrEnum):
    """A file with the figures that is written beside the result."""

    JSON = PlainFormat.JSON.value
    JSON_COMPACT = PlainFormat.JSON_COMPACT.value
    CSV = PlainFormat.CSV.value
    XLSX = PlainFormat.XLSX.value
    MARKED_PDF = PlainFormat.MARKED_PDF.value
    MARKED_PNG = PlainFormat.MARKED_PNG.value
    #: For programs that take electronic invoices.
    UBL = "ubl"


class InvoiceOptions(ExtractionOptions):
    """How invoices are read."""

    formats: tuple[InvoiceFormat, ...] = Field(  # type: ignore[assignment]
        (InvoiceFormat.JSON,), description="Files to write beside the result."
    )


EXTRACT_INVOICE = SERVICE.operation(
    "extract-invoice",
    "Read invoices and credit notes: parties, lines, taxes and totals, checked, with the place of each value.",
    options=InvoiceOptions,
    accepts=(*READABLE, XML),
    produces=(*WRITTEN, XML),
    preceded_by=(TEXT_FIRST,),
    soft_time_limit_s=SOFT_TIME_LIMIT_S,
    hard_time_limit_s=HARD_TIME_LIMIT_S,
    network=True,
    network_if=may_ask_a_model,
)

"""The contract of `extract-invoice`."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from services.ai.contracts.extraction import READABLE, WRITTEN, ExtractionOptions, reading
from services.ai.contracts.extraction import Format as PlainFormat
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


EXTRACT_INVOICE = reading(
    "extract-invoice",
    "Read invoices and credit notes: parties, lines, taxes and totals, checked, with the place of each value.",
    options=InvoiceOptions,
    accepts=(*READABLE, XML),
    produces=(*WRITTEN, XML),
)

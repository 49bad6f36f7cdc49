"""The contract of `extract-bank-statement`."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from services.ai.contracts.extraction import WRITTEN, ExtractionOptions, reading
from services.ai.contracts.extraction import Format as PlainFormat
from shared.media_types import XML


class StatementFormat(StrEnum):
    """A file with the figures that is written beside the result."""

    JSON = PlainFormat.JSON.value
    JSON_COMPACT = PlainFormat.JSON_COMPACT.value
    CSV = PlainFormat.CSV.value
    XLSX = PlainFormat.XLSX.value
    MARKED_PDF = PlainFormat.MARKED_PDF.value
    MARKED_PNG = PlainFormat.MARKED_PNG.value
    #: What accounting programs and banks take.
    OFX = "ofx"
    CAMT_053 = "camt-053"


class BankStatementOptions(ExtractionOptions):
    """How bank statements are read."""

    formats: tuple[StatementFormat, ...] = Field(  # type: ignore[assignment]
        (StatementFormat.JSON,), description="Files to write beside the result."
    )


EXTRACT_BANK_STATEMENT = reading(
    "extract-bank-statement",
    "Read bank statements: account, balances and every movement, checked, with the place of each value.",
    options=BankStatementOptions,
    produces=(*WRITTEN, XML),
)

"""Contracts of the operations that answer with what stands in a document: its text, its tables."""

from __future__ import annotations

from pydantic import Field

from services.conversion.contracts.convert import TextOrder
from services.conversion.service import SERVICE
from shared.media_types import JSON, PDF
from shared.operation import Options
from shared.pdf.page_ranges import SYNTAX, PageRanges


class ExtractTextOptions(Options):
    """Which pages to read, and in which order their words come."""

    pages: PageRanges | None = Field(None, description=f"Pages to read; all by default. {SYNTAX}")
    text_order: TextOrder = Field(
        TextOrder.READING,
        description="reading: columns and tables as a person reads them. layout: as it stands on the page, with "
        "spaces. stream: as the file has it, the fastest.",
    )


class ExtractTablesOptions(Options):
    """Where to look for tables."""

    pages: PageRanges | None = Field(None, description=f"Pages to look at; all by default. {SYNTAX}")
    ruled_only: bool = Field(False, description="Only tables whose cells are drawn, none told by white space alone.")


EXTRACT_TEXT = SERVICE.operation(
    "extract-text",
    "Read the text of a PDF, page by page.",
    options=ExtractTextOptions,
    accepts=(PDF,),
    produces=(JSON,),
)

EXTRACT_TABLES = SERVICE.operation(
    "extract-tables",
    "Find the tables of a PDF and read their cells.",
    options=ExtractTablesOptions,
    accepts=(PDF,),
    produces=(JSON,),
)

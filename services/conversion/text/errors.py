"""What can keep text or tables from being taken out of a document."""

from __future__ import annotations

from shared.errors import FileProcessingError


class NoText(FileProcessingError):
    """The chosen pages have no text: they are pictures, as scanners make them, or empty."""

    code = "no_text"
    remedy = "Run the operation 'ocr' on the document first, and convert its result."


class NoTables(FileProcessingError):
    """No table was found on the chosen pages."""

    code = "no_tables"
    remedy = "Choose other pages, or convert to txt with text_order=layout, which keeps the places of words."

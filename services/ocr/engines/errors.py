"""What keeps every engine from reading a document."""

from __future__ import annotations

from shared.errors import BinderyError, FileProcessingError


class EngineUnavailable(BinderyError):
    """The OCR engine that was asked for cannot run on this server."""

    code = "ocr_engine_unavailable"
    status = 422
    title = "The OCR engine is not available"
    remedy = "Leave 'engine' at auto, or ask the operator to install it."


class LanguageNotCovered(FileProcessingError):
    """No OCR engine of this server reads all the languages that were asked for."""

    code = "ocr_language_not_covered"
    remedy = "Ask the operator to install the language; the message names it."

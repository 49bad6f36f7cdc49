"""What makes a kind of document: its shape, who reads it, and what is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.electronic.reading import ElectronicInvoice
from services.ai.figures.checks import Check
from services.ai.reading.document import Document
from shared.operation import InputFile

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Kind(Generic[M]):
    """One kind of document."""

    #: As `document_type` in the result: `bank_statement`.
    name: str
    shape: type[M]
    #: The documents that the layout of the pages gives; empty when there is none of this kind.
    read: Callable[[Document, ExtractionOptions], list[M]]
    #: Makes the checks and marks the values.
    check: Callable[[M], list[Check]]
    #: Codes of checks without which nothing is verified.
    needed: tuple[str, ...]
    #: The machine-readable document that a file is, or that it carries.
    electronic: Callable[[InputFile, str | None], ElectronicInvoice | None] | None = None
    #: Compares a machine-readable document with the pages that carry it.
    agreement: Callable[[M, Document, ExtractionOptions], list[Check]] | None = None

    @property
    def words(self) -> str:
        """Its name for people."""
        return self.name.replace("_", " ")

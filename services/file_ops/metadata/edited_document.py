"""Open a PDF to change something in it, and write it back as it was otherwise: its protection, its signatures' fate."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from services.file_ops.metadata.damage import damage_is_told
from services.file_ops.metadata.destinations import ObjectId
from shared.pdf.open_document import open_document
from shared.pdf.signatures import settle_signatures


@dataclass(frozen=True)
class EditedDocument:
    """A document while it is changed."""

    pdf: pikepdf.Pdf
    #: Its pages in order.
    pages: list[Any]
    signatures_removed: int

    @property
    def page_ids(self) -> dict[ObjectId, int]:
        """The number, from 0, of each page by its object."""
        return {page.objgen: number for number, page in enumerate(self.pages)}


@contextmanager
def edited(source: Path, target: Path, password: str | None, *, break_signature: bool) -> Iterator[EditedDocument]:
    """Give the document to be changed, then write it to `target` under its own passwords and permissions.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf:
        signatures = settle_signatures(pdf, break_them=break_signature)
        with damage_is_told():
            yield EditedDocument(pdf, [page.obj for page in pdf.pages], signatures)
            with warnings.catch_warnings():
                # Widgets outside of a form were so in the source.
                warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
                pdf.save(target, encryption=pdf.is_encrypted, fix_metadata_version=False)

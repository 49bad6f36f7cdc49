"""Write a document that was put together, protected where its sources were."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

import pikepdf
from pikepdf import ObjectStreamMode

from shared.errors import DamagedFile


def write_document(pdf: pikepdf.Pdf, target: Path, *, version: str, password: str | None = None) -> int:
    """Write the document, see `document_bytes`, and return its bytes."""
    data = document_bytes(pdf, version=version, password=password)
    target.write_bytes(data)
    return len(data)


def document_bytes(pdf: pikepdf.Pdf, *, version: str, password: str | None = None, packed: bool = True) -> memoryview:
    """The document as bytes, of PDF `version` at least. With a password it needs that to open (AES-256).

    `packed` documents are smaller and need PDF 1.5.

    Raises:
        DamagedFile: the sources' objects cannot be written.
    """
    encryption = pikepdf.Encryption(owner=password, user=password, R=6) if password else False
    written = BytesIO()
    try:
        with warnings.catch_warnings():
            # Widgets outside of a form were so in the source.
            warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
            pdf.save(
                written,
                min_version=version,
                object_stream_mode=ObjectStreamMode.generate if packed else ObjectStreamMode.disable,
                encryption=encryption,
                fix_metadata_version=False,
            )
    except (pikepdf.PdfError, RuntimeError, ValueError) as error:
        raise DamagedFile() from error
    return written.getbuffer()

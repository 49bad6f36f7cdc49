"""Write a document that was put together, protected where its sources were."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

import pikepdf

from shared.errors import DamagedFile


def write_document(pdf: pikepdf.Pdf, target: Path, *, password: str | None = None) -> int:
    """Write the document and return its bytes. With a password it needs that to open (AES-256).

    Raises:
        DamagedFile: the sources' objects cannot be written.
    """
    data = document_bytes(pdf, password=password)
    target.write_bytes(data)
    return len(data)


def document_bytes(pdf: pikepdf.Pdf, *, password: str | None = None) -> memoryview:
    """The document as bytes, see `write_document`."""
    encryption = pikepdf.Encryption(owner=password, user=password, R=6) if password else None
    written = BytesIO()
    try:
        with warnings.catch_warnings():
            # Widgets outside of a form were so in the source.
            warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
            pdf.save(
                written,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                fix_metadata_version=False,
                encryption=encryption or False,
            )
    except (pikepdf.PdfError, RuntimeError, ValueError) as error:
        raise DamagedFile() from error
    return written.getbuffer()

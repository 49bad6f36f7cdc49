"""Write a changed document: encryption and its version stay, and what was written is opened again."""

from __future__ import annotations

import warnings
from pathlib import Path

import pikepdf

from shared.errors import DamagedFile
from shared.pdf.open_document import open_written


def write_document(pdf: pikepdf.Pdf, target: Path, password: str | None) -> None:
    """Save with the source's own encryption and check that all pages are there.

    Raises:
        DamagedFile: what was written does not open; only files whose own structure is broken end so.
    """
    failure: Exception | None = None
    # Object streams over a repaired cross-reference table can hide the catalogue; plain objects never do.
    for objects in (pikepdf.ObjectStreamMode.preserve, pikepdf.ObjectStreamMode.disable):
        try:
            with warnings.catch_warnings():
                # Widgets outside of /AcroForm were so in the source; saving does not part them.
                warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
                # Transparency came with PDF 1.4.
                pdf.save(target, object_stream_mode=objects, encryption=pdf.is_encrypted, min_version="1.4")
            with open_written(target, password) as written:
                if len(written.pages) == len(pdf.pages):
                    return
        except (pikepdf.PdfError, RuntimeError) as error:
            failure = error
    raise DamagedFile() from failure

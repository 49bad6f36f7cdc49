"""Write a changed document: encryption and its version stay, and what was written is opened again."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pikepdf

from shared.errors import DamagedFile
from shared.pdf.open_document import open_written


def write_document(pdf: pikepdf.Pdf, target: Path, password: str | None) -> None:
    """Save with the source's own encryption and check that all pages are there.

    Raises:
        DamagedFile: what was written does not open; only files whose own structure is broken end so.
    """
    failure: Exception | None = None
    as_before, plain = pikepdf.ObjectStreamMode.preserve, pikepdf.ObjectStreamMode.disable
    # Metadata that cannot be read must stay as they are. Object streams over a repaired cross-reference table can
    # hide the catalogue; plain objects never do.
    for objects, update_metadata in ((as_before, True), (as_before, False), (plain, False)):
        try:
            with warnings.catch_warnings():
                # Widgets outside of /AcroForm were so in the source; saving does not part them.
                warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
                # Transparency came with PDF 1.4.
                how: dict[str, Any] = {"encryption": pdf.is_encrypted, "fix_metadata_version": update_metadata}
                pdf.save(target, object_stream_mode=objects, min_version="1.4", **how)
            with open_written(target, password) as written:
                if len(written.pages) == len(pdf.pages):
                    return
        except (pikepdf.PikepdfError, RuntimeError) as error:
            failure = error
    raise DamagedFile() from failure

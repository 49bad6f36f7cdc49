"""Write a PDF and read it back: what a caller gets has been opened once, with all of its pages."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pikepdf

from shared.errors import DamagedFile
from shared.pdf.open_document import open_written


def save_checked(pdf: pikepdf.Pdf, target: Path, *, password: str | None = None, **how: Any) -> None:
    """Write the document anew, without old revisions and unreferenced objects, and open what was written.

    `password` opens what was written; `how` goes to pikepdf's `save`. Without `encryption` there the source's own
    encryption stays as it is.

    Raises:
        DamagedFile: what was written does not open; only files whose own structure is broken end so.
    """
    how.setdefault("encryption", pdf.is_encrypted)
    if "/Size" not in pdf.trailer:
        # libqpdf renews the number of objects, but does not add it to a trailer that it had to make up.
        pdf.trailer.Size = len(pdf.objects) + 1
    # Object streams over a repaired cross-reference table can hide the catalogue; plain objects never do.
    preferred = how.pop("object_stream_mode", pikepdf.ObjectStreamMode.generate)
    last = pikepdf.ObjectStreamMode.disable
    for objects in (preferred, last):
        try:
            with warnings.catch_warnings():
                # Widgets outside of /AcroForm were so in the source; saving does not part them.
                warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
                pdf.save(target, object_stream_mode=objects, **how)
            with open_written(target, password) as written:
                if len(written.pages) == len(pdf.pages) and (objects == last or not written.get_warnings()):
                    return
            failure: Exception = pikepdf.PdfError("pages were lost")
        except (pikepdf.PdfError, RuntimeError, ValueError) as error:
            failure = error
    raise DamagedFile() from failure

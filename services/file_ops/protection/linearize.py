"""Order a PDF for the web: what page 1 needs stands first."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pikepdf

from services.file_ops.contracts.protection import LinearizeOptions
from services.file_ops.protection.saving import save_checked
from shared.operation import Result
from shared.pdf.open_document import open_document, open_written
from shared.pdf.signatures import settle_signatures


def linearize_pdf(source: Path, target: Path, options: LinearizeOptions, *, password: str | None = None) -> Result:
    """Write `source` linearized (ISO 32000-2, annex F), encryption kept; one that is so already is returned as it is.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf:
        facts = {"pages": len(pdf.pages), "bytes_before": source.stat().st_size}
        if _is_linear(pdf):
            shutil.copyfile(source, target)
            reason = "the file was linearized already"
            return {**facts, "bytes_after": facts["bytes_before"], "unchanged": True, "reason": reason}
        broken = settle_signatures(pdf, break_them=options.break_signature)
        exact = _save_linear(pdf, target, password)
    return {
        **facts,
        "bytes_after": target.stat().st_size,
        "unchanged": False,
        "hint_tables_exact": exact,
        "signatures_removed": broken,
    }


def _save_linear(pdf: pikepdf.Pdf, target: Path, password: str | None) -> bool:
    """Write linearized; whether the hint tables are right.

    libqpdf 12 writes wrong hint tables for some files, and for which depends on where objects are packed. Readers
    that find them wrong read on without them, so that such a file is still better than none.
    """
    modes = pikepdf.ObjectStreamMode
    for objects in (modes.preserve, modes.generate, modes.disable):
        save_checked(pdf, target, password=password, linearize=True, object_stream_mode=objects)
        with open_written(target, password) as written:
            if _is_linear(written):
                return True
    return False


def _is_linear(pdf: pikepdf.Pdf) -> bool:
    """Whether the hint tables are right too: an update appended to a linearized file leaves them stale."""
    try:
        return bool(pdf.is_linearized and pdf.check_linearization(io.StringIO()))
    except (pikepdf.PdfError, RuntimeError):
        return False

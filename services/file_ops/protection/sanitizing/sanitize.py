"""Sanitize a PDF: count what is there, take it out, write, and count again over what was written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from services.file_ops.contracts.protection import SanitizeOptions
from services.file_ops.protection.sanitizing.layers import remove_hidden
from services.file_ops.protection.sanitizing.removal import remove
from services.file_ops.protection.sanitizing.scan import scan
from services.file_ops.protection.saving import save_checked
from shared.errors import BinderyError
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document, open_written
from shared.pdf.signatures import settle_signatures

#: Deleting one thing can make another reachable in another way; more passes than this never helped.
_PASSES = 3


class NotSanitized(BinderyError):
    """Something that was to be removed is still in the document, so that nothing is handed out."""

    code = "not_sanitized"
    status = 422
    title = "Not sanitized"
    remedy = "Repair the document first (operation 'repair'), or report the job's id to the operator."


def sanitize_pdf(
    source: Path, target: Path, options: SanitizeOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write `source` without what the options name. Pages look as before, but for players and comments that went.

    The encryption stays. Objects that nothing refers to and earlier revisions are never written.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
        UnreadableContent: a page with hidden layers cannot be read.
        NotSanitized: the second scan found something; nothing was handed out.
    """
    with open_document(source, password) as pdf:
        broken = settle_signatures(pdf, break_them=options.break_signature)
        report(0, 3, "Looking")
        found = scan(pdf, options)
        removed = remove_hidden(pdf, report) if options.hidden_layers else Counter[str]()
        for _ in range(_PASSES):
            more = remove(pdf, options)
            if not +more:
                break
            removed.update(more)
        if options.metadata and not pdf.is_encrypted and "/ID" in pdf.trailer:
            # The first half of the identity is the same in all versions of a document.
            del pdf.trailer["/ID"]
        report(1, 3, "Writing")
        pages = len(pdf.pages)
        save_checked(pdf, target, password=password)
    report(2, 3, "Looking again")
    with open_written(target, password) as written:
        left = scan(written, options)
    if left:
        target.unlink()
        raise NotSanitized(f"{NotSanitized.__doc__} ({', '.join(f'{kind}: {n}' for kind, n in left.items())})")
    return {
        "pages": pages,
        "found": dict(found),
        "removed": dict(+removed),
        "left": 0,
        "kept_by_choice": sorted(name for name, on in options.model_dump().items() if not on and name in _CHOICES),
        "signatures_removed": broken,
    }


_CHOICES = frozenset(SanitizeOptions.model_fields) - {"break_signature"}

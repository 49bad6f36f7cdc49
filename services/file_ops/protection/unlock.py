"""Take the encryption off a PDF that its password opens, and say what it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pikepdf

from services.file_ops.contracts.protection import UnlockOptions
from services.file_ops.protection.permissions import described
from services.file_ops.protection.saving import save_checked
from shared.operation import Result
from shared.pdf.open_document import open_document
from shared.pdf.signatures import settle_signatures


def unlock_pdf(source: Path, target: Path, options: UnlockOptions, *, password: str | None = None) -> Result:
    """Write `source` without passwords and restrictions; a file that has none is returned as it is.

    The user's password and the owner's both unlock: `opened_as` in the result says which it was. A file that opens
    without a password and only restricts what may be done with it needs none here either.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf:
        had = described(pdf)
        pages = len(pdf.pages)
        if had is None:
            shutil.copyfile(source, target)
            reason = "the file was not encrypted"
            if password:
                reason += "; the password was not needed"
            return {"pages": pages, "was_encrypted": False, "unchanged": True, "reason": reason}
        broken = settle_signatures(pdf, break_them=options.break_signature)
        needless = bool(password) and _opens_without(source)
        save_checked(pdf, target, encryption=False)
    return {
        "pages": pages,
        "was_encrypted": True,
        "unchanged": False,
        "had": had,
        "password_was_needed": bool(password) and not needless,
        "signatures_removed": broken,
    }


def _opens_without(source: Path) -> bool:
    try:
        pikepdf.open(source).close()
    except pikepdf.PasswordError:
        return False
    return True

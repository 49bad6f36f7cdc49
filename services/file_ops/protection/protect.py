"""Encrypt a PDF with AES-256 and say how it is protected then, read from the written file."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal

import pikepdf

from services.file_ops.contracts.protection import ProtectOptions
from services.file_ops.protection.permissions import described, permissions
from services.file_ops.protection.saving import save_checked
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document, open_written
from shared.pdf.signatures import settle_signatures

_REVISION_AES_256: Literal[6] = 6


def protect_pdf(
    source: Path, target: Path, options: ProtectOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write `source` to `target`, encrypted with AES-256 (revision 6). An earlier protection is replaced.

    Permissions bind only programs that respect them; the passwords bind everybody.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    user = options.user_password.get_secret_value() if options.user_password else ""
    # An empty owner password would open the file for everybody, with all rights.
    owner = options.owner_password.get_secret_value() if options.owner_password else secrets.token_urlsafe(32)
    allowed = {
        name.removeprefix("allow_"): bool(getattr(options, name))
        for name in ProtectOptions.model_fields
        if name.startswith("allow_")
    }
    lock = pikepdf.Encryption(
        owner=owner,
        user=user,
        R=_REVISION_AES_256,
        allow=permissions(allowed),
        aes=True,
        metadata=options.encrypt_metadata,
    )
    with open_document(source, password) as pdf:
        broken = settle_signatures(pdf, break_them=options.break_signature)
        replaced = described(pdf)
        report(0, 1, "Encrypting")
        save_checked(pdf, target, password=user, encryption=lock)
    with open_written(target, user) as written:
        now = described(written)
        pages = len(written.pages)
    assert now is not None, "what was saved with a lock is locked"
    return {
        "pages": pages,
        "cipher": now["cipher"],
        "permissions": now["permissions"],
        "password_to_open": bool(user),
        "owner_password": "yours" if options.owner_password else "random: nobody can lift the restrictions",
        "metadata_encrypted": options.encrypt_metadata,
        "replaced_protection": replaced,
        "signatures_removed": broken,
    }

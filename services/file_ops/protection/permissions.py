"""What a PDF's encryption is and allows, as JSON values."""

from __future__ import annotations

from typing import Any

import pikepdf

#: pikepdf's names of the permission bits (ISO 32000-2, table 22) by the names that callers use.
_BITS = {
    "print": "print_lowres",
    "high_quality_print": "print_highres",
    "copy": "extract",
    "change": "modify_other",
    "annotate": "modify_annotation",
    "fill": "modify_form",
    "assemble": "modify_assembly",
    "accessibility": "accessibility",
}
_CIPHERS = {"aesv3": "AES-256", "aes": "AES-128", "rc4": "RC4"}
_FIRST_VERSION_WITH_CHOICE = 4


def permissions(allowed: dict[str, bool]) -> pikepdf.Permissions:
    """The permission bits for `allowed`, by the names of `described`."""
    return pikepdf.Permissions(**{_BITS[name]: allows for name, allows in allowed.items()})


def described(pdf: pikepdf.Pdf) -> dict[str, Any] | None:
    """The cipher, its key length in bits, the permissions, and as whom the file was opened; None: not encrypted."""
    if not pdf.is_encrypted:
        return None
    lock = pdf.encryption
    cipher = str(lock.stream_method).rpartition(".")[2]
    return {
        # Before version 4 there was no choice, and so no name, of the cipher.
        "cipher": "RC4" if lock.V < _FIRST_VERSION_WITH_CHOICE else _CIPHERS.get(cipher, cipher),
        "key_bits": lock.bits,
        "revision": lock.R,
        "opened_as": "owner" if pdf.owner_password_matched else "user",
        "permissions": {name: bool(getattr(pdf.allow, bit)) for name, bit in _BITS.items()},
    }

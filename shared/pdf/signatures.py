"""Find a PDF's digital signatures, and take them off where the caller accepts that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from shared.errors import SignedPdf

_SIGNATURE_FIELDS_DEEP = 32


def is_signed(pdf: pikepdf.Pdf) -> bool:
    """Whether any change would break a signature or a certification."""
    return next(_signed_fields(pdf), None) is not None or _is_certified(pdf)


def _is_certified(pdf: pikepdf.Pdf) -> bool:
    permissions: Any = pdf.Root.get("/Perms")
    return isinstance(permissions, Dictionary) and "/DocMDP" in permissions


def settle_signatures(pdf: pikepdf.Pdf, *, break_them: bool) -> int:
    """Refuse a digitally signed document, or take its signatures off; return how many there were.

    A signed field keeps its widget and its look, and loses the value that would no longer verify.

    Raises:
        SignedPdf: it is signed and `break_them` is false.
    """
    signed = list(_signed_fields(pdf))
    certified = _is_certified(pdf)
    if not signed and not certified:
        return 0
    if not break_them:
        raise SignedPdf()
    for field in signed:
        del field["/V"]
    if certified:
        del pdf.Root.Perms["/DocMDP"]
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/SigFlags" in form:
        del form["/SigFlags"]
    return max(len(signed), 1)


def _signed_fields(pdf: pikepdf.Pdf) -> Iterator[Any]:
    form = pdf.Root.get("/AcroForm")
    waiting: list[tuple[Any, Any, int]] = [(field, None, 0) for field in _entries(form, "/Fields")]
    seen: set[tuple[int, int]] = set()
    while waiting:
        field, kind, depth = waiting.pop()
        if not isinstance(field, Dictionary) or depth > _SIGNATURE_FIELDS_DEEP:
            continue
        if field.is_indirect:
            if field.objgen in seen:
                continue
            seen.add(field.objgen)
        kind = field.get("/FT", kind)
        value = field.get("/V")
        if kind == Name.Sig and isinstance(value, Dictionary) and "/ByteRange" in value:
            yield field
        waiting.extend((kid, kind, depth + 1) for kid in _entries(field, "/Kids"))


def _entries(owner: Any, key: str) -> list[Any]:
    entries = owner.get(key) if isinstance(owner, Dictionary) else None
    return list(entries) if isinstance(entries, Array) else []

"""PDF/A-1 knows no transparency: marks of it that change nothing go; which pages really need it is told."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream

from services.conversion.to_pdf.pdfa_rules.usage import Usage, is_transparent_state


def remove_idle_transparency(pdf: pikepdf.Pdf) -> None:
    """Take out soft masks that hide nothing, and blend modes and alphas that say what holds anyway."""
    for thing in pdf.objects:
        mask = thing.get("/SMask") if isinstance(thing, Dictionary | Stream) else None
        if mask == Name("/None") or (isinstance(thing, Stream) and isinstance(mask, Stream) and _is_opaque(mask)):
            del thing["/SMask"]


def remove_groups(pdf: pikepdf.Pdf, keep_pages: set[int]) -> None:
    """Take out transparency groups: in what is opaque they change nothing."""
    kept = {pdf.pages[number].objgen for number in keep_pages}
    for page in pdf.pages:
        if page.objgen not in kept and "/Group" in page.obj:
            del page.obj["/Group"]
    for thing in pdf.objects:
        if isinstance(thing, Stream) and thing.get("/Subtype") == Name.Form and "/Group" in thing:
            del thing["/Group"]


def really_transparent(usage: Usage) -> bool:
    """Whether something of a page lets through what is below; a group alone does not."""
    if any(is_transparent_state(state) for state in usage.graphics_states):
        return True
    return any(isinstance(image.get("/SMask"), Stream) or image.get("/SMaskInData", 0) for image in usage.images)


def _is_opaque(mask: Any) -> bool:
    try:
        data = mask.read_bytes()
    except (pikepdf.PdfError, RuntimeError):
        return False
    return bool(data) and not data.strip(b"\xff") and "/Decode" not in mask

"""6.1.11 (part 1) and 6.8 (parts 2 and 3): files inside of the document."""

from __future__ import annotations

from typing import Any

from pikepdf import Dictionary, Name, Stream

from services.conversion.to_pdf.pdfa_rules.findings import Examined
from services.conversion.to_pdf.pdfa_rules.usage import array_of, read_bytes

_RELATIONS = {"/Source", "/Data", "/Alternative", "/Supplement", "/Unspecified"}


def check(examined: Examined) -> None:
    """Find what breaks the rules of embedded files."""
    specifications = [one for one in examined.dictionaries if isinstance(one.get("/EF"), Dictionary)]
    if examined.part == 1:
        if any("/EF" in one for one in examined.dictionaries):
            examined.found("6.1.11", "6.8", "The document has embedded files.")
        return
    linked = _associated(examined)
    for specification in specifications:
        if "/F" not in specification or "/UF" not in specification:
            examined.found("6.1.11", "6.8", "An embedded file has no name in F and UF.")
        if examined.part == 2:
            if not _claims_pdfa(specification):
                examined.found("6.1.11", "6.8", "An embedded file is no PDF/A document.")
            continue
        if str(specification.get("/AFRelationship")) not in _RELATIONS:
            examined.found("6.1.11", "6.8", "An embedded file does not tell its relationship.")
        if specification.objgen not in linked:
            examined.found("6.1.11", "6.8", "An embedded file is associated with no part of the document.")
        for one in specification.EF.values():
            if isinstance(one, Stream) and not isinstance(one.get("/Subtype"), Name):
                examined.found("6.1.11", "6.8", "An embedded file does not tell its media type.")


def _associated(examined: Examined) -> set[tuple[int, int]]:
    holders = [*examined.dictionaries, *examined.streams]
    return {one.objgen for holder in holders for one in array_of(holder.get("/AF")) if isinstance(one, Dictionary)}


def _claims_pdfa(specification: Any) -> bool:
    for one in specification.EF.values():
        if isinstance(one, Stream):
            data = read_bytes(one) or b""
            if not (data.startswith(b"%PDF-") and b"pdfaid" in data):
                return False
    return True

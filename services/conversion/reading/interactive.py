"""Forms, signatures, attachments and scripts of a PDF."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream

from services.conversion.reading.plain_values import MOST_ENTRIES, date, dictionary, entries, text
from shared.operation import Result

_FIELDS_DEEP = 32
_KINDS = {"Tx": "text", "Btn": "button", "Ch": "choice", "Sig": "signature"}


def form_of(pdf: pikepdf.Pdf) -> Result:
    """The kind of form (`none`, `acroform`, `xfa`, or `acroform and xfa`) and its fields by kind."""
    form = dictionary(pdf.Root, "/AcroForm")
    fields = list(_fields(form))
    kinds: dict[str, int] = {}
    for _, kind, _ in fields:
        kinds[kind] = kinds.get(kind, 0) + 1
    parts = [name for name, there in (("acroform", bool(fields)), ("xfa", "/XFA" in form)) if there]
    return {"kind": " and ".join(parts) or "none", "fields": len(fields), "fields_by_kind": kinds}


def signatures_of(pdf: pikepdf.Pdf, source: Path) -> list[Result]:
    """Each signature: who, when, of which format, and whether it covers the whole file. None is verified."""
    found = []
    for name, kind, field in _fields(dictionary(pdf.Root, "/AcroForm")):
        value = field.get("/V")
        if kind == "signature" and isinstance(value, Dictionary):
            found.append(
                {
                    "field": name,
                    "signer": text(value.get("/Name")),
                    "signed_at": date(value.get("/M")),
                    "reason": text(value.get("/Reason")),
                    "format": text(value.get("/SubFilter")),
                    "covers_whole_file": _ends_with_file(entries(value, "/ByteRange"), source),
                    "verified": False,
                }
            )
    return found[:MOST_ENTRIES]


def attachments_of(pdf: pikepdf.Pdf) -> list[Result]:
    """Embedded files: name, kind, bytes where the file tells them."""
    found = []
    try:
        for name, specification in pdf.attachments.items():
            embedded = dictionary(specification.obj, "/EF").get("/F")
            parameters = dictionary(embedded, "/Params") if isinstance(embedded, Stream) else Dictionary()
            size = parameters.get("/Size")
            kind = text(embedded.get("/Subtype")) if isinstance(embedded, Stream) else None
            found.append(
                {
                    "name": str(name)[:255],
                    "media_type": kind,
                    "bytes": size if isinstance(size, int) else None,
                    "relationship": text(specification.obj.get("/AFRelationship")),
                }
            )
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, KeyError):
        # A broken name tree: what came before the break is still told.
        return found
    return found[:MOST_ENTRIES]


def scripts_of(pdf: pikepdf.Pdf) -> int:
    """How many JavaScript actions the document holds."""
    return sum(isinstance(thing, Dictionary) and thing.get("/S") == Name.JavaScript for thing in pdf.objects)


def _fields(form: Any) -> Iterator[tuple[str, str, Any]]:
    """Every terminal field: its full name, its kind, itself."""
    waiting: list[tuple[Any, str, Any, int]] = [(field, "", None, 0) for field in reversed(entries(form, "/Fields"))]
    seen: set[tuple[int, int]] = set()
    while waiting:
        field, parent, inherited, depth = waiting.pop()
        if not isinstance(field, Dictionary) or depth > _FIELDS_DEEP or (field.is_indirect and field.objgen in seen):
            continue
        seen.add(field.objgen)
        partial = text(field.get("/T"))
        name = ".".join(part for part in (parent, partial) if part)
        kind = field.get("/FT", inherited)
        kids = [kid for kid in entries(field, "/Kids") if isinstance(kid, Dictionary)]
        if kids and any("/T" in kid for kid in kids):
            waiting.extend((kid, name, kind, depth + 1) for kid in reversed(kids))
        else:
            yield name, _KINDS.get(text(kind) or "", "other"), field


def _ends_with_file(span: list[Any], source: Path) -> bool:
    if len(span) != 4 or not all(isinstance(part, int) for part in span):
        return False
    return int(span[0]) == 0 and int(span[2]) + int(span[3]) == source.stat().st_size

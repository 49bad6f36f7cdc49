"""All that `read-metadata` tells of a PDF, put together."""

from __future__ import annotations

from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Stream

from services.conversion.contracts.reading import ReadMetadataOptions
from services.conversion.reading.contents import fonts_of, images_of
from services.conversion.reading.damage import damage_told
from services.conversion.reading.interactive import attachments_of, form_of, scripts_of, signatures_of
from services.conversion.reading.plain_values import LONGEST_TEXT, MOST_ENTRIES, date, dictionary, entries, text
from services.conversion.reading.xmp import MalformedXmp, XmpValue, read_xmp, short_name
from shared.operation import Result
from shared.pdf.open_document import open_document

_DATES = ("/CreationDate", "/ModDate")
#: Sheets by their sides in points, short one first.
_SHEETS = {(420, 595): "A5", (595, 842): "A4", (842, 1191): "A3", (612, 792): "Letter", (612, 1008): "Legal"}
_PERMISSIONS = (
    *("accessibility", "extract", "modify_annotation", "modify_assembly", "modify_form", "modify_other"),
    *("print_highres", "print_lowres"),
)
_PDFA, _PDFUA = "http://www.aiim.org/pdfa/ns/id/", "http://www.aiim.org/pdfua/ns/id/"
_MOST_OUTLINE_ENTRIES = 100_000


def read_metadata(source: Path, options: ReadMetadataOptions, *, password: str | None = None) -> Result:
    """Return what a PDF says of itself and what it holds, as JSON values.

    Nothing is verified: a claim of PDF/A or a signature is told as it is claimed.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.errors`.
    """
    with damage_told(), open_document(source, password) as pdf:
        xmp = _xmp(pdf)
        result: Result = {
            "bytes": source.stat().st_size,
            "pdf_version": pdf.pdf_version,
            "linearized": pdf.is_linearized,
            "pages": {"count": len(pdf.pages), "sizes": _sizes(pdf)},
            "info": _info(pdf),
            "xmp": _told_xmp(xmp),
            "producer": text(dictionary(pdf.trailer, "/Info").get("/Producer")) or _told_xmp(xmp).get("pdf:Producer"),
            "encryption": _encryption(pdf),
            "form": form_of(pdf),
            "signatures": signatures_of(pdf, source),
            "attachments": attachments_of(pdf),
            "outline_entries": _outline_entries(pdf),
            "page_labels": "/PageLabels" in pdf.Root,
            "tagged": bool(dictionary(pdf.Root, "/MarkInfo").get("/Marked", False)) and "/StructTreeRoot" in pdf.Root,
            "language": text(pdf.Root.get("/Lang")),
            "claims": _claims(xmp),
            "output_intents": _output_intents(pdf),
        }
        if options.contents:
            result["fonts"] = fonts_of(pdf)
            result["images"] = images_of(pdf)
            result["layers"] = len(entries(dictionary(pdf.Root, "/OCProperties"), "/OCGs"))
            result["scripts"] = scripts_of(pdf)
        return result


def _info(pdf: pikepdf.Pdf) -> Result:
    told: Result = {}
    information = dictionary(pdf.trailer, "/Info")
    for key in list(information.keys())[:MOST_ENTRIES]:
        value = information.get(key)
        told[key[1:]] = date(value) if key in _DATES else text(value)
    return {key: value for key, value in told.items() if value is not None}


def _xmp(pdf: pikepdf.Pdf) -> dict[str, XmpValue]:
    packet = pdf.Root.get("/Metadata")
    try:
        return read_xmp(packet.read_bytes()) if isinstance(packet, Stream) else {}
    except (MalformedXmp, pikepdf.PdfError, RuntimeError):
        return {}


def _told_xmp(xmp: dict[str, XmpValue]) -> Result:
    told: Result = {}
    for name, value in list(xmp.items())[:MOST_ENTRIES]:
        texts = [one[:LONGEST_TEXT] for one in value.texts[:MOST_ENTRIES]]
        told[short_name(name)] = texts if value.form in ("Bag", "Seq") else value.first[:LONGEST_TEXT]
    return told


def _claims(xmp: dict[str, XmpValue]) -> Result:
    """What the document claims to conform to; nobody has checked it here."""

    def told(prefix: str, name: str) -> str:
        value = xmp.get(f"{{{prefix}}}{name}")
        return value.first[:20] if value else ""

    part, level = told(_PDFA, "part"), told(_PDFA, "conformance").lower()
    ua = told(_PDFUA, "part")
    return {"pdfa": f"PDF/A-{part}{level}" if part else None, "pdfua": f"PDF/UA-{ua}" if ua else None}


def _sizes(pdf: pikepdf.Pdf) -> list[Result]:
    """The sizes of the pages as they are seen, in points, with how many pages have each."""
    counted: dict[tuple[float, float, int], int] = {}
    for page in pdf.pages:
        try:
            left, bottom, right, top = (float(edge) for edge in page.cropbox)
            turn = int(page.obj.get("/Rotate", 0)) % 360
            unit = float(page.obj.get("/UserUnit", 1))
        except (TypeError, ValueError, pikepdf.PdfError, AttributeError):
            continue
        width, height = abs(right - left) * unit, abs(top - bottom) * unit
        key = (
            (round(width, 2), round(height, 2), turn) if turn % 180 == 0 else (round(height, 2), round(width, 2), turn)
        )
        counted[key] = counted.get(key, 0) + 1
    return [
        {
            "width_points": width,
            "height_points": height,
            "rotation_degrees": turn,
            "sheet": _SHEETS.get((round(min(width, height)), round(max(width, height)))),
            "pages": count,
        }
        for (width, height, turn), count in sorted(counted.items(), key=lambda item: -item[1])[:MOST_ENTRIES]
    ]


def _encryption(pdf: pikepdf.Pdf) -> Result:
    if not pdf.is_encrypted:
        return {"encrypted": False}
    how = pdf.encryption
    return {
        "encrypted": True,
        "revision": how.R,
        "key_bits": how.bits,
        "streams": how.stream_method.name,
        "opened_as_owner": pdf.owner_password_matched,
        "permissions": {name: bool(getattr(pdf.allow, name)) for name in _PERMISSIONS},
    }


def _outline_entries(pdf: pikepdf.Pdf) -> int:
    """How many entries the outline has; a loop in it counts once."""
    seen: set[tuple[int, int]] = set()
    waiting = [dictionary(pdf.Root, "/Outlines").get("/First")]
    while waiting and len(seen) < _MOST_OUTLINE_ENTRIES:
        item = waiting.pop()
        if isinstance(item, Dictionary) and item.objgen not in seen:
            seen.add(item.objgen)
            waiting += [item.get("/Next"), item.get("/First")]
    return len(seen)


def _output_intents(pdf: pikepdf.Pdf) -> list[Result]:
    return [
        {"kind": text(one.get("/S")), "condition": text(one.get("/OutputConditionIdentifier"))}
        for one in entries(pdf.Root, "/OutputIntents")
        if isinstance(one, Dictionary)
    ][:MOST_ENTRIES]

"""What a document says of itself: the Info dictionary and the XMP packet, read as one, written to agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream, String
from pikepdf.models.metadata import decode_pdf_date, encode_pdf_date

#: Our name for each field, its key in Info and its property in XMP (ISO 19005-2, 6.6.3 demands these pairs).
FIELDS = {
    "title": ("/Title", "dc:title"),
    "author": ("/Author", "dc:creator"),
    "subject": ("/Subject", "dc:description"),
    "keywords": ("/Keywords", "pdf:Keywords"),
    "creator": ("/Creator", "xmp:CreatorTool"),
    "producer": ("/Producer", "pdf:Producer"),
    "created": ("/CreationDate", "xmp:CreateDate"),
    "modified": ("/ModDate", "xmp:ModifyDate"),
}
DATES = frozenset({"created", "modified"})
_STANDARD_KEYS = frozenset(key for key, _ in FIELDS.values()) | {"/Trapped"}
#: Where XMP keeps entries of Info that are not standard.
_CUSTOM_NAMESPACE = "http://ns.adobe.com/pdfx/1.3/"
#: Claims of a standard that a changed document may no longer meet.
CLAIMS = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfxid": "http://www.npes.org/pdfx/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
}
_NOT_IN_XML_NAMES = re.compile(r"[^A-Za-z0-9_.-]|^(?=[^A-Za-z_])")
_NOT_IN_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Value = str | datetime


@dataclass
class DocumentInfo:
    """The metadata of one document. Fields that it does not have are not in `values`."""

    values: dict[str, Value] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    #: Fields on which Info and XMP disagree; Info's value counts, because that is what viewers show.
    disagreeing: list[str] = field(default_factory=list)
    #: Whether there was a packet that could not be read.
    damaged_xmp: bool = False
    has_xmp: bool = False


def read_info(pdf: pikepdf.Pdf) -> DocumentInfo:
    """The metadata of a document, from Info and, where that says nothing, from XMP."""
    info = DocumentInfo(has_xmp="/Metadata" in pdf.Root)
    found = pdf.trailer.get("/Info")
    entries = dict(found.items()) if isinstance(found, Dictionary) else {}
    for name, (key, _) in FIELDS.items():
        if (value := _from_info(name, entries.get(key))) is not None:
            info.values[name] = value
    for key, entry in entries.items():
        if key not in _STANDARD_KEYS and isinstance(entry, String):
            info.custom[key[1:]] = clean(str(entry))
    if not info.has_xmp:
        return info
    try:
        with _packet(pdf) as packet:
            described = {name: _from_xmp(name, packet.get(xmp_name)) for name, (_, xmp_name) in FIELDS.items()}
    # lxml's and pikepdf's errors have no common ancestor, and a packet may be anything.
    except Exception:  # noqa: BLE001 - an unreadable packet is a finding, not a failure
        info.damaged_xmp = True
        return info
    for name, value in described.items():
        if value is None:
            continue
        if info.values.setdefault(name, value) != value:
            info.disagreeing.append(name)
    return info


def write_info(pdf: pikepdf.Pdf, info: DocumentInfo) -> None:
    """Make this the document's metadata, in Info and in XMP alike; what else the packet says stays.

    A packet that cannot be read is replaced.
    """
    entries = Dictionary()
    for name, value in info.values.items():
        entries[FIELDS[name][0]] = String(encode_pdf_date(value) if isinstance(value, datetime) else clean(value))
    for name, text in info.custom.items():
        entries[Name("/" + name)] = String(clean(text))
    old = pdf.trailer.get("/Info")
    if isinstance(old, Dictionary) and isinstance(trapped := old.get("/Trapped"), Name):
        entries["/Trapped"] = Name(str(trapped))
    pdf.trailer["/Info"] = pdf.make_indirect(entries)
    if info.damaged_xmp and "/Metadata" in pdf.Root:
        del pdf.Root["/Metadata"]
    with _packet(pdf) as packet:
        for name, (_, xmp_name) in FIELDS.items():
            _put(packet, xmp_name, _for_xmp(name, info.values.get(name)))
        _put(packet, "xmp:MetadataDate", datetime.now(UTC).isoformat(timespec="seconds"))
        kept = {f"{{{_CUSTOM_NAMESPACE}}}{_xml_name(name)}": text for name, text in info.custom.items()}
        for xmp_name in [key for key in packet if key.startswith(f"{{{_CUSTOM_NAMESPACE}}}")]:
            if xmp_name not in kept:
                del packet[xmp_name]
        for xmp_name, text in kept.items():
            _put(packet, xmp_name, clean(text))


def claims_of(pdf: pikepdf.Pdf) -> list[str]:
    """The standards that the packet claims, as prefixes: pdfaid, pdfxid, pdfuaid."""
    # A search first: reading a packet takes a hundred times longer, and few have a claim.
    packet = pdf.Root.get("/Metadata")
    try:
        text = packet.read_bytes() if isinstance(packet, Stream) else b""
    except pikepdf.PdfError:
        return []
    return [claim for claim in CLAIMS if claim.encode() in text]


def drop_claims(pdf: pikepdf.Pdf) -> list[str]:
    """Take back what the packet claims of standards; return which claims there were, see `claims_of`."""
    if not (claims := claims_of(pdf)):
        return []
    try:
        with _packet(pdf) as packet:
            for name in [name for name in packet if name.startswith(tuple(f"{{{space}" for space in CLAIMS.values()))]:
                del packet[name]
    except Exception:  # noqa: BLE001 - see read_info; a packet that nobody can read must not claim anything either
        del pdf.Root["/Metadata"]
    return claims


def remove_info(pdf: pikepdf.Pdf) -> None:
    """Remove Info, the packet of the document and those of its pages."""
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for owner in (pdf.Root, *(page.obj for page in pdf.pages)):
        for key in ("/Metadata", "/PieceInfo", "/LastModified"):
            if key in owner:
                del owner[key]


@contextmanager
def _packet(pdf: pikepdf.Pdf) -> Iterator[Any]:
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False, strict=True) as packet:
        yield packet


def _put(packet: Any, name: str, value: Any) -> None:
    if value:
        packet[name] = value
    elif name in packet:
        del packet[name]


def _from_info(name: str, entry: Any) -> Value | None:
    if not isinstance(entry, String):
        return None
    text = clean(str(entry))
    if not text:
        return None
    if name not in DATES:
        return text
    try:
        return _in_zone(decode_pdf_date(text))
    except ValueError:
        return None


def _from_xmp(name: str, entry: Any) -> Value | None:
    if isinstance(entry, list | set):
        entry = "; ".join(str(part) for part in entry if part)
    elif isinstance(entry, Mapping):
        entry = entry.get("x-default") or next(iter(entry.values()), None)
    text = clean(entry) if isinstance(entry, str) else ""
    if not text:
        return None
    if name not in DATES:
        return text
    try:
        return _in_zone(datetime.fromisoformat(text))
    except ValueError:
        return None


def _for_xmp(name: str, value: Value | None) -> Any:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    # XMP has a list of authors, Info one text; PDF/A wants exactly one entry that equals it.
    return [clean(value)] if name == "author" else clean(value)


def clean(text: str) -> str:
    """The text as both Info and XMP can hold it: without characters that XML forbids and spaces at the ends."""
    return _NOT_IN_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _xml_name(name: str) -> str:
    """Acrobat's way of writing any key as the name of an XML element: U+2182 and the code of the character."""
    return _NOT_IN_XML_NAMES.sub(lambda found: "".join(f"\u2182{ord(c):04X}" for c in found[0]) or "_", name)


def _in_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

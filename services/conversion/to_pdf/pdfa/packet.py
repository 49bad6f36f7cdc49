"""Writes the XMP packet anew: what the document says of itself, in the schemas that PDF/A knows, and the claim."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Dictionary, Name, Stream

from services.conversion.reading.plain_values import date, text
from services.conversion.reading.xmp import MalformedXmp, XmpValue, read_xmp
from services.conversion.to_pdf.pdfa_rules.metadata import SYNCHRONISED

_PRODUCER = "Bindery"
_NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
}
_SHORT = {f"{{{address}}}": prefix for prefix, address in _NAMESPACES.items()}
#: Kept from an old packet beside what the document information has.
_KEPT = (("dc:subject", "Bag"), ("dc:rights", "Alt"), ("dc:publisher", "Bag"), ("dc:contributor", "Bag"))
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def write_packet(pdf: pikepdf.Pdf, part: int, now: datetime | None = None) -> None:
    """Replace all metadata of the document by one packet, and make the document information say the same."""
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    old = _old_values(pdf)
    information = pdf.trailer.get("/Info")
    given = information if isinstance(information, Dictionary) else Dictionary()
    properties: list[str] = []
    fresh = Dictionary()
    for key, name, form in SYNCHRONISED:
        short = _short(name)
        value = _chosen(key, name, form, given, old, moment)
        if not value:
            continue
        properties.append(_property(short, form, [value]))
        fresh[key] = _pdf_date(value) if form == "date" else pikepdf.String(value)
    for short, form in _KEPT:
        prefix, _, local = short.partition(":")
        if (kept := old.get(f"{{{_NAMESPACES[prefix]}}}{local}")) and kept.texts:
            properties.append(_property(short, form, [_clean(one) for one in kept.texts]))
    properties.append(f"<pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>")
    spaces = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in _NAMESPACES.items() if prefix != "rdf")
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f'<rdf:RDF xmlns:rdf="{_NAMESPACES["rdf"]}">\n<rdf:Description rdf:about="" {spaces}>\n'
        + "\n".join(properties)
        + '\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    )
    for thing in pdf.objects:
        if isinstance(thing, Dictionary | Stream) and isinstance(thing.get("/Metadata"), Stream):
            del thing["/Metadata"]
    stream = pdf.make_stream(packet.encode())
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = stream
    pdf.trailer.Info = pdf.make_indirect(fresh)


def _old_values(pdf: pikepdf.Pdf) -> dict[str, XmpValue]:
    packet = pdf.Root.get("/Metadata")
    try:
        return read_xmp(packet.read_bytes()) if isinstance(packet, Stream) else {}
    except (MalformedXmp, pikepdf.PdfError, RuntimeError):
        return {}


def _chosen(key: str, name: str, form: str, given: Any, old: dict[str, XmpValue], moment: datetime) -> str:
    if key == "/Producer":
        return _PRODUCER
    if key == "/ModDate":
        return moment.isoformat()
    value = given.get(key)
    told = date(value) if form == "date" else text(value)
    if not told and name in old:
        told = "; ".join(old[name].texts) if form == "Seq" else old[name].first
    told = _clean(told or "")
    return _full_date(told) if form == "date" else told


def _full_date(told: str) -> str:
    try:
        moment = datetime.fromisoformat(told if len(told) > 7 else f"{told}-01-01"[:10])
    except ValueError:
        return ""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(microsecond=0).isoformat()


def _pdf_date(told: str) -> pikepdf.String:
    moment = datetime.fromisoformat(told)
    zone = moment.strftime("%z")
    return pikepdf.String(f"D:{moment:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'")


def _clean(value: str) -> str:
    """Text without the characters that XML has no place for, and without edges of white space."""
    return value.translate(_CONTROLS).encode("utf-8", "replace").decode().replace("\r", "\n").strip()


def _short(name: str) -> str:
    namespace, _, local = name.partition("}")
    return f"{_SHORT[namespace + '}']}:{local}"


def _property(short: str, form: str, values: list[str]) -> str:
    if form in ("text", "date"):
        return f"<{short}>{escape(values[0])}</{short}>"
    language = ' xml:lang="x-default"' if form == "Alt" else ""
    items = "".join(f"<rdf:li{language}>{escape(value)}</rdf:li>" for value in values[: 1 if form == "Alt" else None])
    return f"<{short}><rdf:{form}>{items}</rdf:{form}></{short}>"

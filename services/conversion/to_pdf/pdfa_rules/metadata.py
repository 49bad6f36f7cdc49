"""6.7 (part 1) and 6.6 (parts 2 and 3): XMP, the claim itself, and the document information."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from pikepdf import Dictionary, Name, Stream

from services.conversion.reading.plain_values import date, text
from services.conversion.reading.xmp import MalformedXmp, XmpValue, read_xmp
from services.conversion.to_pdf.pdfa_rules.findings import Examined
from services.conversion.to_pdf.pdfa_rules.usage import read_bytes
from services.conversion.to_pdf.pdfa_rules.xmp_types import check_types

_DC, _XMP, _PDF = (
    "{http://purl.org/dc/elements/1.1/}",
    "{http://ns.adobe.com/xap/1.0/}",
    "{http://ns.adobe.com/pdf/1.3/}",
)
_PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"
#: Where XMP keeps what the document information says (ISO 19005-1, table 1), and in which form.
SYNCHRONISED = (
    ("/Title", f"{_DC}title", "Alt"),
    ("/Author", f"{_DC}creator", "Seq"),
    ("/Subject", f"{_DC}description", "Alt"),
    ("/Keywords", f"{_PDF}Keywords", "text"),
    ("/Creator", f"{_XMP}CreatorTool", "text"),
    ("/Producer", f"{_PDF}Producer", "text"),
    ("/CreationDate", f"{_XMP}CreateDate", "date"),
    ("/ModDate", f"{_XMP}ModifyDate", "date"),
)
_HEADER = re.compile(rb"<\?xpacket\s+begin=[^?]*\?>")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?")
_STANDARD_INFO = {key for key, _, _ in SYNCHRONISED} | {"/Trapped"}


def check(examined: Examined) -> None:
    """Find what breaks the rules of metadata."""
    packet = examined.pdf.Root.get("/Metadata")
    if not isinstance(packet, Stream):
        examined.found("6.7.2", "6.6.2.1", "The document has no metadata.")
        return
    if examined.part == 1 and "/Filter" in packet:
        examined.found("6.7.2", "6.6.2.1", "The metadata is packed.")
    if packet.get("/Type") != Name.Metadata or packet.get("/Subtype") != Name.XML:
        examined.found("6.7.2", "6.6.2.1", "The metadata does not say what it is.")
    data = read_bytes(packet) or b""
    try:
        values = read_xmp(data)
    except MalformedXmp:
        examined.found("6.7.9", "6.6.2.1", "The metadata is no well-formed XMP.")
        return
    header = _HEADER.search(data)
    if header and (b"bytes=" in header[0] or b"encoding=" in header[0]):
        examined.found("6.7.5", "6.6.2.1", "The header of the metadata names its bytes or encoding.")
    if examined.part > 1 and not _is_utf8(data):
        examined.found("6.7.2", "6.6.2.1", "The metadata is not in UTF-8.")
    _claim(examined, values, data)
    check_types(examined, data)
    if examined.part == 1:
        _information(examined, values)
    else:
        _no_foreign_metadata(examined)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _claim(examined: Examined, values: dict[str, XmpValue], data: bytes) -> None:
    clauses = ("6.7.11", "6.6.4")
    part, level = values.get(f"{_PDFAID}part"), values.get(f"{_PDFAID}conformance")
    if part is None or part.first != str(examined.part):
        examined.found(*clauses, f"The metadata does not claim part {examined.part}.")
    if level is None or level.first not in (("A", "B") if examined.part == 1 else ("A", "B", "U")):
        examined.found(*clauses, "The metadata does not claim a level of conformance.")
    declared = re.search(rb"xmlns:(\w+)\s*=\s*[\"']http://www\.aiim\.org/pdfa/ns/id/[\"']", data)
    if declared and declared[1] != b"pdfaid":
        examined.found(*clauses, "The claim does not use the prefix pdfaid.")
    for name, pattern in (("amd", r"\d{4}:\d{4}|.*"), ("corr", r"\d{4}:\d{4}|.*")):
        value = values.get(f"{_PDFAID}{name}")
        if value and not re.fullmatch(pattern, value.first):
            examined.found(*clauses, f"The claim's {name} is malformed.")


def _information(examined: Examined, values: dict[str, XmpValue]) -> None:
    clauses = ("6.7.3", "6.6.2.1")
    information = examined.pdf.trailer.get("/Info")
    if not isinstance(information, Dictionary):
        return
    for key, name, form in SYNCHRONISED:
        given = information.get(key)
        if given is None:
            continue
        value = values.get(name)
        if form == "date":
            same = value is not None and _same_moment(date(given) or "", value.first) and _is_pdf_date(str(given))
        elif form == "Seq":
            same = value is not None and len(value.texts) == 1 and _same(value.first, text(given))
        else:
            same = value is not None and _same(value.first, text(given))
        if not same:
            examined.found(*clauses, f"The metadata says something else than the document information of {key[1:]}.")


def _same(one: str, other: str | None) -> bool:
    return one.strip() == (other or "").strip()


def _is_pdf_date(value: str) -> bool:
    return re.fullmatch(r"D:\d{4}(\d\d){0,5}([-+Z](\d\d'?(\d\d'?)?)?)?", value) is not None


def _same_moment(one: str, other: str) -> bool:
    moments = [_moment(value) for value in (one, other)]
    return moments[0] is not None and moments[0] == moments[1]


def _moment(value: str) -> Any:
    if not _DATE.fullmatch(value):
        return None
    try:
        found = datetime.fromisoformat(value + "-01-01"[: 0 if len(value) > 4 else 6] if len(value) == 4 else value)
    except ValueError:
        return value
    return (found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)).replace(microsecond=0)


def _no_foreign_metadata(examined: Examined) -> None:
    for stream in examined.streams:
        if stream.get("/Type") != Name.Metadata or stream.objgen == examined.pdf.Root.Metadata.objgen:
            continue
        try:
            read_xmp(read_bytes(stream) or b"")
        except MalformedXmp:
            examined.found("6.7.2", "6.6.2.1", "Metadata of a part of the document is no well-formed XMP.")

"""6.1: header, trailer, cross references, end of file, streams, strings, filters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pikepdf import Array, Dictionary, Name

from services.conversion.to_pdf.pdfa_rules.findings import Examined

_HEADER = re.compile(rb"%PDF-1\.[0-7](\r\n|\r|\n)%([^\r\n]{4,})")
_STREAM = re.compile(rb">>[\0\t\n\f\r ]*stream(\r\n|\n|\r|[^\r\n])")
_OBJECT = re.compile(rb"(\d+)([\0\t\n\f\r ]+)(\d+)([\0\t\n\f\r ]+)obj(?![a-zA-Z])([^\0]?)([^\0]?)")
_HEX = re.compile(rb"(?<!<)<(?!<)([^<>]*)>")
_XREF = re.compile(rb"(?<!start)xref([\0\t\f\r\n ]*)(\d+)([\0\t\n\f\r ]+)(\d+)")
_XREF_START = re.compile(rb"startxref\s+(\d+)")
_FILTERS = {
    *("/ASCIIHexDecode", "/ASCII85Decode", "/FlateDecode", "/RunLengthDecode", "/CCITTFaxDecode", "/JBIG2Decode"),
    *("/DCTDecode", "/JPXDecode", "/Crypt", "/LZWDecode"),
}


def check(examined: Examined) -> None:
    """Find what breaks 6.1.2 to 6.1.10."""
    _header(examined)
    _end(examined)
    _trailer(examined)
    _cross_references(examined)
    _bodies(examined)
    for stream in examined.streams:
        _stream(examined, stream)


def _header(examined: Examined) -> None:
    found = _HEADER.match(examined.data)
    if not found:
        examined.found("6.1.2", "6.1.2", "The file does not begin with a header and a comment of four bytes.")
    elif any(byte < 128 for byte in found[2][:4]):
        examined.found("6.1.2", "6.1.2", "The comment after the header does not begin with four bytes above 127.")


def _end(examined: Examined) -> None:
    _, _, rest = examined.data.rpartition(b"%%EOF")
    if rest not in (b"", b"\n", b"\r", b"\r\n"):
        examined.found("6.1.3", "6.1.3", "Data follows the last end-of-file marker.")


def _trailer(examined: Examined) -> None:
    trailer = examined.pdf.trailer
    if "/Encrypt" in trailer:
        examined.found("6.1.3", "6.1.3", "The file is encrypted.")
    identity = trailer.get("/ID")
    if not isinstance(identity, Array) or not len(identity) or not all(len(bytes(part)) for part in identity):
        examined.found("6.1.3", "6.1.3", "The trailer has no ID.")
    if examined.pdf.is_linearized and (first := _first_trailer(examined.data)) is not None:
        if b"/ID" not in first:
            examined.found("6.1.3", "6.1.3", "The first page's trailer has no ID.")
        else:
            _same_first_identity(examined, first)


def _first_trailer(data: bytes) -> bytes | None:
    start = data.find(b"trailer")
    end = data.find(b"startxref", start)
    return data[start:end] if 0 <= start < end else None


def _same_first_identity(examined: Examined, first: bytes) -> None:
    last_start = examined.data.rfind(b"trailer")
    last = examined.data[last_start : examined.data.find(b"startxref", last_start)]
    pattern = re.compile(rb"/ID\s*\[\s*(<[^>]*>|\([^)]*\))\s*(<[^>]*>|\([^)]*\))")
    one, other = pattern.search(first), pattern.search(last)
    if one and other and one.groups() != other.groups():
        examined.found("6.1.3", "6.1.3", "The identifiers of a linearized file differ.")


def _cross_references(examined: Examined) -> None:
    streams = any(one.get("/Type") in (Name.XRef, Name.ObjStm) for one in examined.streams)
    # qpdf hides those that it has read itself.
    if examined.part == 1 and (streams or re.search(rb"/Type\s*/(XRef|ObjStm)\b", examined.data)):
        examined.found("6.1.4", "6.1.4", "Cross reference or object streams are not part of PDF 1.4.")
    for found in _XREF.finditer(examined.data):
        if found[1] not in (b"\n", b"\r", b"\r\n"):
            examined.found("6.1.4", "6.1.4", "The keyword xref is not followed by one end of line.")
        if found[3] != b" ":
            examined.found("6.1.4", "6.1.4", "The numbers of a cross reference section are not parted by one space.")


def _bodies(examined: Examined) -> None:
    """What stands between streams: how objects begin, and hexadecimal strings."""
    for piece in _outside_of_streams(examined):
        for found in _OBJECT.finditer(piece):
            before = piece[found.start() - 1 : found.start()] if found.start() else b"\n"
            if found[2] != b" " or found[4] != b" " or before not in (b"\n", b"\r") or found[5] not in (b"\n", b"\r"):
                examined.found("6.1.8", "6.1.9", f"Object {int(found[1])} does not begin as it should.")
        for found in re.finditer(rb"(.?)endobj(.?)", piece, re.DOTALL):
            if found[1] not in (b"\n", b"\r", b"") or found[2] not in (b"\n", b"\r", b""):
                examined.found("6.1.8", "6.1.9", "The keyword endobj does not stand on a line of its own.")
        for found in _HEX.finditer(_without_literals(piece)):
            digits = bytes(byte for byte in found[1] if byte not in b"\0\t\n\f\r ")
            if not re.fullmatch(rb"[0-9a-fA-F]*", digits):
                examined.found("6.1.6", "6.1.6", "A hexadecimal string has other characters than digits.")
            elif len(digits) % 2:
                examined.found("6.1.6", "6.1.6", "A hexadecimal string has an odd number of digits.")


def _without_literals(piece: bytes) -> bytes:
    """A piece of a file without its strings in parentheses and its comments."""
    out, depth, place, size = bytearray(), 0, 0, len(piece)
    while place < size:
        byte = piece[place]
        if byte == 0x5C and depth:
            place += 1
        elif byte == 0x28:
            depth += 1
        elif byte == 0x29 and depth:
            depth -= 1
        elif byte == 0x25 and not depth:
            while place < size and piece[place] not in b"\r\n":
                place += 1
        elif not depth:
            out.append(byte)
        place += 1
    return bytes(out)


def _outside_of_streams(examined: Examined) -> Iterator[bytes]:
    data, place = examined.data, 0
    while (found := _STREAM.search(data, place)) is not None:
        if found[1] not in (b"\r\n", b"\n"):
            examined.found("6.1.7", "6.1.7.1", "The keyword stream is not followed by a line feed.")
        piece = data[place : found.start()]
        yield piece
        end = _end_of_stream(piece, data, found.end())
        if end is None:
            end = data.find(b"endstream", found.end())
            end = len(data) if end < 0 else end
        between = data[end : data.find(b"endstream", end)] if data.find(b"endstream", end) >= 0 else b"?"
        if between not in (b"\n", b"\r", b"\r\n"):
            examined.found("6.1.7", "6.1.7.1", "A stream's length is wrong, or endstream is not on a line of its own.")
        place = max(data.find(b"endstream", end), end)
        if place <= found.end():
            place = found.end()
        place += len(b"endstream")
    yield data[place:]


def _end_of_stream(head: bytes, data: bytes, start: int) -> int | None:
    """Where a stream ends by its Length, direct or by reference."""
    at = head.rfind(b"/Length")
    own = head[max(head.rfind(b" obj"), 0) :]
    *_, found = [None, *re.finditer(rb"/Length\s+(\d+)(\s+(\d+)\s+R)?", own)]
    if not found or at < 0:
        return None
    if not found[2]:
        return start + int(found[1])
    target = re.search(rb"(?<!\d)" + found[1] + rb"\s+" + found[3] + rb"\s+obj\s*(\d+)", data)
    return start + int(target[1]) if target else None


def _stream(examined: Examined, stream: Any) -> None:
    if any(key in stream for key in ("/F", "/FFilter", "/FDecodeParms")):
        examined.found("6.1.7", "6.1.7.1", "A stream stands in another file.")
    coding = stream.get("/Filter")
    names = [str(one) for one in coding] if isinstance(coding, Array) else [str(coding)] if coding is not None else []
    if "/LZWDecode" in names:
        examined.found("6.1.10", "6.1.7.2", "A stream is packed with LZW.")
    if examined.part > 1:
        if any(name not in _FILTERS for name in names):
            examined.found("6.1.10", "6.1.7.2", "A stream is packed with a filter that the standard does not list.")
        if "/Crypt" in names:
            parameters = stream.get("/DecodeParms")
            if not isinstance(parameters, Dictionary) or parameters.get("/Name", Name.Identity) != Name.Identity:
                examined.found("6.1.10", "6.1.7.2", "A stream is encrypted.")
    elif "/JPXDecode" in names:
        examined.found("6.1.10", "6.1.7.2", "JPEG 2000 is not part of PDF 1.4.")

"""The kinds of document that Bindery knows, and how the first bytes give each away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

#: Bytes of a file that `recognise` wants to see. PDF readers accept a header in the first 1024 bytes; the parts of
#: an office document that tell its kind are named in its first few kilobytes.
SNIFFED_BYTES = 8192


@dataclass(frozen=True)
class MediaType:
    """A kind of document: its registered name, its file suffix, what people call it."""

    name: str
    suffix: str
    label: str


PDF = MediaType("application/pdf", ".pdf", "PDF")
PNG = MediaType("image/png", ".png", "PNG image")
JPEG = MediaType("image/jpeg", ".jpg", "JPEG image")
TIFF = MediaType("image/tiff", ".tif", "TIFF image")
WEBP = MediaType("image/webp", ".webp", "WebP image")
BMP = MediaType("image/bmp", ".bmp", "BMP image")
GIF = MediaType("image/gif", ".gif", "GIF image")
JP2 = MediaType("image/jp2", ".jp2", "JPEG 2000 image")
ZIP = MediaType("application/zip", ".zip", "ZIP archive")
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
DOCX = MediaType(f"{_OPEN_XML}wordprocessingml.document", ".docx", "Word document")
XLSX = MediaType(f"{_OPEN_XML}spreadsheetml.sheet", ".xlsx", "Excel workbook")
PPTX = MediaType(f"{_OPEN_XML}presentationml.presentation", ".pptx", "PowerPoint presentation")
ODT = MediaType("application/vnd.oasis.opendocument.text", ".odt", "OpenDocument text")
ODS = MediaType("application/vnd.oasis.opendocument.spreadsheet", ".ods", "OpenDocument spreadsheet")
ODP = MediaType("application/vnd.oasis.opendocument.presentation", ".odp", "OpenDocument presentation")
#: Word, Excel and PowerPoint before 2007 share one container; its kind stands too deep in the file to be sniffed.
OLE = MediaType("application/x-ole-storage", ".doc", "Office document of before 2007")
RTF = MediaType("application/rtf", ".rtf", "RTF document")
HTML = MediaType("text/html", ".html", "HTML page")
MARKDOWN = MediaType("text/markdown", ".md", "Markdown text")
CSV = MediaType("text/csv", ".csv", "CSV table")
JSON = MediaType("application/json", ".json", "JSON document")
XML = MediaType("application/xml", ".xml", "XML document")
TEXT = MediaType("text/plain", ".txt", "plain text")
#: What an operation accepts that looks into no file: kinds that nobody knows too.
ANY = MediaType("application/octet-stream", ".bin", "file of any kind")

#: Pictures that every service with an image reader takes.
IMAGES = (PNG, JPEG, TIFF, WEBP, BMP, GIF)
#: Documents of office programs.
OFFICE = (DOCX, XLSX, PPTX, ODT, ODS, ODP, OLE, RTF)

_PREFIXES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
    (b"BM", BMP),
    (b"GIF8", GIF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"{\\rtf", RTF),
)
#: The folder in which an Office Open XML file keeps its content.
_OPEN_XML_FOLDERS = ((b"word/", DOCX), (b"xl/", XLSX), (b"ppt/", PPTX))
_OPEN_DOCUMENT = {kind.name: kind for kind in (ODT, ODS, ODP)}
#: Kinds of text that look alike inside: here, and only here, a file's suffix decides.
_BY_SUFFIX = {".md": MARKDOWN, ".markdown": MARKDOWN, ".csv": CSV, ".json": JSON, ".html": HTML, ".htm": HTML}
# Possessive: a row of comments could else be divided among the repetitions in 2^n ways, each of which would be tried.
_HTML = re.compile(rb"\s*+(?:(?><!--.*?-->)\s*+)*+<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def recognise(head: bytes, name: str = "") -> MediaType | None:
    """Return the kind that the first `SNIFFED_BYTES` of a file show, or None for one that we do not know.

    What a client claims is not believed; only among kinds of plain text does the suffix of the file's `name` decide.
    """
    for prefix, media_type in _PREFIXES:
        if head.startswith(prefix):
            return media_type
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    # Junk before the header is common in the wild (mail gateways, HTTP headers), and every viewer accepts it.
    if b"%PDF-" in head[:1024]:
        return PDF
    return _kind_of_text(head, name) if _is_text(head) else None


def accepted(media_type: MediaType | None, accepts: tuple[MediaType, ...]) -> MediaType | None:
    """The kind that a file counts as where these are accepted, or None where it is not."""
    if ANY in accepts:
        return media_type or ANY
    return media_type if media_type in accepts else None


def _kind_of_zip(head: bytes) -> MediaType:
    # OpenDocument stores its type uncompressed as the first entry; Office Open XML shows in its folders' names.
    if head[30:38] == b"mimetype":
        named = head[38:].partition(b"PK")[0].decode("ascii", "replace")
        return _OPEN_DOCUMENT.get(named, ZIP)
    if b"[Content_Types].xml" in head or b"_rels/" in head or b"docProps/" in head:
        for folder, kind in _OPEN_XML_FOLDERS:
            if folder in head:
                return kind
    return ZIP


def _is_text(head: bytes) -> bool:
    if head.startswith(_BYTE_ORDER_MARKS):
        return True
    # Control characters that no text has; whatever its encoding.
    return bool(head) and not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)


def _kind_of_text(head: bytes, name: str) -> MediaType:
    start = head.removeprefix(_BYTE_ORDER_MARKS[0])
    if _HTML.match(start):
        return HTML
    if start.lstrip().startswith(b"<?xml"):
        return HTML if b"<html" in head[:1024] else XML
    return _BY_SUFFIX.get(PurePath(name).suffix.lower(), TEXT)

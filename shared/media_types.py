"""The kinds of document that Bindery knows, and how the first bytes give each away."""

from __future__ import annotations

from dataclasses import dataclass

#: Bytes of a file that `recognise` wants to see. PDF readers accept a header in the first 1024 bytes.
SNIFFED_BYTES = 1024


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
ZIP = MediaType("application/zip", ".zip", "ZIP archive")

_PREFIXES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"BM", BMP),
    (b"PK\x03\x04", ZIP),
)


def recognise(head: bytes) -> MediaType | None:
    """Return the kind that the first `SNIFFED_BYTES` of a file show, or None for one that we do not know.

    What a client claims (file name, Content-Type) is never asked.
    """
    for prefix, media_type in _PREFIXES:
        if head.startswith(prefix):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    # Junk before the header is common in the wild (mail gateways, HTTP headers), and every viewer accepts it.
    if b"%PDF-" in head[:SNIFFED_BYTES]:
        return PDF
    return None

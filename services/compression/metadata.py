"""Remove what a document says of its making: title, author, dates, XMP packets, private data of editors."""

from __future__ import annotations

import pikepdf
from pikepdf import Dictionary, Stream

_KEYS = ("/Metadata", "/PieceInfo", "/LastModified")


def remove_metadata(pdf: pikepdf.Pdf) -> None:
    """Remove the information dictionary and every XMP packet. Language, tags and attachments are not metadata."""
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for thing in pdf.objects:
        if not isinstance(thing, Dictionary | Stream):
            continue
        for key in _KEYS:
            if key in thing:
                del thing[key]

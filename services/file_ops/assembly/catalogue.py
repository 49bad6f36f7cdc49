"""What a document says as a whole: its metadata, how viewers open it, the colours it is meant for."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.assembly.assembly import Assembly, Part
from services.file_ops.assembly.copying import copied

#: Spaces that let editors change a packet in place (XMP specification part 1, 7.3.2).
_PADDING = re.compile(rb"\s+(<\?xpacket\s+end=)")
_VIEW_KEYS = ("/ViewerPreferences", "/PageLayout", "/PageMode")


def trim_packet(pdf: pikepdf.Pdf) -> None:
    """Take the padding out of the XMP packet, some 2 kB that each part of the document would carry."""
    packet = pdf.Root.get("/Metadata")
    if isinstance(packet, Stream):
        with suppress(pikepdf.PdfError):
            data = packet.read_bytes()
            trimmed = _PADDING.sub(rb"\n\1", data)
            if len(trimmed) < len(data):
                packet.write(trimmed)


def carry_identity(source: pikepdf.Pdf, target: pikepdf.Pdf) -> None:
    """Copy title, author, dates and whatever else Info and XMP say."""
    info, packet = source.trailer.get("/Info"), source.Root.get("/Metadata")
    # Damaged files let /Info lead to the page tree.
    if isinstance(info, Dictionary) and "/Kids" not in info:
        target.trailer["/Info"] = copied(info, source, target)
    if isinstance(packet, Stream):
        target.Root["/Metadata"] = copied(packet, source, target)


def carry_view(part: Part, assembly: Assembly) -> None:
    """Open the document as the part's source opens, at the same page if it is there."""
    root, target = part.source.root, assembly.pdf
    for key in _VIEW_KEYS:
        if isinstance(found := root.get(key), Dictionary | Name):
            target.Root[key] = copied(found, part.source.pdf, target)
    action = root.get("/OpenAction")
    if isinstance(action, Dictionary):
        action = action.get("/D") if action.get("/S") == Name.GoTo else None
    place = part.source.destinations.place_of(action) if action is not None else None
    if place is not None and place.page in part.numbers:
        page = assembly.pages[part.numbers.index(place.page)]
        target.Root["/OpenAction"] = place.as_array(page)


def intents_of(source: pikepdf.Pdf) -> frozenset[str]:
    """The colours that a document is meant for (its output intents), as something to compare."""
    found = source.Root.get("/OutputIntents")
    return frozenset(_fingerprint(intent) for intent in found) if isinstance(found, Array) else frozenset()


def carry_intents(source: pikepdf.Pdf, target: pikepdf.Pdf) -> None:
    """Copy the output intents."""
    found = source.Root.get("/OutputIntents")
    if isinstance(found, Array):
        target.Root["/OutputIntents"] = copied(found, source, target)


def _fingerprint(intent: Any) -> str:
    if not isinstance(intent, Dictionary):
        return ""
    profile = intent.get("/DestOutputProfile")
    content = hashlib.sha256(profile.read_raw_bytes()).hexdigest() if isinstance(profile, Stream) else ""
    return f"{intent.get('/S')} {intent.get('/OutputConditionIdentifier')} {content}"

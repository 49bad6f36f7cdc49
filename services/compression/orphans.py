"""Drops what no viewer shows: contents of pages that left the document, thumbnails, private data of editors."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Stream

#: Private data of the program that wrote the file, print rivals of an image, and the prepress link to one.
_PRIVATE_KEYS = ("/PieceInfo", "/Alternates", "/OPI")
#: What a page shows. Its dictionary stays, because tags and destinations still point at it.
_SHOWN_BY_A_PAGE = ("/Contents", "/Resources", "/Annots", "/Thumb", "/B", "/Group", "/PieceInfo")
_DEEPEST_NAME_TREE = 32


def drop_orphaned_content(pdf: pikepdf.Pdf, *, drop_output_intents: bool) -> int:
    """Remove content that cannot be seen and return the bytes of the streams that were cut off, roughly.

    Removed are: contents of pages that tags or destinations keep alive although they are not in the page tree; page
    thumbnails; /PieceInfo; alternate images; and where `drop_output_intents` is set, the output intents of a PDF
    that claims neither PDF/A nor PDF/X, unless one says how its CMYK colours look.
    """
    cut: list[pikepdf.Object] = []
    _drop_orphaned_pages(pdf, cut)
    for page in pdf.pages:
        _cut(page.obj, ("/Thumb", "/PieceInfo"), cut)
    _cut(pdf.Root, ("/PieceInfo",), cut)
    for item in pdf.objects:
        if isinstance(item, Stream) and item.get("/Subtype") in ("/Form", "/Image"):
            _cut(item, _PRIVATE_KEYS, cut)
    if drop_output_intents and not _needs_output_intents(pdf):
        _cut(pdf.Root, ("/OutputIntents",), cut)
        for page in pdf.pages:
            _cut(page.obj, ("/OutputIntents",), cut)
    return _stream_bytes(cut)


def _drop_orphaned_pages(pdf: pikepdf.Pdf, cut: list[pikepdf.Object]) -> None:
    alive = {page.obj.objgen for page in pdf.pages} | _named_pages(pdf)
    for item in pdf.objects:
        if not isinstance(item, Dictionary) or item.get("/Type") != "/Page" or item.objgen in alive:
            continue
        if "/Parent" in item:
            _cut(item, _SHOWN_BY_A_PAGE, cut)


def _named_pages(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    """Return the pages outside of the page tree that scripts of a form can spawn (ISO 32000-1, 12.7.6)."""
    names = pdf.Root.get("/Names")
    found: set[tuple[int, int]] = set()
    if isinstance(names, Dictionary):
        for tree in ("/Templates", "/Pages"):
            _collect_pages(names.get(tree), found, _DEEPEST_NAME_TREE)
    return found


def _collect_pages(node: object, found: set[tuple[int, int]], depth: int) -> None:
    if not isinstance(node, Dictionary) or depth == 0:
        return
    for value in node.get("/Names", Array()):
        if isinstance(value, Dictionary):
            found.add(value.objgen)
    for kid in node.get("/Kids", Array()):
        _collect_pages(kid, found, depth - 1)


def _needs_output_intents(pdf: pikepdf.Pdf) -> bool:
    """Tell whether the PDF claims PDF/A or PDF/X, or has an intent by which viewers show its CMYK colours."""
    metadata = pdf.Root.get("/Metadata")
    try:
        packet = metadata.read_bytes() if isinstance(metadata, Stream) else b""
    except pikepdf.PdfError:
        return True
    if any(mark in packet for mark in (b"pdfaid", b"pdfxid", b"GTS_PDFX", b"pdfuaid")):
        return True
    if any(str(key).startswith("/GTS_PDF") for key in pdf.docinfo):
        return True
    intents = pdf.Root.get("/OutputIntents")
    profiles = [intent.get("/DestOutputProfile") for intent in intents] if isinstance(intents, Array) else []
    return any(isinstance(profile, Stream) and profile.get("/N") == 4 for profile in profiles)


def _cut(owner: pikepdf.Object, keys: tuple[str, ...], cut: list[pikepdf.Object]) -> None:
    for key in keys:
        if key in owner:
            cut.append(owner[key])
            del owner[key]


def _stream_bytes(cut: list[pikepdf.Object]) -> int:
    """Return the raw bytes of the streams among `cut` and one level below: what shared resources hold stays."""
    total_bytes = 0
    seen: set[tuple[int, int]] = set()
    for item in cut:
        below = list(item.values()) if isinstance(item, Dictionary) else list(item) if isinstance(item, Array) else []
        for stream in (item, *below):
            if isinstance(stream, Stream) and stream.objgen not in seen:
                seen.add(stream.objgen)
                total_bytes += len(stream.read_raw_bytes())
    return total_bytes

"""Places where a document keeps second copies of what its pages show."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Stream

from services.file_ops.protection.annotations import annotations_of, keep
from shared.pdf.inheritance import inherited

#: Entries of any object that repeat its content for one program or as a small picture.
_COPIES = {"/Thumb": "thumbnails", "/PieceInfo": "private_data", "/SpiderInfo": "private_data"}


def part_resources(pdf: pikepdf.Pdf) -> None:
    """Give every page a list of its own with only what it draws."""
    for page in pdf.pages:
        for key in ("/Resources", "/MediaBox", "/CropBox", "/Rotate"):
            if key not in page.obj and (value := inherited(page.obj, key)) is not None:
                page.obj[key] = value
    for node in pdf.objects:
        if isinstance(node, Dictionary) and not isinstance(node, Stream) and "/Kids" in node and "/Resources" in node:
            del node["/Resources"]
    pdf.remove_unreferenced_resources()


def remove(pdf: pikepdf.Pdf, *, keep_attachments: bool) -> Counter[str]:
    """Remove thumbnails, private data, page templates, XFA and, by choice, attachments; count by kind."""
    counts: Counter[str] = Counter()
    for thing in pdf.objects:
        if isinstance(thing, Dictionary | Stream):
            for key, kind in _COPIES.items():
                if key in thing:
                    del thing[key]
                    counts[kind] += 1
            if not keep_attachments and "/EF" in thing:
                del thing["/EF"]
                counts["attachments"] += 1
            if not keep_attachments and isinstance(thing.get("/AF"), Array | Dictionary):
                del thing["/AF"]
    names = pdf.Root.get("/Names")
    if isinstance(names, Dictionary):
        _drop(names, "/Templates", "page_templates", counts)
        if not keep_attachments and "/EmbeddedFiles" in names:
            del names["/EmbeddedFiles"]
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary):
        _drop(form, "/XFA", "xfa_forms", counts)
    if not keep_attachments:
        _drop(pdf.Root, "/Collection", "portfolios", counts)
        _drop_file_annotations(pdf, counts)
    return counts


def _drop(owner: Any, key: str, kind: str, counts: Counter[str]) -> None:
    if key in owner:
        del owner[key]
        counts[kind] += 1


def _drop_file_annotations(pdf: pikepdf.Pdf, counts: Counter[str]) -> None:
    for page in pdf.pages:
        files = [each for each in annotations_of(page.obj) if each.get("/Subtype") == "/FileAttachment"]
        if files:
            counts["file_annotations"] += len(files)
            kept = [each for each in annotations_of(page.obj) if each.get("/Subtype") != "/FileAttachment"]
            keep(page.obj, kept, files)

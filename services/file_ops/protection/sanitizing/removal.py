"""Walks over every object of a document and deletes what the options name."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.contracts.protection import SanitizeOptions
from services.file_ops.protection.annotations import annotations_of, empty, keep
from services.file_ops.protection.reachable import reachable
from services.file_ops.protection.sanitizing import dangers
from services.file_ops.protection.sanitizing.camera_data import is_plain_jpeg, without_camera_data

_PRIVATE = {"/PieceInfo": "private_data", "/SpiderInfo": "private_data", "/Thumb": "thumbnails"}
#: Trees of names (ISO 32000-2, table 32) that hold only such things.
_NAME_TREES = {"/JavaScript": "scripts", "/EmbeddedFiles": "embedded_files", "/Renditions": "embedded_files"}


def remove(pdf: pikepdf.Pdf, options: SanitizeOptions) -> Counter[str]:
    """Delete by option; count by kind."""
    counts: Counter[str] = Counter()
    _from_catalogue(pdf, options, counts)
    for page in pdf.pages:
        _annotations(page.obj, options, counts)
    wanted = {kind for kind in ("scripts", "actions", "external_links") if getattr(options, kind)}
    for thing in reachable(pdf):
        if isinstance(thing, Array):
            _from_array(thing, wanted, counts)
            continue
        # One that no page lists can still be reached, through its window or its tags.
        kind = dangers.unwanted_annotation(thing, files=options.embedded_files, comments=options.annotations)
        if kind is not None:
            counts[kind] += 1
            empty(thing)
        _from_dictionary(thing, options, wanted, counts)
    return counts


def _from_catalogue(pdf: pikepdf.Pdf, options: SanitizeOptions, counts: Counter[str]) -> None:
    names, form = pdf.Root.get("/Names"), pdf.Root.get("/AcroForm")
    for key, kind in _NAME_TREES.items():
        if getattr(options, kind) and isinstance(names, Dictionary) and key in names:
            counts[kind] += _leaves(names[key], 0)
            del names[key]
    if options.scripts and isinstance(form, Dictionary) and "/XFA" in form:
        del form["/XFA"]
        counts["xfa_forms"] += 1
    if options.scripts and "/NeedsRendering" in pdf.Root:
        del pdf.Root["/NeedsRendering"]
    if options.embedded_files and "/Collection" in pdf.Root:
        del pdf.Root["/Collection"]
        counts["embedded_files"] += 1
    if options.metadata and "/Info" in pdf.trailer:
        counts["metadata"] += 1
        del pdf.trailer["/Info"]


def _leaves(node: Any, depth: int) -> int:
    if not isinstance(node, Dictionary) or depth > 32:
        return 0
    names, kids = node.get("/Names"), node.get("/Kids")
    own = len(names) // 2 if isinstance(names, Array) else 0
    return own + sum(_leaves(kid, depth + 1) for kid in (kids if isinstance(kids, Array) else ()))


def _annotations(page: Any, options: SanitizeOptions, counts: Counter[str]) -> None:
    kept: list[Any] = []
    removed: list[Any] = []
    for annotation in annotations_of(page):
        kind = dangers.unwanted_annotation(annotation, files=options.embedded_files, comments=options.annotations)
        if options.external_links and dangers.action_kind(annotation.get("/A")) == "external_links":
            kind = "external_links" if annotation.get("/Subtype") == Name.Link else kind
        (kept if kind is None else removed).append(annotation)
        if kind is not None:
            counts[kind] += 1
    if removed:
        keep(page, kept, removed)


def _from_array(array: Any, wanted: set[str], counts: Counter[str]) -> None:
    for index in range(len(array) - 1, -1, -1):
        kind = dangers.action_kind(array[index])
        if kind in wanted:
            counts[str(kind)] += 1
            del array[index]


def _from_dictionary(thing: Any, options: SanitizeOptions, wanted: set[str], counts: Counter[str]) -> None:
    for key, value in list(thing.items()):
        kind = dangers.action_kind(value)
        if kind not in wanted:
            kind = _kind(key, value, options)
        if kind is not None:
            counts[kind] += 1
            del thing[key]
        elif key == "/AA" and isinstance(value, Dictionary) and not isinstance(value, Stream):
            _from_dictionary(value, options, wanted, counts)
            if not len(value.keys()):
                del thing[key]
    if options.metadata and isinstance(thing, Stream) and is_plain_jpeg(thing):
        clean = without_camera_data(thing.read_raw_bytes())
        if clean is not None:
            parameters: Any = thing.get("/DecodeParms")
            thing.write(clean, filter=Name.DCTDecode, decode_parms=parameters)
            counts["camera_data"] += 1


def _kind(key: str, value: Any, options: SanitizeOptions) -> str | None:
    """What an entry is by its key alone."""
    if options.scripts and key == "/JS" and isinstance(value, pikepdf.String | Stream):
        return "scripts"
    if options.embedded_files and (key == "/EF" or (key == "/AF" and isinstance(value, Array | Dictionary))):
        return "embedded_files"
    if options.metadata and dangers.is_metadata(key, value):
        return "metadata"
    if options.metadata and key in _PRIVATE and isinstance(value, Dictionary | Stream):
        return _PRIVATE[key]
    return None

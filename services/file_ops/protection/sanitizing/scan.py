"""Counts what a document holds that runs, reaches out, hides or tells: before, and again over what was written."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.contracts.protection import SanitizeOptions
from services.file_ops.protection.reachable import reachable
from services.file_ops.protection.sanitizing import dangers
from services.file_ops.protection.sanitizing.camera_data import is_plain_jpeg, without_camera_data
from services.file_ops.protection.sanitizing.layers import Layers

_KEYS = frozenset({"/JS", "/XFA", "/PieceInfo", "/SpiderInfo", "/Thumb"})


def scan(pdf: pikepdf.Pdf, options: SanitizeOptions) -> Counter[str]:
    """Count every object and entry that the options want gone, wherever it stands."""
    counts: Counter[str] = Counter()
    if options.metadata and "/Info" in pdf.trailer and len(pdf.trailer.Info.keys()):
        counts["metadata"] += 1
    listed = Layers(pdf)
    for thing in reachable(pdf):
        if isinstance(thing, Array):
            continue
        _by_value(thing, options, counts)
        for key, value in thing.items():
            if key in _KEYS and not (key == "/JS" and dangers.action_kind(thing)):
                _by_key(key, value, options, counts)
        if options.hidden_layers and thing.get("/Type") == Name.OCG and thing.objgen in listed.hidden:
            counts["hidden_layers"] += 1
    return +counts


def _by_value(thing: Any, options: SanitizeOptions, counts: Counter[str]) -> None:
    """What a dictionary or stream is in itself."""
    kind = dangers.action_kind(thing)
    if kind is not None and getattr(options, kind):
        counts[kind] += 1
    if options.embedded_files and "/EF" in thing:
        counts["embedded_files"] += 1
    if options.embedded_files and thing.get("/Type") == Name.EmbeddedFile:
        counts["embedded_streams"] += 1
    kind = dangers.unwanted_annotation(thing, files=options.embedded_files, comments=options.annotations)
    if kind is not None:
        counts[kind] += 1
    if isinstance(thing, Stream) and options.metadata:
        if thing.get("/Type") == Name.Metadata:
            counts["metadata"] += 1
        if is_plain_jpeg(thing) and without_camera_data(thing.read_raw_bytes()) is not None:
            counts["camera_data"] += 1


def _by_key(key: str, value: Any, options: SanitizeOptions, counts: Counter[str]) -> None:
    if options.scripts and key == "/JS" and isinstance(value, pikepdf.String | Stream):
        counts["scripts"] += 1
    if options.scripts and key == "/XFA" and isinstance(value, Array | Stream):
        counts["xfa_forms"] += 1
    if options.metadata and key in ("/PieceInfo", "/SpiderInfo") and isinstance(value, Dictionary | Stream):
        counts["private_data"] += 1
    if options.metadata and key == "/Thumb" and isinstance(value, Stream):
        counts["thumbnails"] += 1

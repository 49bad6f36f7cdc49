"""Let streams that are equal byte for byte (fonts, pictures, profiles of merged files) be one."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Stream

from services.file_ops.metadata.destinations import ObjectId

#: Smaller streams cost more to find than they weigh.
_LEAST_BYTES = 1024
#: What sharing must save at least, by object of the document: each has to be looked through.
_LEAST_GAIN_BYTES = 8
_DEEP = 64
_ROUNDS = 3


def share_identical_streams(pdf: pikepdf.Pdf) -> int:
    """Refer to one of several equal streams everywhere; return the bytes that are not written again and again.

    Streams are equal when their data and their dictionaries are, with the same objects referred to. Nothing is done
    where it would save too little for the walk through all objects that it takes.
    """
    objects = [thing for thing in pdf.objects if isinstance(thing, Dictionary | Array | Stream)]
    saved = 0
    # A picture refers to its mask: equal ones are seen once the masks are one.
    for _ in range(_ROUNDS):
        replaced, gain = _equal_streams(objects)
        if gain < _LEAST_GAIN_BYTES * len(objects) or not gain:
            break
        for thing in objects:
            _redirect(thing, replaced, _DEEP)
        objects = [thing for thing in objects if thing.objgen not in replaced]
        saved += gain
    return saved


def _equal_streams(objects: list[Any]) -> tuple[dict[ObjectId, Any], int]:
    replaced: dict[ObjectId, Any] = {}
    gain = 0
    for same_length in _candidates(objects).values():
        first_of: dict[tuple[bytes, bytes], Any] = {}
        for stream in same_length if len(same_length) > 1 else ():
            try:
                key = hashlib.sha256(stream.read_raw_bytes()).digest(), _dictionary_of(stream)
            except pikepdf.PdfError:
                continue
            kept = first_of.setdefault(key, stream)
            if kept is not stream:
                replaced[stream.objgen] = kept
                gain += int(stream["/Length"])
    return replaced, gain


def _candidates(objects: list[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for thing in objects:
        if isinstance(thing, Stream):
            length = thing.get("/Length")
            if isinstance(length, int) and length >= _LEAST_BYTES:
                found[length].append(thing)
    return found


def _dictionary_of(stream: Any) -> bytes:
    return bytes(Dictionary(dict(stream.items())).unparse())


def _redirect(thing: Any, replaced: dict[ObjectId, Any], deep: int) -> None:
    if isinstance(thing, Dictionary | Stream):
        entries: list[tuple[Any, Any]] = list(thing.items())
    elif isinstance(thing, Array):
        entries = list(enumerate(thing))
    else:
        return
    for key, value in entries:
        if isinstance(value, Stream):
            if value.objgen in replaced:
                thing[key] = replaced[value.objgen]
        elif isinstance(value, Dictionary | Array) and not value.is_indirect and deep:
            _redirect(value, replaced, deep - 1)

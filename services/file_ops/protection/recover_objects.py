"""Find a PDF's objects by their own marks where its table of objects and its catalogue are gone."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from shared.errors import DamagedFile

_OBJECT = re.compile(rb"(?<!\d)(\d{1,9})[ \t\r\n]+(\d{1,5})[ \t\r\n]+obj\b")
_OBJECT_STREAM = re.compile(rb"/Type\s*/ObjStm\b")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_CATALOGUE = re.compile(rb"/Type\s*/Catalog(?![A-Za-z])")
_STREAM = re.compile(rb"stream\r?\n")
_COUNT, _FIRST = re.compile(rb"/N\s+(\d{1,7})"), re.compile(rb"/First\s+(\d{1,9})")
#: An object's dictionary is looked for in this many bytes behind its number.
_HEAD_BYTES = 1 << 16
#: All object streams of a file together may inflate to this much.
_INFLATED_BYTES = 256 << 20


#: Ends a stream and an object that a transfer cut off; readers pass over it elsewhere.
_ENDS = b"\nendstream\nendobj\n"
#: Readers look for the end of a file in this many bytes.
_TAIL_BYTES = 1024


def with_its_end(source: Path, target: Path) -> Path:
    """A copy whose last object ends, for a file that was cut off; else the file itself."""
    data = source.read_bytes()
    if b"%%EOF" in data[-_TAIL_BYTES:]:
        return source
    target.write_bytes(data + _ENDS)
    return target


def with_recovered_objects(source: Path, target: Path, *, keep_catalogue: bool) -> Path:
    """Write a copy that a reader can rebuild: packed objects laid open, a catalogue where there is none.

    Without `keep_catalogue` a new one lists all pages, and what the old one held (outline, forms) is lost.

    Raises:
        DamagedFile: the file is encrypted, or has no page object that could be shown.
    """
    data = source.read_bytes() + _ENDS
    if re.search(rb"/Encrypt\b", data):
        # Packed objects cannot be inflated without the key.
        raise DamagedFile()
    objects = dict(_plain(data))
    unpacked = {number: body for number, body in _packed(data) if number not in objects}
    everything = objects | unpacked
    pages = [number for number, body in everything.items() if _PAGE.search(body)]
    if not pages:
        raise DamagedFile()
    catalogues = [number for number, body in everything.items() if _CATALOGUE.search(body)]
    catalogue = catalogues[0] if catalogues and keep_catalogue else None
    parts = [data.replace(b"startxref", b"%tartxref"), b"\n"]
    parts += [b"%d 0 obj\n%s\nendobj\n" % item for item in unpacked.items()]
    next_number = max(everything) + 1
    if catalogue is None:
        kids = b" ".join(b"%d 0 R" % number for number in pages)
        parts.append(b"%d 0 obj\n<</Type/Pages/Kids[%s]/Count %d>>\nendobj\n" % (next_number, kids, len(pages)))
        parts.append(b"%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\n" % (next_number + 1, next_number))
        catalogue = next_number + 1
    parts.append(b"trailer\n<</Root %d 0 R/Size %d>>\nstartxref\n0\n%%%%EOF\n" % (catalogue, next_number + 2))
    target.write_bytes(b"".join(parts))
    return target


def _plain(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Objects that stand in the file as they are: number and the beginning; later ones replace earlier ones."""
    marks = list(_OBJECT.finditer(data))
    ends = [following.start() for following in marks[1:]] + [len(data)]
    for mark, end in zip(marks, ends, strict=False):
        body = data[mark.end() : min(end, mark.end() + _HEAD_BYTES)]
        yield int(mark[1]), body.partition(b"endobj")[0]


def _packed(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Objects inside of object streams: number and whole body."""
    left_bytes = _INFLATED_BYTES
    for mark in _OBJECT.finditer(data):
        head = data[mark.end() : mark.end() + 1024]
        kind, start = _OBJECT_STREAM.search(head), _STREAM.search(head)
        count, first = _COUNT.search(head), _FIRST.search(head)
        if not (kind and start and count and first):
            continue
        inflater = zlib.decompressobj()
        try:
            inflated = inflater.decompress(data[mark.end() + start.end() :], left_bytes)
        except zlib.error:
            continue
        left_bytes -= len(inflated)
        if left_bytes <= 0:
            return
        yield from _unpacked(inflated, int(count[1]), int(first[1]))


def _unpacked(inflated: bytes, count: int, first: int) -> Iterator[tuple[int, bytes]]:
    try:
        header = [int(number) for number in inflated[:first].split()[: 2 * count]]
    except ValueError:
        return
    numbers, offsets = header[0::2], header[1::2]
    ends = [*offsets[1:], len(inflated) - first]
    for number, offset, end in zip(numbers, offsets, ends, strict=False):
        body = inflated[first + offset : first + end]
        # A packed object holds no marks of its own; what does would break out of its place.
        if b"endobj" not in body and b"stream" not in body:
            yield number, body

"""Packs the object streams and the cross-reference stream of a written PDF anew: fewer, longer, deflated better.

qpdf puts at most 100 objects into an object stream and deflates with zlib. In tagged documents, where most of the
bytes are small dictionaries, longer streams are a quarter smaller.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from services.compression.flate import NotDecodable, deflate_best, inflate

#: A viewer inflates a whole stream for one object, so that streams must not be much longer than deflate's window.
_STREAM_BYTES = 64 << 10
#: From so many bytes in all on, streams are longer: they are deflated at a level that takes less time.
_MANY_BYTES = 2 << 20
_LONG_STREAM_BYTES = 384 << 10
_FREE, _PLAIN, _PACKED = 0, 1, 2
_UP_PREDICTOR = 12

_OBJECT = re.compile(rb"(\d+) 0 obj\s*<<(.*?)>>\s*stream\r?\n", re.DOTALL)
_LINKS = re.compile(rb"/(?:Root|Info) \d+ 0 R|/ID \[\s*<[0-9a-fA-F]*>\s*<[0-9a-fA-F]*>\s*\]")


class UnknownLayout(ValueError):
    """The file is not laid out as qpdf lays out a plain file with object streams."""


@dataclass
class _File:
    """A PDF file and its cross-reference table: kind, place and index of each object, by number."""

    data: mmap.mmap
    table: np.ndarray
    table_number: int
    table_offset: int
    links: bytes


def repack_object_streams(path: Path) -> int:
    """Rewrite the PDF at `path`, as qpdf has written it with object streams, and return the bytes saved.

    Objects keep their numbers and their bytes. Encrypted, linearized and otherwise laid out files stay as they are.
    """
    before_bytes = path.stat().st_size
    draft = path.with_name(f"{path.name}.packed")
    try:
        with (
            path.open("rb") as source,
            mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as data,
            draft.open("wb") as out,
        ):
            _rewrite(_read(data), out)
        saved_bytes = before_bytes - draft.stat().st_size
        if saved_bytes > 0:
            draft.replace(path)
    except (UnknownLayout, NotDecodable, struct.error, IndexError, ValueError):
        return 0
    finally:
        draft.unlink(missing_ok=True)
    return max(saved_bytes, 0)


def _read(data: mmap.mmap) -> _File:
    start = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", data[-64:])
    if not start:
        raise UnknownLayout("no startxref")
    offset = int(start[1])
    number, entries, packed = _stream_at(data, offset)
    if b"/XRef" not in entries or re.search(rb"/(Encrypt|Prev|Index|Linearized)\b", entries):
        raise UnknownLayout("encrypted, linearized or in parts")
    widths = [int(width) for width in _entry(rb"/W\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s*\]", entries)]
    predictor = re.search(rb"/Predictor (\d+)", entries)
    rows = np.frombuffer(inflate(packed), np.uint8)
    if predictor and int(predictor[1]) == _UP_PREDICTOR:
        rows = rows.reshape(-1, sum(widths) + 1)
        if (rows[:, 0] != 2).any():
            raise UnknownLayout("predictor")
        rows = np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8)
    elif predictor:
        raise UnknownLayout("predictor")
    return _File(
        data, _numbers(rows.reshape(-1, sum(widths)), widths), number, offset, b" ".join(_LINKS.findall(entries))
    )


def _numbers(rows: np.ndarray, widths: list[int]) -> np.ndarray:
    """Return the columns of a cross-reference stream as numbers."""
    columns, at = [], 0
    for width in widths:
        column = np.zeros(len(rows), np.int64)
        for byte in range(at, at + width):
            column = column << 8 | rows[:, byte]
        columns.append(column if width else np.full(len(rows), _PLAIN, np.int64))
        at += width
    return np.stack(columns, axis=1)


def _entry(pattern: bytes, entries: bytes) -> tuple[bytes, ...]:
    match = re.search(pattern, entries)
    if not match:
        raise UnknownLayout(pattern.decode())
    return match.groups()


def _stream_at(data: mmap.mmap, offset: int) -> tuple[int, bytes, bytes]:
    """Return number, dictionary and raw bytes of the stream object at `offset`."""
    match = _OBJECT.match(data, offset)
    if not match:
        raise UnknownLayout("no stream")
    length = int(_entry(rb"/Length (\d+)", match[2])[0])
    return int(match[1]), match[2], data[match.end() : match.end() + length]


def _rewrite(file: _File, out: BinaryIO) -> None:
    kinds, places = file.table[:, 0], file.table[:, 1]
    containers = [int(number) for number in np.unique(places[kinds == _PACKED])]
    if not containers:
        raise UnknownLayout("no object streams")
    objects = list(_objects(file, containers))
    if sorted(number for number, _ in objects) != np.flatnonzero(kinds == _PACKED).tolist():
        raise UnknownLayout("object streams and table differ")
    plain = np.flatnonzero(kinds == _PLAIN)
    plain = plain[np.argsort(places[plain], kind="stable")]
    ends = [*places[plain][1:].tolist(), file.table_offset]
    table = np.zeros_like(file.table)
    out.write(file.data[: int(places[plain[0]])])
    rebuilt = {*containers, file.table_number}
    for number, end in zip(plain.tolist(), ends, strict=True):
        if number not in rebuilt:
            table[number] = (_PLAIN, out.tell(), 0)
            out.write(file.data[int(places[number]) : end])
    groups = list(_groups(objects, most=len(containers)))
    if len(groups) > len(containers):
        raise UnknownLayout("more streams than there are numbers for")
    for container, group in zip(containers, groups, strict=False):
        table[container] = (_PLAIN, out.tell(), 0)
        for index, (number, _) in enumerate(group):
            table[number] = (_PACKED, container, index)
        out.write(_object_stream(container, group))
    table[0] = (_FREE, 0, 0)
    table[file.table_number] = (_PLAIN, out.tell(), 0)
    out.write(_table_stream(file, table, out.tell()))


def _objects(file: _File, containers: list[int]) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each packed object."""
    for container in containers:
        if file.table[container][0] != _PLAIN:
            raise UnknownLayout("object stream within an object stream")
        number, entries, packed = _stream_at(file.data, int(file.table[container][1]))
        if number != container or b"/Extends" in entries or b"/FlateDecode" not in entries:
            raise UnknownLayout("object stream")
        data = inflate(packed)
        first = int(_entry(rb"/First (\d+)", entries)[0])
        head = [int(word) for word in data[:first].split()]
        numbers, offsets = head[0::2], [*head[1::2], len(data) - first]
        for own, start, end in zip(numbers, offsets, offsets[1:], strict=False):
            yield own, data[first + start : first + end].strip()


def _groups(objects: list[tuple[int, bytes]], most: int) -> Iterator[list[tuple[int, bytes]]]:
    """Split objects into at most `most` groups: there are no more numbers for streams than qpdf used."""
    total = sum(len(body) for _, body in objects)
    limit = _LONG_STREAM_BYTES if total > _MANY_BYTES else _STREAM_BYTES
    # Every group but the last holds at least the limit.
    limit = max(limit, total // most + 1)
    group: list[tuple[int, bytes]] = []
    group_bytes = 0
    for item in objects:
        group.append(item)
        group_bytes += len(item[1])
        if group_bytes >= limit:
            yield group
            group, group_bytes = [], 0
    if group:
        yield group


def _object_stream(number: int, group: list[tuple[int, bytes]]) -> bytes:
    head, at = [], 0
    for own, body in group:
        head.append(b"%d %d" % (own, at))
        at += len(body) + 1
    first = b" ".join(head) + b"\n"
    packed = deflate_best(first + b"\n".join(body for _, body in group))
    return b"%d 0 obj\n<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        number,
        len(group),
        len(first),
        len(packed),
        packed,
    )


def _table_stream(file: _File, table: np.ndarray, offset: int) -> bytes:
    widths = [1, *((int(table[:, column].max()).bit_length() + 7) // 8 or 1 for column in (1, 2))]
    columns = [
        (table[:, column] >> 8 * byte & 0xFF).astype(np.uint8)
        for column, width in enumerate(widths)
        for byte in reversed(range(width))
    ]
    rows = np.stack(columns, axis=1)
    up = rows.copy()
    up[1:] -= rows[:-1]
    filtered = np.concatenate([np.full((len(rows), 1), 2, np.uint8), up], axis=1)
    packed = deflate_best(filtered.tobytes())
    entries = b"/Type/XRef/Size %d/W[%d %d %d]" % (len(table), widths[0], widths[1], widths[2])
    entries += b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns %d>>" % sum(widths)
    entries += b"%b/Length %d" % (file.links, len(packed))
    head, tail = b"%d 0 obj\n<<%b>>\nstream\n" % (file.table_number, entries), b"startxref\n%d\n%%%%EOF\n" % offset
    return head + packed + b"\nendstream\nendobj\n" + tail

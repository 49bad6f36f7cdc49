"""Streams that no longer inflate: keep what comes before the fault, empty what has nothing before it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Name, Stream

#: A stream is inflated whole to be checked; the limit of `open_document` holds for it already.
_CHUNK_BYTES = 1 << 20


@dataclass
class MendedStreams:
    """How many streams were broken."""

    #: Data up to the fault is kept.
    cut_short: int = 0
    #: Nothing could be read; the stream stays, empty.
    emptied: int = 0

    def __bool__(self) -> bool:
        return bool(self.cut_short or self.emptied)


def mend_streams(pdf: pikepdf.Pdf) -> MendedStreams:
    """Rewrite every stream whose coding is broken. Codings of pictures (JPEG and the like) are not looked into."""
    mended = MendedStreams()
    for stream in pdf.objects:
        if not isinstance(stream, Stream) or stream.get("/Type") == Name.XRef:
            continue
        filters = _filters(stream)
        if filters == ["/FlateDecode"]:
            _mend_deflated(stream, mended)
        elif filters and not _decodes(stream):
            stream.write(b"")
            mended.emptied += 1
    return mended


def _filters(stream: Stream) -> list[str]:
    coding = stream.get("/Filter")
    if coding is None:
        return []
    return [str(name) for name in coding] if isinstance(coding, Array) else [str(coding)]


def _mend_deflated(stream: Stream, mended: MendedStreams) -> None:
    try:
        raw = stream.read_raw_bytes()
    except pikepdf.PdfError:
        raw = b""
    data, whole = _inflated(raw)
    if whole:
        return
    if not data:
        stream.write(b"")
        mended.emptied += 1
        return
    # Rows of a predictor stay as they are: the same parameters undo them.
    parameters: Any = stream.get("/DecodeParms")
    stream.write(zlib.compress(data), filter=Name.FlateDecode, decode_parms=parameters)
    mended.cut_short += 1


def _inflated(raw: bytes) -> tuple[bytes, bool]:
    """All that can be inflated, and whether the stream ended as it should. Streams of no bytes are whole."""
    inflater, parts, rest = zlib.decompressobj(), [], raw
    try:
        while rest and not inflater.eof:
            parts.append(inflater.decompress(rest, _CHUNK_BYTES))
            rest = inflater.unconsumed_tail
    except zlib.error:
        return b"".join(parts), False
    return b"".join(parts), inflater.eof or not raw


def _decodes(stream: Stream) -> bool:
    try:
        stream.read_bytes()
    except pikepdf.PdfError as error:
        # What only a picture decoder understands is none of our business here.
        return "unfilterable" in str(error)
    return True

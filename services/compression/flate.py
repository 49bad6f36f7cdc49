"""Packs the streams of a PDF anew with libdeflate, which deflates smaller than the zlib that most writers use."""

from __future__ import annotations

import binascii
import zlib
from base64 import a85decode
from collections.abc import Callable, Collection

import deflate
import pikepdf
from pikepdf import Array, Name, Stream

from services.compression.lzw import lzw_decode

#: libdeflate's level by the size of the data. On 69 MB of corpus streams level 12 took 2.5 times the CPU of
#: level 10 for 0.3 % fewer bytes, so that it is kept for the small streams, where it costs nothing.
_LEVEL_UP_TO_BYTES = ((16 << 10, 12), (16 << 20, 10), (64 << 20, 8))
_LEVEL_BEYOND = 6
#: A stream that inflates to more than this is a bomb, or too large to be worth the memory: it is left alone.
INFLATE_LIMIT_BYTES = 512 << 20
#: Deflate cannot do better than 1032:1, and nothing real comes near: beyond 100 MB such a ratio means a bomb.
_BOMB_RATIO = 1000
_BOMB_FROM_BYTES = 100 << 20
#: Both copies of a stream stand in memory while it is packed anew.
_REPACK_LIMIT_BYTES = 64 << 20
#: Inflated bytes of all streams of one file that are looked at: bounds the CPU time that a file can take.
_FILE_BUDGET_BYTES = 4 << 30
#: Streams below this many bytes have nothing to give.
_SMALLEST_BYTES = 48
#: What a `/Filter /FlateDecode` costs in the dictionary of a stream that had no filter.
_FILTER_ENTRY_BYTES = 21

_ABBREVIATED = {
    "/AHx": "/ASCIIHexDecode",
    "/A85": "/ASCII85Decode",
    "/LZW": "/LZWDecode",
    "/Fl": "/FlateDecode",
    "/RL": "/RunLengthDecode",
}
_BYTE_FILTERS = frozenset(_ABBREVIATED.values())
_IMAGE_FILTERS = frozenset({"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"})


class NotDecodable(ValueError):
    """The data is damaged, or inflates to more than the budget."""


class TooLarge(NotDecodable):
    """The data inflates to more than the budget."""


def deflate_best(data: bytes) -> bytes:
    """Return `data` as a zlib stream, by the highest level of libdeflate whose CPU time is justified by its size."""
    level = next((level for limit, level in _LEVEL_UP_TO_BYTES if len(data) <= limit), _LEVEL_BEYOND)
    return bytes(deflate.zlib_compress(data, level))


def inflate(data: bytes, limit_bytes: int = INFLATE_LIMIT_BYTES) -> bytes:
    """Return the inflated zlib stream `data`.

    Raises:
        TooLarge: more than `limit_bytes`, or a bomb (over 1000:1 beyond 100 MB).
        NotDecodable: damaged or cut short.
    """
    limit_bytes = min(limit_bytes, max(_BOMB_FROM_BYTES, _BOMB_RATIO * len(data)))
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(data, limit_bytes)
    except zlib.error as error:
        raise NotDecodable(str(error)) from error
    if len(inflated) >= limit_bytes:
        raise TooLarge("beyond the limit")
    if not inflater.eof:
        raise NotDecodable("cut short")
    return inflated


def read_bounded(stream: Stream, limit_bytes: int) -> bytes:
    """Return what `stream` decodes to, without ever inflating more than `limit_bytes` by much.

    Raises:
        TooLarge: more than `limit_bytes`.
        NotDecodable: damaged, or a filter of images.
        pikepdf.PdfError: damaged.
        ValueError: damaged LZW or text encodings.
    """
    filters, parameters = _filters(stream)
    if not set(filters) <= _BYTE_FILTERS:
        raise NotDecodable("not a stream of plain bytes")
    data = stream.read_raw_bytes()
    for name, parameter in zip(filters, parameters, strict=True):
        data = _decode(name, data, parameter, limit_bytes)
        if _predictor(parameter) is not None:
            return stream.read_bytes()  # now that its size is known to be harmless
    if len(data) > limit_bytes:
        raise TooLarge("beyond the limit")
    return data


def repack_streams(pdf: pikepdf.Pdf, finished: Collection[tuple[int, int]] = ()) -> int:
    """Pack every stream with Flate where that makes it smaller, and return the bytes saved.

    Flate is inflated and deflated again; LZW, ASCII85, ASCIIHex, RunLength and unfiltered data become Flate; such a
    wrapping around a JPEG or a fax image is taken off. What a stream decodes to never changes: predictors stay as
    they are. Streams in `finished` (object and generation number) were packed by us already and are skipped.
    """
    budget_bytes = _FILE_BUDGET_BYTES
    saved_bytes = 0
    plain_metadata = _is_pdf_a(pdf)
    for stream in pdf.objects:
        if not isinstance(stream, Stream) or stream.objgen in finished:
            continue
        kind = stream.get("/Type")
        if kind in ("/XRef", "/ObjStm") or (plain_metadata and kind == "/Metadata"):
            continue
        try:
            saved, inflated_bytes = _repack(stream, min(budget_bytes, _REPACK_LIMIT_BYTES))
        except (NotDecodable, pikepdf.PdfError, TypeError, ValueError):
            continue  # damaged or outside of the specification: a viewer may still read it, so it stays as it is
        saved_bytes += saved
        budget_bytes -= inflated_bytes
        if budget_bytes <= 0:
            break
    return saved_bytes


def _is_pdf_a(pdf: pikepdf.Pdf) -> bool:
    metadata = pdf.Root.get("/Metadata")
    try:
        return isinstance(metadata, Stream) and b"pdfaid" in metadata.read_bytes()
    except pikepdf.PdfError:
        return False


def _repack(stream: Stream, limit_bytes: int) -> tuple[int, int]:
    """Repack one stream; return the bytes saved and the bytes that it inflates to."""
    filters, parameters = _filters(stream)
    if not set(filters) <= _BYTE_FILTERS | _IMAGE_FILTERS or "/F" in stream:
        return 0, 0
    if not any(name in _BYTE_FILTERS for name in filters) and filters:
        return 0, 0
    raw = stream.read_raw_bytes()
    if len(raw) < _SMALLEST_BYTES or len(raw) > limit_bytes:
        return 0, 0
    data = raw
    predictor: pikepdf.Dictionary | None = None
    while filters and filters[0] in _BYTE_FILTERS:
        if predictor is not None:
            return 0, 0  # a predictor below another filter: legal, never seen, not worth the code
        predictor = _predictor(parameters[0])
        data = _decode(filters[0], data, parameters[0], limit_bytes)
        filters, parameters = filters[1:], parameters[1:]
    if predictor is not None and filters:
        return 0, 0
    packed = deflate_best(data)
    if filters and len(data) <= len(packed) + _FILTER_ENTRY_BYTES:
        packed = data  # a JPEG's own bytes: the deflating around them gave nothing
    else:
        filters, parameters = ["/FlateDecode", *filters], [predictor, *parameters]
    saved = len(raw) - len(packed) - (0 if "/Filter" in stream else _FILTER_ENTRY_BYTES)
    if saved <= 0:
        return 0, len(data)
    _write(stream, packed, filters, parameters)
    return saved, len(data)


def _filters(stream: Stream) -> tuple[list[str], list[pikepdf.Dictionary | None]]:
    named = stream.get("/Filter")
    names = [str(name) for name in named] if isinstance(named, Array) else [] if named is None else [str(named)]
    names = [_ABBREVIATED.get(name, name) for name in names]
    given = stream.get("/DecodeParms")
    found = list(given) if isinstance(given, Array) else [] if given is None else [given]
    parameters = [entry if isinstance(entry, pikepdf.Dictionary) else None for entry in found]
    return names, (parameters + [None] * len(names))[: len(names)]


def _predictor(parameters: pikepdf.Dictionary | None) -> pikepdf.Dictionary | None:
    """Return the parameters to keep: those of a predictor, without what only LZW knows."""
    if parameters is None or int(parameters.get("/Predictor", 1)) == 1:
        return None
    return pikepdf.Dictionary({key: value for key, value in parameters.items() if key != "/EarlyChange"})


def _decode(name: str, data: bytes, parameters: pikepdf.Dictionary | None, limit_bytes: int) -> bytes:
    if name == "/FlateDecode":
        return inflate(data, limit_bytes)
    if name == "/LZWDecode":
        early_change = int(parameters.get("/EarlyChange", 1)) if parameters is not None else 1
        return lzw_decode(data, limit_bytes, early_change=early_change)
    return _TEXT_DECODERS[name](data, limit_bytes)


def _ascii_hex(data: bytes, _limit_bytes: int) -> bytes:
    digits = b"".join(data.partition(b">")[0].split())
    return binascii.unhexlify(digits + b"0" * (len(digits) % 2))


def _ascii_85(data: bytes, _limit_bytes: int) -> bytes:
    text = data.strip()
    return a85decode(text.removeprefix(b"<~").partition(b"~")[0], ignorechars=b" \t\n\r\v\f\0")


def _run_length(data: bytes, limit_bytes: int) -> bytes:
    out = bytearray()
    position = 0
    while position < len(data) and data[position] != 128:
        length = data[position]
        if length < 128:
            out += data[position + 1 : position + 2 + length]
            position += 2 + length
        else:
            out += data[position + 1 : position + 2] * (257 - length)
            position += 2
        if len(out) > limit_bytes:
            raise TooLarge("beyond the limit")
    return bytes(out)


_TEXT_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "/ASCIIHexDecode": _ascii_hex,
    "/ASCII85Decode": _ascii_85,
    "/RunLengthDecode": _run_length,
}


def _write(stream: Stream, data: bytes, filters: list[str], parameters: list[pikepdf.Dictionary | None]) -> None:
    if len(filters) == 1:
        stream.write(data, filter=Name(filters[0]), decode_parms=parameters[0])
        return
    stream.write(data, filter=Array([Name(name) for name in filters]))
    if any(entry is not None for entry in parameters):
        stream.DecodeParms = Array([pikepdf.Dictionary() if entry is None else entry for entry in parameters])

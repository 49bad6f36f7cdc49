"""Shortens the numbers of content streams to the digits that can be seen: 123.456789 points are 123.46 points."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Object, Stream

from services.compression.flate import NotDecodable, deflate_best, read_bounded
from services.compression.fonts.shown_text import INLINE_IMAGE, NESTED_STRING

#: Streams below this many packed bytes are not worth a look; of others, samples tell.
_SMALLEST_BYTES = 1500
_SAMPLES = 4
_SAMPLE_BYTES = 3072
_LARGEST_BYTES = 64 << 20
#: A point of a drawing may move by this share of the drawing's size: 0.006 pt (2 micrometres) on A4.
_SHARE_OF_SIZE = 1e-5
#: A page larger than this is still looked at closely. In points.
_LARGEST_EXTENT = 1000.0
_LEAST_GAIN = 0.04
_LEAST_GAIN_BYTES = 256

_NUMBER = rb"[-+]?(?:\d+\.?\d*|\.\d+)"
_TOKEN = re.compile(
    rb"((?:" + _NUMBER + rb"\s+)*+)([A-Za-z'\"*]+(?:[01](?![\d.]))?)"
    rb"|" + NESTED_STRING + rb"|<[0-9A-Fa-f\s]*+>|/[^\s()<>\[\]{}/%]*+|%[^\r\n]*+|(?P<unbalanced>\()|[-+.\d]+",
    re.DOTALL,
)
#: The digits after the second decimal of numbers that a path operator follows.
_LONG_POINT = re.compile(rb"\.\d\d(\d+)(?=[-+.\d\s]*\s[mlcvy]\s)")
#: Absolute coordinates: rounding one moves one point and nothing else. Text positions are left out, because
#: viewers snap glyphs to pixels, and rectangles, because they snap clips: there a digit can move a whole pixel.
_POINTS = frozenset({b"m", b"l", b"c", b"v", b"y"})
#: Where a form is hidden behind a zero scale, any number of decimals does.
_DECIMALS_WITHOUT_SCALE = 6


def shorten_numbers(pdf: pikepdf.Pdf) -> int:
    """Round the points of paths in pages and forms to what can be seen and return the bytes saved.

    A point keeps as many decimals as its place needs: the scale of every `cm` around it and the size of the page or
    form count. Everything else stays as it is. Pixels at edges may change by a shade: not for lossless work.
    """
    saved_bytes = 0
    for stream, extent in _drawings(pdf):
        try:
            saved_bytes += _shorten_stream(stream, extent)
        except (NotDecodable, pikepdf.PdfError, TypeError, ValueError):
            continue  # damaged: viewers may still show something, so it stays as it is
    return saved_bytes


def _drawings(pdf: pikepdf.Pdf) -> Iterator[tuple[Stream, float]]:
    """Yield content streams of their own page or form, with the larger side of what they draw on."""
    owners: dict[tuple[int, int], int] = {}
    pages: list[tuple[Stream, float]] = []
    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        parts = [contents] if isinstance(contents, Stream) else list(contents) if isinstance(contents, Array) else []
        for part in parts:
            if isinstance(part, Stream):
                owners[part.objgen] = owners.get(part.objgen, 0) + 1
        # A page in several parts may be cut within an operator, and parts share their graphics state.
        if len(parts) == 1 and isinstance(parts[0], Stream):
            pages.append((parts[0], _extent(page.mediabox)))
    yield from ((stream, extent) for stream, extent in pages if owners[stream.objgen] == 1)
    for item in pdf.objects:
        if isinstance(item, Stream) and item.get("/Subtype") == "/Form" and item.objgen not in owners:
            yield item, _extent(item.get("/BBox"))


def _extent(box: Object | None) -> float:
    try:
        left, bottom, right, top = (float(value) for value in box) if isinstance(box, Array) else (0, 0, 0, 0)
    except (TypeError, ValueError):
        return 0.0
    return min(max(abs(right - left), abs(top - bottom)), _LARGEST_EXTENT)


def _shorten_stream(stream: Stream, extent: float) -> int:
    if extent <= 0:
        return 0
    before_bytes = len(stream.read_raw_bytes())
    if before_bytes < _SMALLEST_BYTES:
        return 0
    data = read_bounded(stream, _LARGEST_BYTES)
    if not _is_promising(data) or INLINE_IMAGE.search(data):
        return 0
    shorter = _Shortening(extent).run(data)
    packed = deflate_best(shorter)
    if len(packed) > min(before_bytes * (1 - _LEAST_GAIN), before_bytes - _LEAST_GAIN_BYTES):
        return 0
    stream.write(packed, filter=pikepdf.Name.FlateDecode)
    return before_bytes - len(packed)


def _is_promising(data: bytes) -> bool:
    """Tell from samples whether enough long coordinates are drawn, which most text pages do not."""
    step = max(len(data) // _SAMPLES, _SAMPLE_BYTES)
    samples = [data[start : start + _SAMPLE_BYTES] for start in range(0, len(data), step)]
    digits = sum(len(found) for sample in samples for found in _LONG_POINT.findall(sample))
    return digits > _LEAST_GAIN * sum(map(len, samples))


class _Shortening:
    """One pass over one content stream, which keeps track of the scale."""

    def __init__(self, extent: float) -> None:
        self._error = extent * _SHARE_OF_SIZE
        self._scale = 1.0
        self._saved: list[float] = []
        self._decimals = self._decimals_at(1.0)

    def run(self, data: bytes) -> bytes:
        return _TOKEN.sub(self._replaced, data)

    def _decimals_at(self, scale: float) -> int:
        """Return how many decimals keep the error below what can be seen where lengths are `scale` times as long."""
        return max(0, math.ceil(math.log10(0.5 * scale / self._error)))

    def _replaced(self, match: re.Match[bytes]) -> bytes:
        operands, operator = match[1], match[2]
        if operator in _POINTS:
            if b"." in operands:
                return b" ".join([_shorter(number, self._decimals) for number in operands.split()]) + b" " + operator
        elif operator == b"q":
            self._saved.append(self._scale)
        elif operator == b"Q":
            self._set_scale(self._saved.pop() if self._saved else self._scale)
        elif operator == b"cm":
            self._magnify(operands)
        elif match["unbalanced"]:
            raise ValueError("string that does not end")
        return match[0]

    def _magnify(self, operands: bytes) -> None:
        values = [float(number) for number in operands.split()]
        if len(values) == 6:
            a, b, c, d = values[:4]
            self._set_scale(self._scale * max(math.hypot(a, b), math.hypot(c, d)))

    def _set_scale(self, scale: float) -> None:
        if scale != self._scale:
            self._scale = scale
            self._decimals = self._decimals_at(scale) if scale > 0 else _DECIMALS_WITHOUT_SCALE


def _shorter(number: bytes, decimals: int) -> bytes:
    """Return `number` rounded; zero only where it was nearly zero already, so that no shape vanishes."""
    _whole, _point, fraction = number.partition(b".")
    if len(fraction) <= decimals:
        return number
    value = float(number)
    text = b"%.*f" % (decimals, value)
    if b"." in text:
        text = text.rstrip(b"0").rstrip(b".")
    if text in (b"0", b"-0"):
        return b"0" if value == 0 else (b"%.*f" % (_first_decimal(value), value))
    return text.replace(b"0.", b".", 1) if text.startswith((b"0.", b"-0.")) else text


def _first_decimal(value: float) -> int:
    return -math.floor(math.log10(abs(value)))

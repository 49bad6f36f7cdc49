"""Writes TIFF files of many pages, one page after the other: nothing of a page stays in memory once it is written."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

import numpy as np
from isal import isal_zlib
from PIL import Image, ImageChops

from services.conversion.page_images.colors import Painted, Pixels, paint
from shared.errors import TooComplex

_STRIP_ROWS = 64
#: Offsets in a TIFF have 32 bits.
_MOST_BYTES = (1 << 32) - 1
_SHORT, _LONG, _RATIONAL = 3, 4, 5
_FORMATS = {_SHORT: "H", _LONG: "I"}
_GROUP4, _DEFLATE = 4, 8
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2


class TiffWriter:
    """One TIFF file; `add` writes a page."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        #: Where the offset of the next directory is to be written.
        self._link = 4
        target.write(b"II*\0" + bytes(4))

    def add(self, pixels: Pixels, dpi: float) -> str:
        """Write one page of rows x columns (gray) or x 3; return how it is kept: `bitonal`, `gray` or `rgb`.

        One-bit pages are coded as fax (group 4), others deflated; no pixel changes.

        Raises:
            TooComplex: the file would pass 4 GB.
        """
        painted = paint(pixels, palettes=False)
        if painted.kind == "bitonal":
            strips, coding, predictor = [_group4(painted)], _GROUP4, 1
            # As fax machines mean it: readers exist that never look at this tag.
            meaning = _WHITE_IS_ZERO
            rows_per_strip = len(pixels)
        else:
            strips, predictor = _deflated(painted)
            coding, rows_per_strip = _DEFLATE, _STRIP_ROWS
            meaning = _RGB if painted.samples == 3 else _BLACK_IS_ZERO
        offsets = [self._write(strip) for strip in strips]
        height, width = pixels.shape[:2]
        self._directory(
            {
                256: (_LONG, [width]),
                257: (_LONG, [height]),
                258: (_SHORT, [painted.bits] * painted.samples),
                259: (_SHORT, [coding]),
                262: (_SHORT, [meaning]),
                273: (_LONG, offsets),
                277: (_SHORT, [painted.samples]),
                278: (_LONG, [rows_per_strip]),
                279: (_LONG, [len(strip) for strip in strips]),
                282: (_RATIONAL, [round(dpi * 100), 100]),
                283: (_RATIONAL, [round(dpi * 100), 100]),
                296: (_SHORT, [2]),
                317: (_SHORT, [predictor]),
            }
        )
        return painted.kind

    def _write(self, data: bytes) -> int:
        """Append and return the offset, which is even as the format wants it."""
        offset = self._target.seek(0, io.SEEK_END)
        if offset + len(data) >= _MOST_BYTES:
            raise TooComplex(
                "The TIFF file would be larger than 4 GB.",
                remedy="Ask for fewer pages, a lower resolution, or one PNG file per page.",
            )
        self._target.write(data + b"\0" * (len(data) % 2))
        return offset

    def _directory(self, entries: dict[int, tuple[int, list[int]]]) -> None:
        body = struct.pack("<H", len(entries))
        for tag, (kind, values) in sorted(entries.items()):
            packed = struct.pack(f"<{len(values)}{_FORMATS.get(kind, 'I')}", *values)
            count = len(values) // 2 if kind == _RATIONAL else len(values)
            if len(packed) > 4:
                packed = struct.pack("<I", self._write(packed))
            body += struct.pack("<HHI", tag, kind, count) + packed.ljust(4, b"\0")
        offset = self._write(body + bytes(4))
        self._target.seek(self._link)
        self._target.write(struct.pack("<I", offset))
        self._link = offset + len(body)


def _deflated(painted: Painted) -> tuple[list[bytes], int]:
    """The strips, and whether they hold differences (predictor 2, for pictures) or samples (1, for text)."""
    height = len(painted.pixels)
    middle = painted.rows(height // 2, min(height, height // 2 + _STRIP_ROWS))
    differ = len(isal_zlib.compress(_differences(middle, painted.samples), 1)) < len(isal_zlib.compress(middle, 1))
    strips = []
    for top in range(0, height, _STRIP_ROWS):
        rows = painted.rows(top, min(top + _STRIP_ROWS, height))
        strips.append(isal_zlib.compress(_differences(rows, painted.samples) if differ else rows.tobytes(), 2))
    return strips, 2 if differ else 1


def _differences(rows: Pixels, samples: int) -> bytes:
    out = np.empty_like(rows)
    out[:, :samples] = rows[:, :samples]
    np.subtract(rows[:, samples:], rows[:, :-samples], out=out[:, samples:])
    return out.tobytes()


def _group4(painted: Painted) -> bytes:
    """The page as one strip of fax data in which paper is zero."""
    picture = Image.fromarray(painted.pixels).convert("1", dither=Image.Dither.NONE)
    out = io.BytesIO()
    strip_bytes = (picture.width + 7) // 8 * picture.height
    ImageChops.invert(picture).save(out, "TIFF", compression="group4", strip_size=strip_bytes)
    with Image.open(io.BytesIO(out.getvalue())) as coded:
        offsets, counts = coded.tag_v2[273], coded.tag_v2[279]  # type: ignore[attr-defined]
    assert len(offsets) == 1, "one strip was asked for"
    return out.getvalue()[offsets[0] : offsets[0] + counts[0]]

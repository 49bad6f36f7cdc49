"""Pictures of a page as files that other documents can hold: JPEGs as they are, anything else as PNG."""

from __future__ import annotations

import ctypes
import io
from dataclasses import dataclass
from typing import Any

import pypdfium2
from PIL import Image

from services.conversion.text.drawings import PlacedPicture
from shared.pdf.reading import pdfium

#: Pictures with more pixels, or in which pdfium would draw more, are left out.
_MOST_PIXELS = 40_000_000
_MOST_RAW_BYTES = 32 << 20
#: No screen or printer shows more of a picture in running text.
_FINEST_DPI = 300
_UPRIGHT = 1e-3
#: Version 1.1, one dot per inch each way, no thumbnail.
_JFIF = bytes.fromhex("ffe000104a46494600010101006000600000")


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture: `kind` is `png` or `jpeg`."""

    data: bytes
    kind: str


def encoded(document: Any, page: Any, placed: PlacedPicture, *, page_rotation: int) -> Picture | None:
    """The picture as a file, as it looks on the page; None where it is too large or broken."""
    width, height = ctypes.c_uint(), ctypes.c_uint()
    known = pdfium.FPDFImageObj_GetImagePixelSize(placed.handle, width, height)
    if not known or not 0 < width.value * height.value <= _MOST_PIXELS:
        return None
    return _as_it_is(placed, page_rotation) or _drawn(document, page, placed, page_rotation)


def _as_it_is(placed: PlacedPicture, page_rotation: int) -> Picture | None:
    """A JPEG's own bytes, where it stands upright on the page and nothing is laid over it."""
    handle = placed.handle
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(handle, matrix)
    turned = page_rotation or abs(matrix.b) + abs(matrix.c) > _UPRIGHT or matrix.a <= 0 or matrix.d <= 0
    if turned or pdfium.FPDFImageObj_GetImageFilterCount(handle) != 1 or pdfium.FPDFPageObj_HasTransparency(handle):
        return None
    length = int(pdfium.FPDFImageObj_GetImageDataRaw(handle, None, 0))
    if not 4 < length <= _MOST_RAW_BYTES:
        return None
    buffer = ctypes.create_string_buffer(length)
    pdfium.FPDFImageObj_GetImageDataRaw(handle, buffer, length)
    if not buffer.raw.startswith(b"\xff\xd8\xff"):
        return None
    data = _with_header(buffer.raw)
    if data is None:
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            # Inks of CMYK JPEGs are often stored inverted: other programs would show a negative.
            return Picture(data, "jpeg") if image.mode in ("RGB", "L") else None
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _with_header(data: bytes) -> bytes | None:
    """A JPEG with the JFIF header that Word documents need; None where that would change its colours."""
    if data[6:10] in (b"JFIF", b"Exif"):
        return data
    # Adobe's marker may say that the colours are RGB; a JFIF header would say that they are not.
    return None if b"Adobe" in data[:2048] else data[:2] + _JFIF + data[2:]


def _drawn(document: Any, page: Any, placed: PlacedPicture, page_rotation: int) -> Picture | None:
    """What pdfium draws of the picture, with its mask, turned as on the page."""
    bitmap = pdfium.FPDFImageObj_GetRenderedBitmap(document, page, placed.handle)
    if not bitmap:
        return None
    wrapped = pypdfium2.PdfBitmap.from_raw(bitmap)
    try:
        if wrapped.width * wrapped.height > _MOST_PIXELS:
            return None
        image = wrapped.to_pil()
        image.load()
        image = image.copy()
    finally:
        wrapped.close()
    if page_rotation:
        image = image.rotate(-page_rotation, expand=True)
    finest = (_pixels(placed.right - placed.left), _pixels(placed.bottom - placed.top))
    image.thumbnail(finest, Image.Resampling.LANCZOS)
    if image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    data = io.BytesIO()
    image.save(data, "PNG", compress_level=3)
    return Picture(data.getvalue(), "png")


def _pixels(points: float) -> int:
    return max(round(points / 72 * _FINEST_DPI), 1)

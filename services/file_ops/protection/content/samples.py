"""The samples of an image, decoded as far as needed to clear some of them, and encoded again."""

from __future__ import annotations

import base64
import io
import re
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image, JpegImagePlugin

Region = npt.NDArray[np.bool_]
_JPEG, _RENDERED = ("/DCTDecode",), ("/JBIG2Decode", "/CCITTFaxDecode", "/JPXDecode")
#: Quality where the source's own tables cannot be used again.
_JPEG_QUALITY_PERCENT = 90
_COMPONENTS = {"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4}


@dataclass
class RawSamples:
    """Rows of packed bits, as the PDF holds them without its filters."""

    rows: npt.NDArray[np.uint8]
    bits_per_pixel: int
    width: int
    #: Entries of the image that no longer hold.
    dropped: tuple[str, ...] = ()
    entries: dict[str, Any] | None = None

    def clear(self, region: Region) -> None:
        """Set every bit under the region to 0."""
        if self.bits_per_pixel % 8 == 0:
            size = self.bits_per_pixel // 8
            pixels = self.rows[:, : self.width * size].reshape(len(self.rows), self.width, size)
            pixels[region] = 0
            return
        touched = np.flatnonzero(region.any(axis=1))
        if not len(touched):
            return
        first, last = int(touched[0]), int(touched[-1]) + 1
        bits = np.unpackbits(self.rows[first:last], axis=1)
        bits[:, : self.width * self.bits_per_pixel][np.repeat(region[first:last], self.bits_per_pixel, axis=1)] = 0
        self.rows[first:last] = np.packbits(bits, axis=1)

    def encode(self) -> tuple[bytes, dict[str, Any]]:
        """The stream's bytes and entries."""
        return zlib.compress(self.rows.tobytes(), 6), {"/Filter": Name.FlateDecode, **(self.entries or {})}


@dataclass
class JpegSamples:
    """A decoded JPEG; encoded again with its own tables, so that pixels that stay hardly change."""

    picture: Any
    tables: Any
    sampling: int
    dropped: tuple[str, ...] = ()

    def clear(self, region: Region) -> None:
        """Blacken the region."""
        self.picture.paste(0 if self.picture.mode == "L" else (0,) * len(self.picture.getbands()), mask=_mask(region))

    def encode(self) -> tuple[bytes, dict[str, Any]]:
        """The stream's bytes and entries."""
        written = io.BytesIO()
        how: dict[str, Any] = {"quality": _JPEG_QUALITY_PERCENT}
        if self.tables:
            how = {"qtables": self.tables, "subsampling": max(self.sampling, 0)}
        self.picture.save(written, "JPEG", optimize=True, **how)
        return written.getvalue(), {"/Filter": Name.DCTDecode}


def _mask(region: Region) -> Image.Image:
    return Image.fromarray(region.astype(np.uint8) * 255)


def decode(pdf: pikepdf.Pdf, image: Any, width: int, height: int) -> RawSamples | JpegSamples | None:
    """The samples of an image, or None where they cannot be had."""
    coding = image.get("/Filter")
    filters = [str(name) for name in coding] if isinstance(coding, Array) else [str(coding)] if coding else []
    if filters and filters[-1] in _JPEG:
        return _jpeg(image, filters, width, height)
    if filters and filters[-1] in _RENDERED:
        return _rendered(image, width, height, keeps_colors=filters[-1] != "/JPXDecode")
    return _raw(image, width, height)


def _raw(image: Any, width: int, height: int) -> RawSamples | None:
    try:
        data = image.read_bytes()
        bits = 1 if image.get("/ImageMask") is True else int(image.get("/BitsPerComponent", 8))
    except (pikepdf.PdfError, TypeError, ValueError):
        return None
    components = 1 if image.get("/ImageMask") is True else _components(image.get("/ColorSpace"))
    if components is None or bits not in (1, 2, 4, 8, 16):
        return None
    row_bytes = (width * components * bits + 7) // 8
    # Renderers take missing rows for zeros.
    data = data[: row_bytes * height].ljust(row_bytes * height, b"\0")
    rows = np.frombuffer(data, np.uint8).reshape(height, row_bytes).copy()
    return RawSamples(rows, components * bits, width)


def _components(space: Any) -> int | None:
    if isinstance(space, Name):
        return _COMPONENTS.get(str(space))
    if not isinstance(space, Array) or not len(space):
        return None
    family = str(space[0])
    if family in ("/Indexed", "/Separation"):
        return 1
    if family == "/ICCBased" and isinstance(space[1], Stream):
        number = space[1].get("/N")
        return number if isinstance(number, int) and number in (1, 3, 4) else None
    if family == "/DeviceN" and isinstance(space[1], Array):
        return len(space[1])
    return _COMPONENTS.get(family)


def _jpeg(image: Any, filters: list[str], width: int, height: int) -> JpegSamples | None:
    try:
        data = image.read_raw_bytes()
        for name in filters[:-1]:
            data = _OUTER[name](data)
        picture: Any = Image.open(io.BytesIO(data))
        if picture.format != "JPEG" or picture.size != (width, height) or picture.mode not in ("L", "RGB", "CMYK"):
            return None
        tables, sampling = picture.quantization, JpegImagePlugin.get_sampling(picture)
        picture.load()
    except (pikepdf.PdfError, KeyError, OSError, ValueError, SyntaxError, zlib.error, Image.DecompressionBombError):
        return None
    return JpegSamples(picture.copy(), tables, sampling)


_OUTER = {
    "/FlateDecode": zlib.decompress,
    "/ASCII85Decode": lambda data: base64.a85decode(b"".join(data.split()).removesuffix(b"~>").removeprefix(b"<~")),
    "/ASCIIHexDecode": lambda data: bytes.fromhex(re.sub(rb"[^0-9A-Fa-f]", b"", data).decode()),
}


def _rendered(image: Any, width: int, height: int, *, keeps_colors: bool) -> RawSamples | None:
    """Decode by drawing one image pixel on one device pixel: pdfium knows the codings that nothing else here does."""
    bitonal = image.get("/ImageMask") is True or (keeps_colors and image.get("/BitsPerComponent", 1) == 1)
    if keeps_colors and not bitonal:
        return None
    holder = pikepdf.new()
    copy = holder.copy_foreign(image) if image.is_indirect else holder.make_stream(image.read_raw_bytes(), image)
    for key in ("/SMask", "/Mask", "/Decode", "/ImageMask", "/Interpolate", "/OC"):
        if key in copy:
            del copy[key]
    if bitonal:
        copy.ColorSpace, copy.BitsPerComponent = Name.DeviceGray, 1
    page = holder.add_blank_page(page_size=(max(width, 3), max(height, 3)))
    page.obj.Resources = Dictionary(XObject=Dictionary(I=copy))
    page.obj.Contents = holder.make_stream(b"%d 0 0 %d 0 0 cm /I Do" % (width, height))
    written = io.BytesIO()
    holder.save(written)
    document = pypdfium2.PdfDocument(written.getvalue())
    try:
        bitmap = document[0].render(scale=1, grayscale=bitonal, no_smoothimage=True)
        pixels = bitmap.to_numpy()[-height:, :width].copy()
    except (pypdfium2.PdfiumError, MemoryError):
        return None
    finally:
        document.close()
    if bitonal:
        return RawSamples(np.packbits(pixels.reshape(height, width) > 127, axis=1), 1, width)
    rows = np.ascontiguousarray(pixels[..., 2::-1]).reshape(height, width * 3)
    colors = {"/ColorSpace": Name.DeviceRGB, "/BitsPerComponent": 8}
    return RawSamples(rows, 24, width, dropped=("/Decode", "/SMaskInData"), entries=colors)

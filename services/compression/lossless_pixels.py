"""Code samples without loss: palettes of 1 to 8 bits, PNG filters row by row, lossless repacking of JPEG."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import Any

import mozjpeg_lossless_optimization
import numpy as np
import numpy.typing as npt
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from services.compression.flate import deflate_best

#: Samples filtered at once: bounds memory whatever the size of the image.
_BAND_BYTES = 8_000_000
#: Beyond this zlib packs in a stream, because libdeflate needs everything in memory at once.
_STREAM_FROM_BYTES = 100_000_000


@dataclass(frozen=True)
class Coded:
    """A coded image and what its dictionary must say."""

    data: bytes
    colour_space: Any
    bits: int
    parameters: Dictionary | None


def code_lossless(image: Image.Image, colour_space: Any, *, indexable: bool) -> Coded:
    """Return the smaller coding of `image` (L, RGB or CMYK): a palette where it has at most 256 colours, else rows.

    `indexable` is false where /Decode or a colour key gives sample values a meaning of their own.
    """
    if indexable and image.mode in ("L", "RGB"):
        palette = image.getcolors(256)
        if palette is not None and (image.mode == "RGB" or len(palette) <= 16):
            return _indexed(image, sorted(_packed_colour(colour) for _, colour in palette), colour_space)
    return _filtered(image, colour_space)


def _packed_colour(colour: float | tuple[int, ...]) -> int:
    if not isinstance(colour, tuple):
        return int(colour)
    red, green, blue = colour
    return red << 16 | green << 8 | blue


def _indexed(image: Image.Image, colours: list[int], base: Any) -> Coded:
    bits = next(bits for bits in (1, 2, 4, 8) if len(colours) <= 1 << bits)
    channels = len(image.getbands())
    index = np.zeros(1 << (8 * channels), np.uint8)
    index[colours] = np.arange(len(colours))
    packed = []
    rows = max(1, _BAND_BYTES // (image.width * 8))
    for top in range(0, image.height, rows):
        band = np.asarray(image.crop((0, top, image.width, min(image.height, top + rows))))
        if channels == 3:
            wide = band.astype(np.uint32)
            band = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
        packed.append(_pack(index[band], bits).tobytes())
    palette = b"".join(colour.to_bytes(channels, "big") for colour in colours)
    space = Array([Name.Indexed, base, len(colours) - 1, pikepdf.String(palette)])
    return Coded(_deflate(b"".join(packed)), space, bits, None)


def _pack(values: npt.NDArray[np.uint8], bits: int) -> npt.NDArray[np.uint8]:
    if bits == 8:
        return values
    per_byte = 8 // bits
    height, width = values.shape
    padded = np.zeros((height, -(-width // per_byte) * per_byte), np.uint8)
    padded[:, :width] = values
    packed = np.zeros((height, padded.shape[1] // per_byte), np.uint8)
    for place in range(per_byte):
        packed |= padded[:, place::per_byte] << (8 - bits * (place + 1))
    return packed


def _filtered(image: Image.Image, colour_space: Any) -> Coded:
    channels = len(image.getbands())
    parameters = Dictionary(Predictor=15, Colors=channels, Columns=image.width, BitsPerComponent=8)
    rows = b"".join(_filter_bands(image))
    return Coded(_deflate(rows), colour_space, 8, parameters)


def _filter_bands(image: Image.Image) -> list[bytes]:
    """PNG rows, each led by its filter. Pillow's PNG writer chooses them in C; at level 0 it packs nothing.

    Each band starts one row early, because a filter looks at the row above; that row is then dropped.
    """
    channels = len(image.getbands())
    row_bytes = image.width * channels + 1
    rows = max(2, _BAND_BYTES // row_bytes)
    # The samples as Pillow stores them: its CMYK is the inverse of the file's, and PNG knows no CMYK.
    bands = []
    for top in range(0, image.height, rows):
        lead = 1 if top else 0
        band = image.crop((0, top - lead, image.width, min(image.height, top + rows)))
        if image.mode == "CMYK":
            band = Image.fromarray(255 - np.asarray(band), "RGBA")
        out = io.BytesIO()
        band.save(out, "PNG", compress_level=0)
        bands.append(zlib.decompress(_png_data(out.getvalue()))[lead * row_bytes :])
    return bands


def _png_data(png: bytes) -> bytes:
    position, parts = 8, []
    while position < len(png):
        length = int.from_bytes(png[position : position + 4], "big")
        if png[position + 4 : position + 8] == b"IDAT":
            parts.append(png[position + 8 : position + 8 + length])
        position += 12 + length
    return b"".join(parts)


def _deflate(data: bytes) -> bytes:
    if len(data) > _STREAM_FROM_BYTES:
        return zlib.compress(data, 9)
    return deflate_best(data)


def estimate_bytes(image: Image.Image) -> int:
    """Return roughly what `code_lossless` would give, from three strips of 24 rows, for pictures of many colours."""
    packed = rows = 0
    for place in (1, 3, 5):
        top = max(0, image.height * place // 6 - 12)
        strip = np.asarray(image.crop((0, top, image.width, min(image.height, top + 24))))
        flat = strip.reshape(strip.shape[0], -1)
        packed += len(zlib.compress(np.diff(flat, axis=0).tobytes(), 1))
        rows += max(flat.shape[0] - 1, 1)
    return packed * image.height // rows


def repack_jpeg(jpeg: bytes) -> bytes | None:
    """Return the same picture in progressive scans with the best Huffman tables, or None where nothing is gained.

    The pixels are compared after decoding: a JPEG that another decoder might read otherwise is not worth 5 %.
    """
    try:
        packed: bytes = mozjpeg_lossless_optimization.optimize(jpeg)
        if len(packed) >= len(jpeg) * 0.99:
            return None
        with Image.open(io.BytesIO(jpeg)) as before, Image.open(io.BytesIO(packed)) as after:
            same = before.mode == after.mode and before.size == after.size and before.mode in ("L", "RGB")
            return packed if same and np.array_equal(np.asarray(before), np.asarray(after)) else None
    except (OSError, SyntaxError, ValueError):
        return None

"""Decode an image XObject to a Pillow image of its samples, with the colour meaning that they keep."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image

from services.compression.image_facts import MAX_IMAGE_PIXELS, ImageFacts, LeftAlone

Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS

_PACKED = {"/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode"}
_MODES = {"gray": "L", "ink": "L", "rgb": "RGB", "cmyk": "CMYK"}

#: Largest difference of two channels, and share of pixels beyond it, for a picture that is still a grey one.
#: JPEG's colour noise around grey is wider than what other codings leave.
_NEUTRAL_SPREAD = {True: 12, False: 4}
_COLOURED_SHARE = 1e-4


@dataclass(frozen=True)
class Raster:
    """Samples of an image: mode L, RGB or CMYK, 8 bits, before its /Decode; `colour_space` is what they mean."""

    image: Image.Image
    colour_space: Any
    #: The samples are all that the file holds: not rounded from 16 bits and not scaled while decoding.
    exact: bool = True


def decode(facts: ImageFacts, wanted_size: tuple[int, int]) -> Raster:
    """Decode the samples of a colour or grey image.

    A JPEG of more than twice `wanted_size` is decoded at a half, quarter or eighth, never below `wanted_size`.

    Raises:
        LeftAlone: the coding, depth or colour is not one whose meaning is certain to survive.
    """
    if facts.colour.model == "unknown" and facts.filters != ("/JPXDecode",):
        raise LeftAlone("colour_space")
    try:
        if facts.is_jpeg:
            return _decode_jpeg(facts, wanted_size)
        if facts.filters == ("/JPXDecode",):
            return _decode_jpeg2000(facts)
        if set(facts.filters) <= _PACKED:
            return _decode_packed(facts)
    except (OSError, SyntaxError, ValueError, pikepdf.PdfError, zlib.error, Image.DecompressionBombError):
        raise LeftAlone("damaged") from None
    raise LeftAlone("coding")


def jpeg_bytes(facts: ImageFacts) -> bytes:
    """Return the JPEG file inside an image, after any text or Flate coding around it.

    Raises:
        LeftAlone: what is around it is not understood.
    """
    parameters = _parameters(facts)
    raw: bytes = facts.xobject.read_raw_bytes()
    if len(facts.filters) == 1:
        return raw
    if not set(facts.filters[:-1]) <= _PACKED:
        raise LeftAlone("coding")
    with pikepdf.new() as scratch:
        outer = Stream(scratch, raw)
        outer.Filter = Array([Name(name) for name in facts.filters[:-1]])
        outer.DecodeParms = Array([Dictionary(dict(entry.items())) for entry in parameters[:-1]])
        return bytes(outer.read_bytes())


def _parameters(facts: ImageFacts) -> list[Dictionary]:
    given = facts.xobject.get("/DecodeParms")
    listed = list(given) if isinstance(given, Array) else [given]
    entries = [entry if isinstance(entry, Dictionary) else Dictionary() for entry in listed]
    return (entries + [Dictionary()] * len(facts.filters))[: len(facts.filters)]


def _decode_jpeg(facts: ImageFacts, wanted_size: tuple[int, int]) -> Raster:
    if facts.colour.palette is not None or facts.bits != 8:
        raise LeftAlone("colour_space")
    picture = Image.open(io.BytesIO(jpeg_bytes(facts)))
    if picture.size != (facts.width, facts.height):
        raise LeftAlone("size_differs")
    if "adobe_transform" not in picture.info:
        # Only an Adobe marker goes before /ColorTransform. Without it a JPEG library takes three components for
        # YCbCr and four for inks.
        assumed = 1 if facts.colour.components == 3 else 0
        if facts.colour.components > 1 and int(_parameters(facts)[-1].get("/ColorTransform", assumed)) != assumed:
            raise LeftAlone("decode_parameters")
    if picture.format != "JPEG" or picture.mode != _MODES[facts.colour.model]:
        raise LeftAlone("colour_space")
    if wanted_size[0] * 2 <= facts.width:
        picture.draft(picture.mode, wanted_size)
    picture.load()
    # Pillow inverts CMYK when it reads and when it writes a JPEG: the samples of the file pass unchanged, and so
    # does the meaning of /Decode.
    return Raster(picture, facts.colour.base, exact=picture.size == (facts.width, facts.height))


def _decode_jpeg2000(facts: ImageFacts) -> Raster:
    if int(facts.xobject.get("/SMaskInData", 0)) or facts.colour.palette is not None or not facts.default_decode:
        raise LeftAlone("jpeg2000_alpha")
    picture = Image.open(io.BytesIO(facts.xobject.read_raw_bytes()))
    if picture.size != (facts.width, facts.height) or picture.mode not in ("L", "RGB"):
        raise LeftAlone("colour_space")
    model = facts.colour.model
    if "/ColorSpace" not in facts.xobject:
        picture.load()
        return Raster(picture, Name.DeviceGray if picture.mode == "L" else Name.DeviceRGB)
    if model == "unknown" or picture.mode != _MODES[model]:
        raise LeftAlone("colour_space")
    picture.load()
    return Raster(picture, facts.colour.base)


def _decode_packed(facts: ImageFacts) -> Raster:
    colour, width, height = facts.colour, facts.width, facts.height
    indexed = colour.palette is not None
    if indexed and not facts.default_decode:
        raise LeftAlone("decode")
    channels = 1 if indexed else colour.components
    row_bytes = (width * channels * facts.bits + 7) // 8
    data = facts.xobject.read_bytes()
    if len(data) < row_bytes * height:
        raise LeftAlone("truncated")
    if facts.bits == 8 and not indexed:
        size = (width, height)
        if colour.model == "cmyk":
            samples = np.frombuffer(data, np.uint8, row_bytes * height).reshape(height, width, 4)
            return Raster(Image.fromarray(255 - samples, "CMYK"), colour.base)
        return Raster(Image.frombytes(_MODES[colour.model], size, data[: row_bytes * height]), colour.base)
    rows = np.frombuffer(data, np.uint8, row_bytes * height).reshape(height, row_bytes)
    values = _unpack(rows, facts.bits, width * channels)
    if indexed:
        return _look_up(values, facts)
    if facts.bits < 8:
        values = values * np.uint8(255 // (2**facts.bits - 1))
    shaped = values.reshape(height, width, channels)
    if colour.model == "cmyk":
        shaped = 255 - shaped
    picture = Image.fromarray(shaped[..., 0] if channels == 1 else shaped, _MODES[colour.model])
    return Raster(picture, colour.base, exact=facts.bits != 16)


def _unpack(rows: npt.NDArray[np.uint8], bits: int, samples: int) -> npt.NDArray[np.uint8]:
    """Return one byte per sample: the value itself up to 8 bits, the high byte of 16."""
    if bits == 8:
        return rows
    if bits == 16:
        return np.ascontiguousarray(rows[:, 0::2])
    if bits not in (1, 2, 4):
        raise LeftAlone("depth")
    per_byte = 8 // bits
    values = np.empty((rows.shape[0], rows.shape[1] * per_byte), np.uint8)
    for place in range(per_byte):
        values[:, place::per_byte] = (rows >> (8 - bits * (place + 1))) & (2**bits - 1)
    return values[:, :samples]


def _look_up(values: npt.NDArray[np.uint8], facts: ImageFacts) -> Raster:
    colour = facts.colour
    assert colour.palette is not None
    channels = colour.components
    # Samples beyond the palette show its last colour in some viewers and black in others: not ours to decide.
    entries = len(colour.palette) // max(channels, 1)
    if not channels or not entries or int(values.max()) >= entries:
        raise LeftAlone("palette")
    table = np.frombuffer(colour.palette, np.uint8, entries * channels).reshape(entries, channels)
    if colour.model == "cmyk":
        table = 255 - table
    if channels == 1:
        return Raster(Image.fromarray(table[:, 0][values], "L"), colour.base)
    return Raster(Image.fromarray(table[values], _MODES[colour.model]), colour.base)


def as_gray(raster: Raster) -> Raster:
    """Return the raster in DeviceGray by luma (ITU-R 601). Inks of a Separation stay what they are."""
    if raster.image.mode == "L":
        return raster
    return Raster(raster.image.convert("RGB").convert("L"), Name.DeviceGray, raster.exact)


def is_neutral(image: Image.Image, *, was_jpeg: bool, exactly: bool) -> bool:
    """Whether an RGB picture holds only greys: every pixel when `exactly`, else within the noise of its coding."""
    if image.mode != "RGB":
        return False
    step = 1 if exactly else 2
    worst, coloured, total, seen = 0, 0, 0.0, 0
    limit = 0 if exactly else _NEUTRAL_SPREAD[was_jpeg]
    for top in range(0, image.height, 512):
        band = np.asarray(image.crop((0, top, image.width, min(image.height, top + 512))))[::step, ::step]
        spread = band.max(axis=2) - band.min(axis=2)
        worst, seen = max(worst, int(spread.max())), seen + spread.size
        coloured, total = coloured + int((spread > limit).sum()), total + float(spread.sum())
        # A photograph shows its colour in the first rows: nothing more to read.
        if coloured > max(_COLOURED_SHARE * image.width * image.height, 0 if exactly else 16):
            return False
    return worst == 0 if exactly else coloured / seen < _COLOURED_SHARE and total / seen < 2.0


def resized(raster: Raster, size: tuple[int, int]) -> Raster:
    """Return the raster at `size` by Lanczos over boxes, without a change of meaning."""
    if raster.image.size == size:
        return raster
    picture = raster.image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return replace(raster, image=picture, exact=False)

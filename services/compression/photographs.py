"""Code a picture as the smallest JPEG that stays above a similarity floor."""

from __future__ import annotations

import functools
import io
import os
from typing import Any

import numpy as np
from PIL import Image

from services.compression.similarity import similarity

# One job uses one core; a thread pool per image would only add start-up.
os.environ.setdefault("VIPS_CONCURRENCY", "1")
try:
    import pyvips
except ImportError:  # without libvips the JPEGs are 8 to 20 % larger, and still right
    pyvips = None  # type: ignore[assignment]

#: From this quality on colour is stored at full resolution.
FULL_COLOUR_FROM_PERCENT = 88
#: Pictures above this are judged by three tiles: the busiest, one from the upper quarter, one from the middle.
_WHOLE_UP_TO_PIXELS = 360_000
_TILE_PX = 384
#: The search stops when it knows the quality to this many steps.
_STEPS_PERCENT = 4


def code_photograph(image: Image.Image, floor: float, quality_percent: tuple[int, int]) -> bytes:
    """Return a JPEG of `image` (L, RGB or CMYK) at the lowest quality in the range whose similarity reaches `floor`.

    Where even the highest quality of the range stays below the floor, that quality is used: the range is the
    caller's.
    """
    return _encode(image, find_quality(image, floor, quality_percent))


def find_quality(image: Image.Image, floor: float, quality_percent: tuple[int, int]) -> int:
    """Return the JPEG quality, in percent, that a bisection on SSIM of luma finds."""
    lowest, highest = quality_percent
    if highest - lowest < _STEPS_PERCENT:
        return highest
    sample = _sample(image)
    reference = _luma(sample)
    while highest - lowest > _STEPS_PERCENT:
        middle = (lowest + highest) // 2
        with Image.open(io.BytesIO(_encode_fast(sample, middle))) as trial:
            close_enough = similarity(reference, _luma(trial)) >= floor
        lowest, highest = (lowest, middle) if close_enough else (middle, highest)
    return highest


def _luma(image: Image.Image) -> Any:
    return np.asarray(image if image.mode == "L" else image.convert("RGB").convert("L"))


def _sample(image: Image.Image) -> Image.Image:
    if image.width * image.height <= _WHOLE_UP_TO_PIXELS:
        return image
    width, height = min(_TILE_PX, image.width), min(_TILE_PX, image.height)
    places = []
    for top in _starts(image.height, height):
        for left in _starts(image.width, width):
            tile = _luma(image.crop((left, top, left + width, top + height)))[::2, ::2].astype(np.int16)
            places.append(
                (float(np.abs(np.diff(tile, axis=1)).mean() + np.abs(np.diff(tile, axis=0)).mean()), left, top)
            )
    places.sort(reverse=True)
    chosen = [places[0], places[len(places) // 4], places[len(places) // 2]]
    sample = Image.new(image.mode, (width, height * len(chosen)))
    for number, (_, left, top) in enumerate(chosen):
        sample.paste(image.crop((left, top, left + width, top + height)), (0, number * height))
    return sample


def _starts(length: int, tile: int) -> list[int]:
    return sorted({round(step * (length - tile) / 4) for step in range(5)})


def _encode(image: Image.Image, quality_percent: int) -> bytes:
    """mozjpeg with trellis quantisation where libvips is there, else libjpeg-turbo."""
    if pyvips is None or image.mode == "CMYK":
        out = io.BytesIO()
        image.save(
            out,
            "JPEG",
            quality=quality_percent,
            optimize=True,
            progressive=True,
            subsampling=_subsampling(image, quality_percent),
        )
        return out.getvalue()
    bands, meaning = (1, "b-w") if image.mode == "L" else (3, "srgb")
    picture = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, bands, "uchar")
    data: bytes = picture.copy(interpretation=meaning).jpegsave_buffer(
        Q=quality_percent,
        optimize_coding=True,
        interlace=True,
        trellis_quant=True,
        overshoot_deringing=True,
        quant_table=3,
        subsample_mode="on" if quality_percent < FULL_COLOUR_FROM_PERCENT else "off",
        keep=0,  # no metadata
    )
    return data


def _encode_fast(image: Image.Image, quality_percent: int) -> bytes:
    """A trial with the tables of the real encoder: the same loss in a twentieth of the time."""
    if pyvips is None or image.mode == "CMYK":
        return _encode(image, quality_percent)
    out = io.BytesIO()
    tables = _tables(quality_percent, image.mode)
    image.save(out, "JPEG", qtables=tables, subsampling=_subsampling(image, quality_percent))
    return out.getvalue()


@functools.cache
def _tables(quality_percent: int, mode: str) -> list[list[int]]:
    with Image.open(io.BytesIO(_encode(Image.new(mode, (16, 16)), quality_percent))) as coded:
        tables: dict[int, list[int]] = coded.quantization  # type: ignore[attr-defined]
    return [list(tables[number]) for number in sorted(tables)]


def _subsampling(image: Image.Image, quality_percent: int) -> int:
    """Pillow's number for 4:2:0, or for 4:4:4 where colour is absent, inks are coded or quality is high."""
    return 2 if image.mode == "RGB" and quality_percent < FULL_COLOUR_FROM_PERCENT else 0

"""Pixels of a page into the bytes of an image file: PNG, JPEG or WebP, in colour, gray or black and white."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

import numpy as np
from PIL import Image

from services.conversion.contracts.convert import ColorMode, Target
from services.conversion.page_images.colors import Pixels, is_gray
from services.conversion.page_images.png import write_png
from shared.media_types import JPEG, PNG, TIFF, WEBP, MediaType
from shared.pdf.drawing import LONGEST_SIDE_PIXELS

#: Writes pixels at a resolution and a quality in percent; returns how they are kept (`rgb`, `gray`, ...).
Encoder = Callable[[BinaryIO, Pixels, float, int], str]

MEDIA_TYPES: dict[Target, MediaType] = {
    Target.PNG: PNG,
    Target.JPEG: JPEG,
    Target.WEBP: WEBP,
    Target.TIFF: TIFF,
}
#: Longest side of each kind, where it ends before pdfium does.
MOST_SIDE_PIXELS: dict[Target, int] = {
    Target.PNG: LONGEST_SIDE_PIXELS,
    Target.JPEG: LONGEST_SIDE_PIXELS,
    Target.WEBP: 16_383,
    Target.TIFF: LONGEST_SIDE_PIXELS,
}
#: Luma from which on a pixel is white paper, of 255.
_WHITE_FROM = 128
#: libwebp's effort from 0 to 6: from here on each step costs half as much again for one to three percent.
_WEBP_EFFORT = 2


def in_mode(pixels: Pixels, mode: ColorMode, *, dithered: bool = False) -> Pixels:
    """The pixels in the colours that were asked for; gray is luma (ITU-R 601), black and white its threshold.

    `dithered`: black and white keep the shades of pictures as patterns of dots (Floyd and Steinberg 1976).
    """
    if mode is ColorMode.COLOR:
        return pixels
    luma = Image.fromarray(np.ascontiguousarray(pixels[..., :3])).convert("L")
    if mode is ColorMode.GRAY:
        return np.asarray(luma)
    if dithered:
        return np.asarray(luma.convert("1")).astype(np.uint8) * np.uint8(255)
    return (np.asarray(luma) >= _WHITE_FROM).astype(np.uint8) * np.uint8(255)


def _png(target: BinaryIO, pixels: Pixels, dpi: float, quality_percent: int) -> str:
    return write_png(target, pixels, dpi)


def _jpeg(target: BinaryIO, pixels: Pixels, dpi: float, quality_percent: int) -> str:
    picture, kind = _picture(pixels)
    picture.save(target, "JPEG", quality=quality_percent, dpi=(dpi, dpi))
    return kind


def _webp(target: BinaryIO, pixels: Pixels, dpi: float, quality_percent: int) -> str:
    kind = "rgba" if pixels.ndim == 3 and pixels.shape[2] == 4 else "rgb"
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    picture.save(target, "WEBP", quality=quality_percent, method=_WEBP_EFFORT)
    return kind


def _picture(pixels: Pixels) -> tuple[Image.Image, str]:
    if pixels.ndim == 3 and not is_gray(pixels):
        return Image.fromarray(pixels), "rgb"
    return Image.fromarray(np.ascontiguousarray(pixels if pixels.ndim == 2 else pixels[..., 0])), "gray"


ENCODERS: dict[Target, Encoder] = {Target.PNG: _png, Target.JPEG: _jpeg, Target.WEBP: _webp}

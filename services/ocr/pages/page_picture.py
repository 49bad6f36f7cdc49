"""Draws a PDF page for an engine, and turns a page into a picture of itself."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name
from PIL import Image

from services.ocr.engines.protocol import PageImage, Pixels
from services.ocr.pages.page_facts import PageFacts
from shared.pdf.drawing import POINTS_PER_INCH, raster_of
from shared.pdf.text_page import Frame

#: Of pages without a picture; and the bounds for those with one: finer tells an engine nothing more.
_USUAL_DPI, _LOWEST_DPI, _HIGHEST_DPI = 300.0, 150.0, 300.0
#: 40 million pixels are 120 MB; an A0 poster is read at 168 dpi.
_MOST_PIXELS = 40_000_000
_QUALITY_PERCENT = 88
#: Red, green and blue of a grey pixel differ by less.
_GRAY_STEPS = 8


@dataclass(frozen=True)
class Picture:
    """A JPEG of a page as it lies in the file, before a viewer turns it."""

    data: bytes
    width_pixels: int
    height_pixels: int
    is_gray: bool


def draw_page(page: pypdfium2.PdfPage, facts: PageFacts) -> PageImage:
    """The page as it is shown, without notes and form fields, at the resolution of its picture.

    Raises UnreadablePage for a page without a size.
    """
    dpi = min(max(facts.picture_dpi or _USUAL_DPI, _LOWEST_DPI), _HIGHEST_DPI)
    width, height = page.get_size()
    inches = max(width * height, 1.0) / POINTS_PER_INCH**2
    raster = raster_of(page, dpi=min(dpi, (_MOST_PIXELS / inches) ** 0.5))
    bitmap = page.render(
        scale=raster.dpi / POINTS_PER_INCH, may_draw_forms=False, draw_annots=False, rev_byteorder=True
    )
    pixels = bitmap.to_numpy()[:, :, :3]
    return PageImage(np.ascontiguousarray(pixels), raster.dpi)


def is_blank(image: PageImage) -> bool:
    """Whether all pixels look alike: nothing that an engine must look at."""
    return int(image.pixels.max()) - int(image.pixels.min()) < 16


def encoded(pixels: Pixels, frame: Frame) -> Picture:
    """A page as it is shown as the picture that its content will be."""
    laid = np.ascontiguousarray(np.rot90(pixels, frame.rotation // 90))
    is_gray = bool((laid.max(2).astype(int) - laid.min(2) < _GRAY_STEPS).all())
    picture = Image.fromarray(laid)
    out = io.BytesIO()
    (picture.convert("L") if is_gray else picture).save(out, "JPEG", quality=_QUALITY_PERCENT, optimize=True)
    return Picture(out.getvalue(), picture.width, picture.height, is_gray)


def become_picture(pdf: pikepdf.Pdf, page: pikepdf.Page, picture: Picture, frame: Frame) -> None:
    """Replace the content of a page by a picture of it; links, fields and notes stay."""
    stream: Any = pdf.make_stream(picture.data)
    stream.Type, stream.Subtype, stream.Filter = Name.XObject, Name.Image, Name.DCTDecode
    stream.Width, stream.Height, stream.BitsPerComponent = picture.width_pixels, picture.height_pixels, 8
    stream.ColorSpace = Name.DeviceGray if picture.is_gray else Name.DeviceRGB
    page.obj.Resources = Dictionary(XObject=Dictionary(Picture=stream))
    width, height = frame.right - frame.left, frame.top - frame.bottom
    place = f"q {width:.4f} 0 0 {height:.4f} {frame.left:.4f} {frame.bottom:.4f} cm /Picture Do Q"
    page.obj.Contents = pdf.make_stream(place.encode())

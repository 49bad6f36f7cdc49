"""Draws a PDF page for an engine, and turns a page into a picture of itself."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name
from PIL import Image

from services.ocr.engines.protocol import PageImage
from services.ocr.pages.page_facts import PageFacts
from shared.pdf.drawing import POINTS_PER_INCH, raster_of
from shared.pdf.text_page import Frame

#: Of pages without a picture; and the bounds for those with one: finer tells an engine nothing more.
_USUAL_DPI, _LOWEST_DPI, _HIGHEST_DPI = 300.0, 150.0, 300.0
#: 40 million pixels are 120 MB; an A0 poster is read at 168 dpi.
_MOST_PIXELS = 40_000_000
_QUALITY_PERCENT = 88


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


def become_picture(pdf: pikepdf.Pdf, page: pikepdf.Page, image: PageImage, frame: Frame) -> None:
    """Replace the content of a page by a picture of it; links, fields and notes stay."""
    # The picture is drawn on the page as it lies in the file, before the viewer turns it.
    pixels = np.ascontiguousarray(np.rot90(image.pixels, frame.rotation // 90))
    out = io.BytesIO()
    picture = Image.fromarray(pixels)
    is_gray = bool((pixels.max(2).astype(int) - pixels.min(2) < 8).all())
    (picture.convert("L") if is_gray else picture).save(out, "JPEG", quality=_QUALITY_PERCENT)
    stream: Any = pdf.make_stream(out.getvalue())
    stream.Type, stream.Subtype, stream.Filter = Name.XObject, Name.Image, Name.DCTDecode
    stream.Width, stream.Height, stream.BitsPerComponent = picture.width, picture.height, 8
    stream.ColorSpace = Name.DeviceGray if is_gray else Name.DeviceRGB
    page.obj.Resources = Dictionary(XObject=Dictionary(Picture=stream))
    width, height = frame.right - frame.left, frame.top - frame.bottom
    place = f"q {width:.4f} 0 0 {height:.4f} {frame.left:.4f} {frame.bottom:.4f} cm /Picture Do Q"
    page.obj.Contents = pdf.make_stream(place.encode())

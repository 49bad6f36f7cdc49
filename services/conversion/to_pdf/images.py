"""Pictures as pages: JPEG, PNG and fax data go into the PDF as they are, everything else without loss.

Rules, which the result names where they acted: each frame of a TIFF, GIF or WebP is a page; EXIF orientation turns
the page, not the pixels; transparency stays, over white paper; of 16 bits a colour with transparency, and of 16-bit
colour TIFFs, 8 are kept, because Pillow reads no more.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import img2pdf  # type: ignore[import-untyped,unused-ignore]
import pikepdf
from PIL import Image

from services.conversion.contracts.convert import PageSize
from services.conversion.to_pdf.image_parts import Notes, Part, UnsupportedImage, read_parts, resolution_dpi
from services.conversion.to_pdf.paper import PAPER_POINTS
from shared.errors import BinderyError, TooComplex
from shared.operation import Report, Result, ignore

#: Most pixels of one frame: 600 MB of colour.
MAX_PIXELS = 200_000_000
#: Most frames, and most pixels of all together.
_MAX_FRAMES = 5_000
_MAX_PIXELS_TOGETHER = 4_000_000_000
#: Viewers refuse pages outside of these (ISO 32000-1, annex C).
_SHORTEST_POINTS, _LONGEST_POINTS = 3.0, 14_400.0
_MARGIN_POINTS = 36.0


# What it warns of (transparency, mirrored pages) is settled here.
logging.getLogger("img2pdf").setLevel(logging.ERROR)


class ImageTooLarge(TooComplex):
    """The image has more pixels than this server takes."""

    code = "image_too_large"
    remedy = "Send an image with fewer pixels or fewer frames; the message names the limit."


def images_to_pdf(source: Path, target: Path, page_size: PageSize, *, report: Report = ignore) -> Result:
    """Write a PDF with a page per frame of an image, and return what was done.

    Pages have the size that pixels and resolution give (96 dpi where none is named), or are A4 or Letter sheets
    that hold the image with margins of half an inch.

    Raises:
        ImageTooLarge: refused from its header, before anything was decoded.
        UnsupportedImage: it does not open, or a frame does not decode.
    """
    notes = Notes()
    with _pillow_limits():
        try:
            with Image.open(source) as image:
                sizes = _check_sizes(image)
                parts = []
                for number, part in enumerate(read_parts(image, source, notes), start=1):
                    report(number, len(sizes), "Reading frames")
                    parts.append(part)
            with target.open("wb") as out:
                img2pdf.convert(
                    [part.data for part in parts],
                    outputstream=out,
                    rotation=img2pdf.Rotation.ifvalid,
                    layout_fun=partial(_layout, page_size),
                )
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _too_many_pixels() from error
        except (BinderyError, MemoryError):
            raise
        except Exception as error:
            # Pillow's and img2pdf's readers raise whatever comes, a bare Exception too, on headers that lie.
            raise UnsupportedImage() from error
    _mirror(target, parts)
    return {
        "made_by": "img2pdf",
        "frames": len(parts),
        "embedded_as_is": notes.embedded_as_is,
        "recoded_without_loss": notes.recoded,
        "notes": notes.found,
    }


@contextmanager
def _pillow_limits() -> Iterator[None]:
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _too_many_pixels() -> ImageTooLarge:
    return ImageTooLarge(f"The image has a frame of more than {MAX_PIXELS // 1_000_000} million pixels.")


def _check_sizes(image: Any) -> list[tuple[int, int]]:
    """The size of every frame, from the headers."""
    sizes: list[tuple[int, int]] = []
    frames = getattr(image, "n_frames", 1)
    if frames > _MAX_FRAMES:
        raise ImageTooLarge(f"The image has {frames} frames; the limit is {_MAX_FRAMES}.")
    for number in range(frames):
        # Only TIFFs have frames of different sizes; seeking in others would decode them.
        if number and image.format == "TIFF":
            image.seek(number)
        sizes.append(image.size)
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels()
    if sum(width * height for width, height in sizes) > _MAX_PIXELS_TOGETHER:
        raise ImageTooLarge(f"The frames have more than {_MAX_PIXELS_TOGETHER // 10**9} billion pixels together.")
    image.seek(0)
    return sizes


def _layout(page_size: PageSize, width_px: int, height_px: int, dpi: Any) -> tuple[float, float, float, float]:
    """Page and image sizes in points, before the page is turned."""
    across, down = resolution_dpi(dpi)
    width, height = 72 * width_px / across, 72 * height_px / down
    if page_size is PageSize.FIT:
        scale = max(_SHORTEST_POINTS / min(width, height), 1.0)
        scale = min(scale, _LONGEST_POINTS / max(width, height))
        return (
            max(width * scale, _SHORTEST_POINTS),
            max(height * scale, _SHORTEST_POINTS),
            width * scale,
            height * scale,
        )
    page_width, page_height = PAPER_POINTS[page_size]
    if width > height:
        page_width, page_height = page_height, page_width
    scale = min((page_width - 2 * _MARGIN_POINTS) / width, (page_height - 2 * _MARGIN_POINTS) / height)
    return page_width, page_height, width * scale, height * scale


def _mirror(target: Path, parts: list[Part]) -> None:
    """Turn over the pages whose EXIF orientation mirrors: img2pdf only rotates."""
    if not any(part.mirrored_turn is not None for part in parts):
        return
    with pikepdf.open(target, allow_overwriting_input=True) as pdf:
        for page, part in zip(pdf.pages, parts, strict=True):
            if part.mirrored_turn is not None:
                width = float(page.mediabox[2])
                page.contents_add(f"q -1 0 0 1 {width:.4f} 0 cm".encode(), prepend=True)
                page.contents_add(b"Q")
                page.rotate(part.mirrored_turn, relative=False)
        pdf.save(target)

"""Makes a PDF of a picture file, a page per frame, without loss: JPEG, PNG and fax data go in as they are."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import img2pdf  # type: ignore[import-untyped,unused-ignore]
from PIL import Image, ImageOps

from shared.errors import DamagedFile, TooComplex

#: Most pixels of one frame, and most frames.
_MOST_PIXELS, _MOST_FRAMES = 200_000_000, 2000
#: Where a picture names no resolution, or one that no scanner has. Text is then mostly of a natural size.
_DEFAULT_DPI, _LOWEST_DPI, _HIGHEST_DPI = 150.0, 30.0, 2400.0
#: PDF pages are no longer than this (ISO 32000-1, annex C).
_LONGEST_POINTS, _SHORTEST_POINTS = 14_400.0, 3.0

# What it warns of is settled here.
logging.getLogger("img2pdf").setLevel(logging.ERROR)
Image.MAX_IMAGE_PIXELS = _MOST_PIXELS


class PictureUnreadable(DamagedFile):
    """The picture cannot be read: it is damaged, or of a variant that is not supported."""

    code = "image_unreadable"
    remedy = "Check that the picture opens in a viewer; saving it as PNG or JPEG helps with rare variants."


def picture_to_pdf(source: Path, target: Path) -> None:
    """Write a PDF with a page per frame of a TIFF, and one page for other pictures.

    Raises:
        PictureUnreadable: Pillow makes nothing of it.
        TooComplex: it has too many pixels or frames.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(source) as picture:
                parts = list(_parts(picture, source))
            with target.open("wb") as out:
                img2pdf.convert(parts, outputstream=out, rotation=img2pdf.Rotation.ifvalid, layout_fun=_layout)
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (TooComplex, MemoryError):
        raise
    except Exception as error:
        # Pillow's and img2pdf's readers raise whatever comes, a bare Exception too, on headers that lie.
        raise PictureUnreadable() from error


def _too_large() -> TooComplex:
    return TooComplex(f"The picture has more than {_MOST_PIXELS // 1_000_000} million pixels.")


def _parts(picture: Any, source: Path) -> Iterator[bytes]:
    if picture.width * picture.height > _MOST_PIXELS:
        raise _too_large()
    if picture.format in ("JPEG", "MPO"):
        yield source.read_bytes()
        return
    frames = int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1
    if frames > _MOST_FRAMES:
        raise TooComplex(f"The picture has {frames} frames; the limit is {_MOST_FRAMES}.")
    as_it_is = picture.format == "PNG" and picture.mode in ("1", "L", "RGB") and "transparency" not in picture.info
    if as_it_is and not picture.info.get("interlace"):
        yield source.read_bytes()
        return
    for number in range(frames):
        picture.seek(number)
        if picture.width * picture.height > _MOST_PIXELS:
            raise _too_large()
        yield _packed(picture)


def _packed(picture: Any) -> bytes:
    """A frame as a file that img2pdf embeds as it is: fax for black and white, else PNG or, for CMYK, TIFF."""
    out, dpi = BytesIO(), picture.info.get("dpi")
    kept = {"dpi": dpi} if dpi else {}
    frame = ImageOps.exif_transpose(picture)
    if frame.mode == "1":
        frame.save(out, "TIFF", compression="group4", strip_size=1 << 30, **kept)
    elif frame.mode == "CMYK":
        frame.save(out, "TIFF", **kept)
    else:
        if frame.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in frame.info:
            paper = Image.new("RGBA", frame.size, "white")
            paper.alpha_composite(frame.convert("RGBA"))
            frame = paper.convert("RGB")
        elif frame.mode not in ("L", "RGB", "P", "I;16"):
            frame = frame.convert("L" if frame.mode in ("F", "I") else "RGB")
        frame.save(out, "PNG", compress_level=6, **kept)
    return out.getvalue()


def _layout(width_px: int, height_px: int, dpi: Any) -> tuple[float, float, float, float]:
    """Page and image sizes in points."""
    across, down = (float(one) if one and _LOWEST_DPI <= one <= _HIGHEST_DPI else _DEFAULT_DPI for one in dpi or (0, 0))
    width, height = 72 * width_px / across, 72 * height_px / down
    scale = min(_LONGEST_POINTS / max(width, height), max(_SHORTEST_POINTS / min(width, height), 1.0))
    return width * scale, height * scale, width * scale, height * scale

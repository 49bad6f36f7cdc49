"""The frames of a picture file (PNG, JPEG, TIFF, WebP, BMP, GIF) as pages: upright, in sRGB, their pixels kept."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image, ImageCms, ImageOps

from services.conversion.page_images.sizes import Size
from shared.errors import DamagedFile, TooComplex
from shared.pdf.drawing import MAX_PIXELS, Pixels, Raster
from shared.pdf.reading import UnreadablePage

Image.MAX_IMAGE_PIXELS = MAX_PIXELS

#: Of a picture that does not say its resolution, and of one that says nonsense.
_DPI = 96.0
_SENSIBLE_DPI = (10.0, 10_000.0)
_DAMAGES = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError)


@contextmanager
def open_picture(source: Path) -> Iterator[Image.Image]:
    """Open a picture file with Pillow, its pixels not read yet.

    Raises:
        DamagedFile: Pillow makes nothing of it.
        TooComplex: it has more than 100 million pixels.
    """
    try:
        with warnings.catch_warnings():
            # Half-broken metadata is common, and does no harm to the pixels.
            warnings.simplefilter("ignore")
            picture = Image.open(source)
    except Image.DecompressionBombError:
        raise _too_large() from None
    except _DAMAGES as error:
        raise DamagedFile("The picture cannot be read.") from error
    with picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise _too_large()
        yield picture


def _too_large() -> TooComplex:
    return TooComplex(f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels.")


class PicturePages:
    """An open picture file."""

    notes: list[str]

    def __init__(self, picture: Image.Image) -> None:
        self._picture = picture
        self.count = int(getattr(picture, "n_frames", 1))
        self.notes = []

    def draw(self, index: int, size: Size, *, transparent: bool = False) -> tuple[Pixels, Raster]:
        """A frame, counted from 0, scaled where `size` says so. Raises UnreadablePage."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self._drawn(index, size, transparent=transparent)
        except Image.DecompressionBombError:
            raise _too_large() from None
        except _DAMAGES:
            raise UnreadablePage(f"frame {index + 1}") from None

    def _drawn(self, index: int, size: Size, *, transparent: bool) -> tuple[Pixels, Raster]:
        self._picture.seek(index)
        own_dpi = _own_dpi(self._picture)
        raster = _raster(self._picture, own_dpi, size)
        if self._picture.format == "JPEG" and raster.width * 2 <= self._picture.width:
            # Decodes at a half, quarter or eighth, never below what is asked for.
            self._picture.draft(None, (raster.width, raster.height))
        frame = _in_bytes(self._picture)
        if frame.size != (raster.width, raster.height):
            frame = frame.resize((raster.width, raster.height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        frame = _in_srgb(ImageOps.exif_transpose(frame))
        pixels = np.asarray(frame.convert("RGBA") if transparent else _on_paper(frame))
        return pixels, Raster(frame.width, frame.height, raster.dpi, raster.lowered)


def _own_dpi(picture: Image.Image) -> float:
    try:
        dpi = float(cast(tuple[float, float], picture.info.get("dpi", (_DPI, _DPI)))[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return _DPI
    return dpi if _SENSIBLE_DPI[0] <= dpi <= _SENSIBLE_DPI[1] else _DPI


def _raster(picture: Image.Image, own_dpi: float, size: Size) -> Raster:
    width, height = picture.size
    wanted = 1.0 if size.dpi is None else size.dpi / own_dpi
    if size.long_edge_pixels is not None:
        wanted = size.long_edge_pixels / max(width, height)
    most = min((MAX_PIXELS / (width * height)) ** 0.5, size.most_side_pixels / max(width, height))
    scale = min(wanted, most)
    columns, rows = (max(1, round(side * scale)) for side in (width, height))
    return Raster(columns, rows, own_dpi * scale, lowered=wanted > most)


def _in_bytes(picture: Image.Image) -> Image.Image:
    """A copy with 8 bits a sample in L, RGB, RGBA or CMYK."""
    mode = picture.mode
    if mode.startswith("I;16") or mode == "I":
        # 16 bits of gray; Pillow opens them in either mode.
        gray = Image.fromarray((np.asarray(picture).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
        gray.info.update(picture.info)
        return gray
    if mode in ("L", "RGB", "RGBA", "CMYK"):
        return picture.copy()
    if mode in ("1", "F"):
        return picture.convert("L")
    if mode in ("LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("RGB")


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            done = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except ImageCms.PyCMSError:
            done = None  # a broken profile, or one for other samples: as if there were none
        if done is not None:
            return done
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _on_paper(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper

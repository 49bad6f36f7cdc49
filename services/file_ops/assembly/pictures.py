"""Pictures as PDF pages: JPEGs as they are, everything else without loss."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageOps, ImageSequence

from shared.errors import DamagedFile, TooComplex

#: Pixels of one picture: uncompressed some 900 MB, within the memory of a child.
_MOST_PIXELS = 150_000_000
_MOST_FRAMES = 2000
#: Where a picture does not say its resolution: what screens were long taken to have.
_DEFAULT_DPI = 96
_POINTS_PER_INCH = 72
#: Sides that PDF readers are sure to show (ISO 32000-1, annex C).
_SHORTEST_POINTS, _LONGEST_POINTS = 3.0, 14_400.0
_SPACES = {"1": Name.DeviceGray, "L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}
#: EXIF orientations that a page can express by turning; the mirrored ones are drawn anew.
_TURNS_DEGREES = {1: 0, 3: 180, 6: 90, 8: 270}
_ORIENTATION = 0x0112


@contextmanager
def picture_document(source: Path) -> Iterator[pikepdf.Pdf]:
    """The picture as a document, one page for each of its frames, in its own resolution.

    Raises:
        DamagedFile: it cannot be read to its end.
        TooComplex: it has too many pixels or frames.
    """
    with pikepdf.new() as pdf:
        try:
            with warnings.catch_warnings():
                # Pillow warns at half of its own limit; ours is checked for every frame.
                warnings.simplefilter("ignore")
                with Image.open(source) as picture:
                    for number, frame in enumerate(ImageSequence.Iterator(picture)):
                        if number >= _MOST_FRAMES or frame.width * frame.height > _MOST_PIXELS:
                            raise TooComplex(_LIMITS)
                        _add_page(pdf, frame, source)
        except Image.DecompressionBombError as error:
            raise TooComplex(_LIMITS) from error
        # Pillow's readers raise what their formats' damage leads them to.
        except (OSError, ValueError, SyntaxError, KeyError, IndexError, TypeError, EOFError, zlib.error) as error:
            raise DamagedFile() from error
        yield pdf


_LIMITS = f"A picture may have {_MOST_PIXELS // 1_000_000} million pixels and {_MOST_FRAMES} frames."


def _add_page(pdf: pikepdf.Pdf, frame: Image.Image, source: Path) -> None:
    width, height = (
        min(max(pixels * _POINTS_PER_INCH / dpi, _SHORTEST_POINTS), _LONGEST_POINTS)
        for pixels, dpi in zip(frame.size, _resolution(frame), strict=True)
    )
    orientation = frame.getexif().get(_ORIENTATION, 1)
    if frame.format == "JPEG" and frame.mode in _SPACES and orientation in _TURNS_DEGREES:
        stream = _as_it_is(pdf, frame, source)
    else:
        upright = ImageOps.exif_transpose(frame)
        if orientation > 4:
            width, height = height, width
        orientation, stream = 1, _without_loss(pdf, upright)
    page = pdf.add_blank_page(page_size=(width, height)).obj
    page["/Contents"] = pdf.make_stream(f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Im0 Do Q".encode())
    page["/Resources"] = Dictionary(XObject=Dictionary(Im0=stream))
    if orientation != 1:
        page["/Rotate"] = _TURNS_DEGREES[orientation]


def _resolution(frame: Image.Image) -> tuple[float, float]:
    found = frame.info.get("dpi")
    if isinstance(found, tuple) and len(found) == 2 and all(1 < float(dpi) < 100_000 for dpi in found):
        # PNG counts in metres: 72 dpi come back as 72.009.
        return round(float(found[0]), 1), round(float(found[1]), 1)
    return _DEFAULT_DPI, _DEFAULT_DPI


def _as_it_is(pdf: pikepdf.Pdf, frame: Image.Image, source: Path) -> Any:
    # Reading it once tells a damaged file from a sound one: viewers would show half a picture.
    frame.load()
    stream = pdf.make_stream(source.read_bytes())
    _describe(pdf, stream, frame, frame.mode, bits=8)
    stream["/Filter"] = Name.DCTDecode
    if frame.mode == "CMYK" and "adobe" in frame.info:
        # Adobe's programs write inks inverted and say so only by their own marker.
        stream["/Decode"] = Array([1, 0] * 4)
    return stream


def _without_loss(pdf: pikepdf.Pdf, frame: Image.Image) -> Any:
    mask = None
    if frame.has_transparency_data:
        frame = frame.convert("RGBA")
        mask = frame.getchannel("A")
        frame = frame.convert("RGB")
    elif frame.mode.startswith(("I", "F")):
        frame = (
            frame.point(lambda value: value / 256).convert("L") if frame.mode.startswith("I") else frame.convert("L")
        )
    elif frame.mode not in _SPACES:
        frame = frame.convert("RGB")
    stream = _packed(pdf, frame)
    if mask is not None:
        stream["/SMask"] = _packed(pdf, mask)
    return stream


def _packed(pdf: pikepdf.Pdf, frame: Image.Image) -> Any:
    stream = pdf.make_stream(zlib.compress(frame.tobytes(), 6))
    _describe(pdf, stream, frame, frame.mode, bits=1 if frame.mode == "1" else 8)
    stream["/Filter"] = Name.FlateDecode
    return stream


def _describe(pdf: pikepdf.Pdf, stream: Any, frame: Image.Image, mode: str, *, bits: int) -> None:
    stream["/Type"], stream["/Subtype"] = Name.XObject, Name.Image
    stream["/Width"], stream["/Height"] = frame.size
    stream["/BitsPerComponent"] = bits
    stream["/ColorSpace"] = _SPACES[mode]
    profile = frame.info.get("icc_profile")
    components = len(Image.new(mode, (1, 1)).getbands())
    if isinstance(profile, bytes) and profile[16:20] == {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}[components] and bits == 8:
        held = pdf.make_stream(profile)
        held["/N"] = components
        stream["/ColorSpace"] = Array([Name.ICCBased, held])

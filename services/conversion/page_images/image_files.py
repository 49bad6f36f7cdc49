"""An image XObject as a file: JPEG and JPEG 2000 as they are stored, everything else as PNG at its own size."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image

from services.conversion.page_images.jpeg_files import with_profile
from services.conversion.page_images.png import write_png
from shared.media_types import JP2, JPEG, PNG, MediaType
from shared.pdf.drawing import MAX_PIXELS, POINTS_PER_INCH, Raster, draw

#: Codings without loss around another one, which can be taken off.
_WRAPPINGS = frozenset({"/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode"})
_ABBREVIATED = {"/DCT": "/DCTDecode", "/Fl": "/FlateDecode", "/LZW": "/LZWDecode", "/CCF": "/CCITTFaxDecode"}
_MODE_COMPONENTS = {"L": 1, "RGB": 3, "CMYK": 4}


class NotExtractable(Exception):
    """Nothing can be made of this image; the text says why."""


@dataclass(frozen=True)
class Facts:
    """What the dictionary of an image says."""

    image: Any
    width: int
    height: int
    filters: tuple[str, ...]
    has_mask: bool
    is_stencil: bool
    #: Components of a device, calibrated or ICC colour space; None for all others (Indexed, Separation, Lab, ...).
    components: int | None
    profile: Any | None
    decode: tuple[float, ...]


@dataclass(frozen=True)
class Extracted:
    """One image as a file of its own."""

    kind: MediaType
    data: bytes
    #: Why it does not stand here as it is stored; None where it does.
    converted: str | None


def facts_of(image: Any) -> Facts:
    """Read the dictionary of an image XObject. Raises NotExtractable for one that is malformed."""
    try:
        width, height = int(image.Width), int(image.Height)
        decode = tuple(float(value) for value in image.get("/Decode", ()))
        coding = image.get("/Filter")
        names = [str(name) for name in coding] if isinstance(coding, Array) else [str(coding)] if coding else []
    except (AttributeError, TypeError, ValueError):
        raise NotExtractable("its dictionary is malformed") from None
    if width < 1 or height < 1:
        raise NotExtractable("its dictionary is malformed")
    components, profile = _colour(image.get("/ColorSpace"))
    has_mask = "/SMask" in image or "/Mask" in image or _number(image.get("/SMaskInData")) > 0
    filters = tuple(_ABBREVIATED.get(name, name) for name in names)
    stencil = bool(image.get("/ImageMask", False))
    return Facts(image, width, height, filters, has_mask, stencil, components, profile, decode)


def extract(facts: Facts, dpi: float | None, *, as_png: bool, with_mask: bool) -> Extracted:
    """The image as a file: as stored where its meaning allows, else drawn at its own size, pixel for pixel.

    Raises NotExtractable.
    """
    masked = facts.has_mask and with_mask
    why = "PNG was asked for" if as_png else "its mask" if masked else None
    if why is None:
        try:
            return _as_stored(facts)
        except _MustBeDrawn as reason:
            why = str(reason)
    return Extracted(PNG, _drawn(facts, dpi or POINTS_PER_INCH, with_mask=masked), why)


class _MustBeDrawn(Exception):
    """A file of the stored bytes would look different, or there is no kind of file for them."""


def _as_stored(facts: Facts) -> Extracted:
    coding = facts.filters[-1] if facts.filters else "/None"
    if coding not in ("/DCTDecode", "/JPXDecode"):
        raise _MustBeDrawn(f"{coding.lstrip('/')} data is no image file")
    if coding == "/JPXDecode":
        if facts.components is None and "/ColorSpace" in facts.image:
            raise _MustBeDrawn("its color space")
        return Extracted(JP2, _unwrapped(facts), None)
    data = _unwrapped(facts)
    _check_meaning(facts, data)
    if facts.profile is not None:
        try:
            data = with_profile(data, facts.profile.read_bytes())
        except pikepdf.PdfError:
            raise _MustBeDrawn("its color profile") from None
    return Extracted(JPEG, data, None)


def _check_meaning(facts: Facts, data: bytes) -> None:
    """Whether a viewer of JPEG files shows what a viewer of the PDF shows."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            components, is_adobe = _MODE_COMPONENTS.get(picture.mode), "adobe" in picture.info
            size = picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _MustBeDrawn("its JPEG data is damaged") from None
    if components != facts.components or size != (facts.width, facts.height):
        raise _MustBeDrawn("its color space")
    parameters = facts.image.get("/DecodeParms")
    last = parameters[-1] if isinstance(parameters, Array) and len(parameters) else parameters
    # Only Adobe's mark goes before this entry; without both, three components are YCbCr (ISO 32000-2, table 13).
    assumed = 1 if components == 3 else 0
    if isinstance(last, Dictionary) and not is_adobe and _number(last.get("/ColorTransform", assumed)) != assumed:
        raise _MustBeDrawn("its color transform")
    inverted = facts.decode == (1, 0) * (components or 0)
    if facts.decode and not inverted and facts.decode != (0, 1) * (components or 0):
        raise _MustBeDrawn("its range of samples")
    # Viewers take four components with Adobe's mark for inverted, others for plain; gray and RGB never are.
    if inverted != (components == 4 and is_adobe):
        raise _MustBeDrawn("its samples are inverted")


def _unwrapped(facts: Facts) -> bytes:
    """The stored bytes without the lossless codings around them."""
    raw: bytes = facts.image.read_raw_bytes()
    if len(facts.filters) == 1:
        return raw
    if not set(facts.filters[:-1]) <= _WRAPPINGS:
        raise _MustBeDrawn("its coding")
    with pikepdf.new() as scratch:
        outer = Stream(scratch, raw)
        outer.Filter = Array([Name(name) for name in facts.filters[:-1]])
        try:
            return bytes(outer.read_bytes())
        except pikepdf.PdfError:
            raise _MustBeDrawn("its coding") from None


def _drawn(facts: Facts, dpi: float, *, with_mask: bool) -> bytes:
    """A PNG of the image as pdfium draws it on a page of its own size: every coding, color space and mask."""
    if facts.width * facts.height > MAX_PIXELS:
        raise NotExtractable(f"it has more than {MAX_PIXELS // 1_000_000} million pixels")
    with pikepdf.new() as scratch:
        scratch.add_blank_page(page_size=(facts.width, facts.height))
        image = scratch.copy_foreign(facts.image)
        if not with_mask:
            for key in ("/SMask", "/Mask", "/SMaskInData"):
                if key in image:
                    del image[key]
        scratch.pages[0].Resources = Dictionary(XObject=Dictionary(Image=image))
        matrix = f"{facts.width} 0 0 {facts.height} 0 0 cm /Image Do".encode()
        scratch.pages[0].Contents = scratch.make_stream(matrix)
        written = io.BytesIO()
        scratch.save(written, compress_streams=False)
    document = pypdfium2.PdfDocument(written.getvalue())
    try:
        raster = Raster(facts.width, facts.height, dpi)
        pixels = draw(document[0], raster, transparent=with_mask and not facts.is_stencil)
    finally:
        document.close()
    out = io.BytesIO()
    write_png(out, pixels, dpi)
    return out.getvalue()


def _colour(space: Any) -> tuple[int | None, Any | None]:
    """Components of a colour space that a JPEG file can have, and its ICC profile."""
    if isinstance(space, Name):
        return _DEVICE.get(str(space)), None
    if not isinstance(space, Array) or len(space) < 2:
        return None, None
    family = str(space[0])
    if family == "/ICCBased" and isinstance(space[1], Stream):
        return _number(space[1].get("/N")) or None, space[1]
    return _CALIBRATED.get(family), None


def _number(value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0


_DEVICE = {"/DeviceGray": 1, "/G": 1, "/DeviceRGB": 3, "/RGB": 3, "/DeviceCMYK": 4, "/CMYK": 4}
_CALIBRATED = {"/CalGray": 1, "/CalRGB": 3}

"""What an image XObject says of itself: size, depth, filters, colour; and why some images must be left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from shared.errors import TooComplex

#: An image of more pixels than this is refused before anything is decoded.
MAX_IMAGE_PIXELS = 300_000_000

Model = Literal["gray", "rgb", "cmyk", "ink", "unknown"]


class LeftAlone(Exception):
    """This image stays as it is. The reason is a word that is counted in the result."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Colour:
    """The meaning of an image's samples. For an indexed image `base` and `model` are those of its palette."""

    model: Model
    base: Any
    palette: bytes | None = None

    @property
    def components(self) -> int:
        """Samples per pixel once a palette is resolved."""
        return {"gray": 1, "ink": 1, "rgb": 3, "cmyk": 4, "unknown": 0}[self.model]

    @property
    def is_device_rgb(self) -> bool:
        """Whether neutral pixels may become DeviceGray without a change of meaning."""
        return isinstance(self.base, Name) and self.model == "rgb"


@dataclass(frozen=True)
class ImageFacts:
    """An image XObject before anything is decoded."""

    xobject: Any
    width: int
    height: int
    bits: int
    filters: tuple[str, ...]
    is_stencil: bool
    colour: Colour
    raw_bytes: int
    default_decode: bool

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def is_jpeg(self) -> bool:
        """Whether the innermost coding is JPEG."""
        return self.filters[-1:] == ("/DCTDecode",)


def facts_of(xobject: Any) -> ImageFacts:
    """Read the dictionary of an image XObject.

    Raises:
        LeftAlone: it lacks what an image needs.
        TooComplex: it declares more than `MAX_IMAGE_PIXELS` pixels.
    """
    try:
        width, height = int(xobject.Width), int(xobject.Height)
        is_stencil = bool(xobject.get("/ImageMask", False))
        bits = int(xobject.get("/BitsPerComponent", 1 if is_stencil else 8))
        colour = colour_of(xobject.get("/ColorSpace"))
        decode = [float(value) for value in xobject.get("/Decode", ())]
    except (AttributeError, TypeError, ValueError, pikepdf.PdfError):
        raise LeftAlone("malformed") from None
    if width < 1 or height < 1:
        raise LeftAlone("malformed")
    if width * height > MAX_IMAGE_PIXELS:
        raise TooComplex(
            f"An image has {width} x {height} pixels; the limit is {MAX_IMAGE_PIXELS // 1_000_000} million."
        )
    top = 2**bits - 1 if colour.palette is not None else 1
    default_decode = not decode or decode == [0, top] * (len(decode) // 2)
    filters = _names(xobject.get("/Filter"))
    raw_bytes = len(xobject.read_raw_bytes())
    return ImageFacts(xobject, width, height, bits, filters, is_stencil, colour, raw_bytes, default_decode)


def colour_of(space: Any) -> Colour:
    """Return what a colour space means; `unknown` for those whose samples must not be touched (Lab, DeviceN, ...)."""
    if isinstance(space, Name):
        model = _DEVICE.get(str(space), "unknown")
        return Colour(model, space)
    if not isinstance(space, Array) or len(space) < 2:
        return Colour("unknown", space)
    family = str(space[0])
    if family == "/ICCBased":
        return Colour(_BY_COMPONENTS.get(int(space[1].N), "unknown"), space)
    if family in ("/Indexed", "/I"):
        base = colour_of(space[1])
        lookup = space[3]
        palette = lookup.read_bytes() if isinstance(lookup, Stream) else bytes(lookup)
        return Colour(base.model if base.palette is None else "unknown", base.base, palette)
    return Colour(_CALIBRATED.get(family, "unknown"), space)


_DEVICE: dict[str, Model] = {
    "/DeviceGray": "gray",
    "/G": "gray",
    "/DeviceRGB": "rgb",
    "/RGB": "rgb",
    "/DeviceCMYK": "cmyk",
    "/CMYK": "cmyk",
}
_BY_COMPONENTS: dict[int, Model] = {1: "gray", 3: "rgb", 4: "cmyk"}
_CALIBRATED: dict[str, Model] = {"/CalGray": "gray", "/CalRGB": "rgb", "/Separation": "ink"}


def _names(filters: Any) -> tuple[str, ...]:
    if filters is None:
        return ()
    names = [str(name) for name in filters] if isinstance(filters, Array) else [str(filters)]
    return tuple(_ABBREVIATED.get(name, name) for name in names)


_ABBREVIATED = {"/DCT": "/DCTDecode", "/Fl": "/FlateDecode", "/LZW": "/LZWDecode", "/CCF": "/CCITTFaxDecode"}


def write_image(
    facts: ImageFacts,
    data: bytes,
    coding: Name,
    *,
    size: tuple[int, int],
    bits: int = 8,
    colour_space: Any = None,
    parameters: Dictionary | None = None,
    keep_decode: bool,
) -> None:
    """Replace an image's stream in place, so that everything that refers to it keeps doing so."""
    image = facts.xobject
    image.write(data, filter=coding, decode_parms=parameters)
    image.Width, image.Height = size
    image.BitsPerComponent = bits
    if colour_space is not None:
        image.ColorSpace = colour_space
    if not keep_decode and "/Decode" in image:
        del image["/Decode"]

"""Clears regions of images: in a copy, in the image itself and in its masks, pixel by pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pikepdf
from pikepdf import Dictionary, Name, Stream
from PIL import Image, ImageDraw

from services.file_ops.protection.content import samples
from services.file_ops.protection.content.geometry import Matrix, Point, Rect, at, inverse
from shared.errors import TooComplex

if TYPE_CHECKING:
    from services.file_ops.protection.content.walk import Walk

#: A larger image is refused: its pixels would not fit into memory.
_MOST_PIXELS = 300_000_000
#: Entries of an image that may show it a second time.
_SECOND_LOOKS = ("/Alternates", "/OPI", "/Metadata", "/PieceInfo", "/Thumb")


def cleared(walk: Walk, image: Any, ctm: Matrix, rects: list[Rect]) -> Stream | None:
    """A copy of an image that is drawn under `ctm`, without the pixels under `rects`; None where none lies there.

    What cannot be decoded becomes one black pixel: nothing of it stays.

    Raises:
        TooComplex: it has more than 300 million pixels.
    """
    back = inverse(ctm)
    shapes = [[at(back, corner) for corner in rect.corners] for rect in rects] if back else []
    if back and not any(Rect.around(shape).meets(Rect(0, 0, 1, 1)) for shape in shapes):
        return None
    copy = _cleared_copy(walk.pdf, image, shapes) if back else None
    if copy is None:
        walk.counts["images_blanked"] += 1
        copy = walk.pdf.make_stream(b"\0", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
        copy.ColorSpace, copy.BitsPerComponent = Name.DeviceGray, 8
        return copy
    for key in ("/SMask", "/Mask"):
        mask = image.get(key)
        if isinstance(mask, Stream):
            mask_copy = _cleared_copy(walk.pdf, mask, shapes)
            if mask_copy is None:
                del copy[key]
            else:
                copy[key] = mask_copy
    return copy


def _cleared_copy(pdf: pikepdf.Pdf, image: Any, shapes: list[list[Point]]) -> Stream | None:
    try:
        width, height = int(image.Width), int(image.Height)
    except (AttributeError, TypeError, ValueError):
        return None
    if width < 1 or height < 1:
        return None
    if width * height > _MOST_PIXELS:
        raise TooComplex(f"An image has {width} x {height} pixels; the limit is {_MOST_PIXELS:,}.")
    decoded = samples.decode(pdf, image, width, height)
    if decoded is None:
        return None
    decoded.clear(_region(width, height, shapes))
    data, entries = decoded.encode()
    copy = pdf.make_stream(data)
    for key, value in image.items():
        if key not in ("/Length", "/Filter", "/DecodeParms", *_SECOND_LOOKS, *decoded.dropped):
            copy[key] = value
    for key, value in entries.items():
        copy[key] = value
    return copy


def _region(width: int, height: int, shapes: list[list[Point]]) -> npt.NDArray[np.bool_]:
    """The pixels that any of the shapes touches; row 0 is the top of the image."""
    canvas = Image.new("1", (width, height))
    draw = ImageDraw.Draw(canvas)
    for shape in shapes:
        corners = [(x * width, (1 - y) * height) for x, y in shape]
        # Pixels on the edge go too: smoothing spreads what they show.
        draw.polygon([_within(corner, width, height) for corner in corners], fill=1, outline=1, width=3)
    return np.asarray(canvas)


def _within(corner: Point, width: int, height: int) -> Point:
    """Far away corners overflow the drawing; a little outside is as good."""
    return min(max(corner[0], -width), 2 * width), min(max(corner[1], -height), 2 * height)


def from_inline(pdf: pikepdf.Pdf, inline: Any, resources: Any) -> Stream:
    """An inline image as an image of its own, with the colour space that it names."""
    stream = pdf.make_stream(inline.read_raw_bytes())
    for key, value in inline.obj.items():
        stream[key] = value
    spaces = resources.get("/ColorSpace") if isinstance(resources, Dictionary) else None
    space = stream.get("/ColorSpace")
    if isinstance(spaces, Dictionary) and isinstance(space, Name) and str(space) in spaces:
        stream.ColorSpace = spaces[str(space)]
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    return stream

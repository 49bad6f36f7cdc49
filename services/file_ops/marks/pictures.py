"""A picture as a drawing of a PDF: JPEGs as they are, others without loss, transparency kept."""

from __future__ import annotations

import warnings
import zlib
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name
from PIL import Image, ImageOps, UnidentifiedImageError

from services.file_ops.marks.drawing import form_xobject
from shared.errors import DamagedFile, TooComplex

#: Most pixels of a stamp: an A4 page at 720 dpi.
_MOST_PIXELS = 50_000_000
_TOO_LARGE = f"The picture has more than {_MOST_PIXELS // 10**6} million pixels."
#: Pictures that do not tell their resolution are as large as their pixels in points.
_DEFAULT_DPI = 72.0
_PLAUSIBLE_DPI = (10.0, 10_000.0)
_SPACES = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}
_ORIENTATION = 0x0112


def picture_form(pdf: pikepdf.Pdf, path: Path) -> Any:
    """A form XObject that shows the picture at `path`, as large as its resolution says.

    Raises:
        DamagedFile: it cannot be read.
        TooComplex: it has more than 50 million pixels.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of pictures whose size we check ourselves, and of broken EXIF that we can do without.
            warnings.simplefilter("ignore")
            with Image.open(path) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise TooComplex(_TOO_LARGE)
                upright = picture.getexif().get(_ORIENTATION, 1) == 1
                width, height = _size_points(picture)
                if picture.format == "JPEG" and picture.mode in _SPACES and upright:
                    image = _jpeg(pdf, path, picture)
                else:
                    turned = ImageOps.exif_transpose(picture)
                    if (turned.width > turned.height) != (picture.width > picture.height):
                        width, height = height, width
                    image = _pixels(pdf, turned)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise DamagedFile("The picture cannot be read.") from error
    except Image.DecompressionBombError as error:
        raise TooComplex(_TOO_LARGE) from error
    drawn = b"%f 0 0 %f 0 0 cm /Picture Do" % (width, height)
    return form_xobject(pdf, drawn, width, height, {"/XObject": {"/Picture": image}})


def _size_points(picture: Image.Image) -> tuple[float, float]:
    told = picture.info.get("dpi", (_DEFAULT_DPI, _DEFAULT_DPI))
    lowest, highest = _PLAUSIBLE_DPI
    dpi = [float(value) if lowest <= float(value) <= highest else _DEFAULT_DPI for value in told]
    return picture.width * 72 / dpi[0], picture.height * 72 / dpi[1]


def _jpeg(pdf: pikepdf.Pdf, path: Path, picture: Image.Image) -> Any:
    image = pdf.make_stream(path.read_bytes())
    image.Type, image.Subtype, image.Filter = Name.XObject, Name.Image, Name.DCTDecode
    image.Width, image.Height, image.BitsPerComponent = picture.width, picture.height, 8
    image.ColorSpace = _SPACES[picture.mode]
    # Adobe's programs write CMYK inverted and say so by their marker.
    if picture.mode == "CMYK" and "adobe" in picture.info:
        image.Decode = Array([1, 0] * 4)
    return image


def _pixels(pdf: pikepdf.Pdf, picture: Image.Image) -> Any:
    transparent = picture.has_transparency_data
    grey = picture.mode in ("1", "L", "LA") or picture.mode.startswith("I")
    if picture.mode.startswith("I"):
        # 16 bits of grey; Pillow would cut them off instead of scaling them.
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if transparent:
        picture = picture.convert("LA" if grey else "RGBA")
        alpha = picture.getchannel("A")
        picture = picture.convert("L" if grey else "RGB")
    else:
        picture = picture.convert("L" if grey else "RGB")
    image = _image(pdf, picture)
    if transparent:
        image.SMask = _image(pdf, alpha)
    return image


def _image(pdf: pikepdf.Pdf, picture: Image.Image) -> Any:
    image = pdf.make_stream(zlib.compress(picture.tobytes(), 9))
    image.Type, image.Subtype, image.Filter = Name.XObject, Name.Image, Name.FlateDecode
    image.Width, image.Height, image.BitsPerComponent = picture.width, picture.height, 8
    image.ColorSpace = _SPACES[picture.mode]
    return image


def page_form(pdf: pikepdf.Pdf, page: pikepdf.Page, to_page: Matrix, width: float, height: float) -> Any:
    """A form XObject that shows a page of another document as it is seen there, upright and in points."""
    form = pdf.copy_foreign(page.as_form_xobject(False))
    from_page = to_page.inverse()
    corners = [to_page.transform(corner) for corner in ((0, 0), (width, height))]
    across, upwards = sorted(corner[0] for corner in corners), sorted(corner[1] for corner in corners)
    form.BBox = Array([across[0], upwards[0], across[1], upwards[1]])
    form.Matrix = Array([round(value, 6) for value in from_page.shorthand])
    if "/Resources" not in form:
        form.Resources = Dictionary()
    return form

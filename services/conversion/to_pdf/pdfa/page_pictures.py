"""Pages as pictures: the last resort for what cannot be made to conform. Their text is lost."""

from __future__ import annotations

import zlib
from io import BytesIO

import numpy as np
import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name

from services.conversion.to_pdf.pdfa_rules.usage import array_of
from shared.pdf.inheritance import inherited

_DPI = 200
_MAX_PIXELS = 40_000_000
_QUALITY_PERCENT = 88


def picture_pages(pdf: pikepdf.Pdf, rendered: bytes, numbers: list[int]) -> None:
    """Replace pages, counted from 0, by pictures of them as `rendered`, a saved copy of the document, draws them.

    At 200 dpi, less for pages of more than 40 million pixels. Links stay, every other annotation is in the picture.
    """
    document = pypdfium2.PdfDocument(rendered)
    document.init_forms()
    try:
        for number in numbers:
            _replace(pdf, number, document[number])
    finally:
        document.close()


def _replace(pdf: pikepdf.Pdf, number: int, drawn: pypdfium2.PdfPage) -> None:
    width, height = drawn.get_size()
    scale = min(_DPI / 72, (_MAX_PIXELS / max(width * height, 1)) ** 0.5)
    pixels = drawn.render(scale=scale, rev_byteorder=True, may_draw_forms=True).to_pil().convert("RGB")
    image = _image(pdf, pixels)
    page = pdf.pages[number].obj
    links = [
        one for one in array_of(page.get("/Annots")) if isinstance(one, Dictionary) and one.get("/Subtype") == Name.Link
    ]
    turn = inherited(page, "/Rotate") or 0
    box = [float(edge) for edge in pdf.pages[number].cropbox]
    left, bottom = min(box[0], box[2]), min(box[1], box[3])
    for key in ("/Resources", "/Contents", "/Group", "/Annots", "/Rotate", "/Trans", "/AF"):
        if key in page:
            del page[key]
    page.Rotate = int(turn) % 360
    page.MediaBox, page.CropBox = Array(box), Array(box)
    if links:
        page.Annots = Array(links)
    page.Resources = Dictionary(XObject=Dictionary(Im0=image))
    # The picture shows the page as it is seen, turned: it is turned back here, since the page turns it again.
    wide, high = abs(box[2] - box[0]), abs(box[3] - box[1])
    matrix = {
        0: f"{wide} 0 0 {high} {left} {bottom}",
        90: f"0 {high} {-wide} 0 {left + wide} {bottom}",
        180: f"{-wide} 0 0 {-high} {left + wide} {bottom + high}",
        270: f"0 {-high} {wide} 0 {left} {bottom + high}",
    }[int(turn) % 360]
    page.Contents = pdf.make_stream(f"q {matrix} cm /Im0 Do Q".encode())


def _image(pdf: pikepdf.Pdf, pixels: object) -> pikepdf.Object:
    from PIL import Image

    assert isinstance(pixels, Image.Image)
    values = np.asarray(pixels)
    is_gray = bool((np.ptp(values.astype(np.int16), axis=2) == 0).all())
    flat = values[:, :, 0] if is_gray else values
    packed = zlib.compress(np.ascontiguousarray(flat).tobytes(), 6)
    out = BytesIO()
    (pixels.convert("L") if is_gray else pixels).save(out, "JPEG", quality=_QUALITY_PERCENT)
    data, coding = min(((packed, Name.FlateDecode), (out.getvalue(), Name.DCTDecode)), key=lambda one: len(one[0]))
    image = pikepdf.Stream(pdf, data)
    image.Type, image.Subtype = Name.XObject, Name.Image
    image.Width, image.Height, image.BitsPerComponent = pixels.width, pixels.height, 8
    image.ColorSpace = Name.DeviceGray if is_gray else Name.DeviceRGB
    image.Filter = coding
    return pdf.make_indirect(image)

"""Documents made by the tests of page images: pages of known looks, and how they are converted."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from services.conversion.contracts.convert import ConvertOptions
from services.conversion.page_images.convert import write_page_images
from shared.media_types import PDF, MediaType
from shared.operation import InputFile, Task

Pixels = npt.NDArray[np.uint8]
_HELVETICA = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def save(pdf: pikepdf.Pdf, path: Path, **how: Any) -> Path:
    """Write the document and return where."""
    pdf.save(path, **how)
    return path


def add_page(pdf: pikepdf.Pdf, content: bytes, *, width: float = 144, height: float = 72, **resources: Any) -> Any:
    """A page with a content stream; `/F` is Helvetica."""
    pdf.add_blank_page()
    page = pdf.pages[-1].obj
    page.MediaBox = [0, 0, width, height]
    page.Resources = Dictionary(Font=Dictionary(F=_HELVETICA), **resources)
    page.Contents = pdf.make_stream(content)
    return page


#: Looks of a page, by the way in which a PNG keeps them best.
LOOKS = {
    "gray": b"BT /F 30 Tf 10 20 Td (Gray) Tj ET",
    "bitonal": b"0 g 18 18 72 36 re f",
    "palette": b"1 0 0 rg 0 0 72 36 re f 0 0 1 rg 72 36 72 36 re f",
    "rgb": b"1 0 0 rg BT /F 30 Tf 10 20 Td (Red) Tj 0 0 1 rg (Blue) Tj 0 g ( text) Tj ET 0 1 0 rg 20 9 9 9 re f",
}


def photograph(width: int, height: int, seed: int = 1) -> Pixels:
    """A colour picture with slopes and grain."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    channels = [128 + 90 * np.sin(x / (31 + 9 * c) + c) * np.cos(y / (23 + 5 * c)) for c in range(3)]
    return (np.stack(channels, axis=-1) + rng.normal(0, 5, (height, width, 1))).clip(0, 255).astype(np.uint8)


def jpeg(pixels: Pixels, mode: str = "RGB") -> bytes:
    """A JPEG file."""
    out = io.BytesIO()
    Image.fromarray(pixels, mode).save(out, "JPEG", quality=90)
    return out.getvalue()


def image(pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int], space: Any, coding: Name | None = None, **more: Any):
    """An image XObject of 8 bits unless `more` says otherwise; None leaves an entry out."""
    stream = pdf.make_stream(data)
    entries = {"Type": Name.XObject, "Subtype": Name.Image, "BitsPerComponent": 8, "ColorSpace": space, **more}
    stream.Width, stream.Height = size
    if coding is not None:
        stream.Filter = coding
    for key, value in entries.items():
        if value is not None:
            stream[f"/{key}"] = value
    return stream


def add_image_page(pdf: pikepdf.Pdf, *images: Any, side: float = 144) -> Any:
    """A page that draws images one over the other, each `side` points wide and high."""
    names = {f"/I{number}": each for number, each in enumerate(images)}
    content = b"".join(b"q %f 0 0 %f 0 0 cm %s Do Q\n" % (side, side, name.encode()) for name in names)
    return add_page(pdf, content, width=side, height=side, XObject=Dictionary(names))


def widget(pdf: pikepdf.Pdf, rect: list[float], look: bytes) -> Any:
    """A form field with an appearance, on no page yet."""
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    appearance = pdf.make_stream(look)
    appearance.Type, appearance.Subtype, appearance.BBox = Name.XObject, Name.Form, Array([0, 0, width, height])
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="name", F=4, Rect=rect, AP=Dictionary(N=appearance)
        )
    )


def convert(
    source: Path, folder: Path, *, password: str | None = None, kind: MediaType = PDF, **options: object
) -> Any:
    """Convert to images in a new folder; return the result, and the outputs by name."""
    folder.mkdir()
    task = Task((InputFile(source, source.name, kind.name),), folder, password)
    result = write_page_images(source, task, ConvertOptions(**options))
    return result, {output.name: output.path for output in task.outputs}


def pixels_of(path: Path | io.BytesIO) -> np.ndarray:
    """What an image file shows, as red, green and blue."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))

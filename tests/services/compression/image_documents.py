"""Documents made by the tests of images: a picture of known look, in any coding that PDF knows."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

from services.compression.similarity import similarity

Pixels = npt.NDArray[np.uint8]


def photograph(width: int, height: int, seed: int = 1) -> Pixels:
    """A colour picture with slopes, edges and grain, so that no coding gets it for free."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    channels = [128 + 90 * np.sin(x / (31 + 9 * c) + c) * np.cos(y / (23 + 5 * c)) for c in range(3)]
    picture = np.stack(channels, axis=-1) + rng.normal(0, 5, (height, width, 1))
    picture[height // 4 : height // 2, width // 4 : width // 2] = (220, 40, 30)
    return picture.clip(0, 255).astype(np.uint8)


def gray(width: int, height: int) -> Pixels:
    """The same picture as luma."""
    return np.asarray(Image.fromarray(photograph(width, height)).convert("L"))


def text_page(width: int, height: int, *, grain: float = 2.0) -> Pixels:
    """A page as a scanner sees it: lines of words on warm, uneven, grainy paper."""
    rng = np.random.default_rng(7)
    sheet = Image.new("L", (width, height), 255)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=height / 44)
    for row in range(24):
        words = ("".join(rng.choice(list("aeinorstlmdu"), int(rng.integers(2, 9)))) for _ in range(7))
        draw.text((width // 10, height * (0.08 + row * 0.034)), " ".join(words), fill=25, font=font)
    shade = np.linspace(0.93, 1.0, width)[None, :, None]
    paper = np.asarray(sheet, np.float32)[..., None] / 255 * np.array([250, 244, 228]) * shade
    return (paper + rng.normal(0, grain, paper.shape[:2])[..., None]).clip(0, 255).astype(np.uint8)


def jpeg(pixels: Pixels, mode: str, quality: int = 92) -> bytes:
    """A JPEG file of the pixels."""
    out = io.BytesIO()
    Image.fromarray(pixels, mode).save(out, "JPEG", quality=quality)
    return out.getvalue()


def image_stream(
    pdf: pikepdf.Pdf,
    data: bytes,
    width: int,
    height: int,
    colour_space: Any,
    coding: Name | None = None,
    **entries: Any,
) -> pikepdf.Stream:
    """An image XObject of 8 bits unless `entries` say otherwise. Without a coding, `data` are samples, deflated."""
    if coding is None:
        data, coding = zlib.compress(data), Name.FlateDecode
    dictionary = {"BitsPerComponent": 8, "ColorSpace": colour_space, **entries}
    image = pdf.make_stream(data)
    image.Type, image.Subtype, image.Filter = Name.XObject, Name.Image, coding
    image.Width, image.Height = width, height
    for key, value in dictionary.items():
        if value is not None:
            image["/" + key] = value
    return image


def add_page(pdf: pikepdf.Pdf, image: pikepdf.Stream, *, width_pt: float = 216, height_pt: float = 216) -> None:
    """A page with a coloured ground that the image covers but for its transparency and a margin."""
    pdf.add_blank_page(page_size=(width_pt + 20, height_pt + 20))
    page = pdf.pages[-1]
    page.Resources = Dictionary(XObject=Dictionary(I=image))
    ground = b"0.2 0.8 0.4 rg 0 0 2000 2000 re f "
    page.Contents = pdf.make_stream(ground + b"q %f 0 0 %f 10 10 cm /I Do Q" % (width_pt, height_pt))


def save(pdf: pikepdf.Pdf, path: Path, **how: Any) -> Path:
    """Write the document and return where."""
    pdf.save(path, **how)
    return path


def render(path: Path, *, dpi: float = 100, password: str | None = None, pages: int = 50) -> list[Pixels]:
    """The first pages as a reader sees them, in blue, green, red."""
    document = pypdfium2.PdfDocument(path, password=password)
    try:
        return [
            document[number].render(scale=dpi / 72).to_numpy()[..., :3].copy()
            for number in range(min(pages, len(document)))
        ]
    finally:
        document.close()


def look_difference(before: Path, after: Path) -> tuple[float, float]:
    """The lowest similarity of luma over the pages, and the largest mean difference of any channel."""
    worst, shift = 1.0, 0.0
    for first, second in zip(render(before), render(after), strict=True):
        lumas = [np.asarray(Image.fromarray(pixels).convert("L")) for pixels in (first, second)]
        worst = min(worst, similarity(*lumas))
        shift = max(shift, float(np.abs(first.mean(axis=(0, 1)) - second.mean(axis=(0, 1))).max()))
    return worst, shift


def only_image(path: Path) -> dict[str, Any]:
    """The dictionary of the only image of a written document, with its raw bytes' length."""
    with pikepdf.open(path) as pdf:
        (image,) = (thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream) and "/Width" in thing)
        return {key: str(value) for key, value in image.items()} | {"width": int(image.Width)}


def separation() -> Array:
    """A spot colour shown as orange."""
    tint = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[0, 0.6, 1, 0], N=1)
    return Array([Name.Separation, Name.Orange, Name.DeviceCMYK, tint])

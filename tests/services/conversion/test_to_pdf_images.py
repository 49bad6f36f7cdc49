"""Images become pages: their bytes and pixels stay, turned as a viewer turns them, and bombs are refused unread."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageOps

from services.conversion.to_pdf.image_parts import UnsupportedImage
from services.conversion.to_pdf.images import ImageTooLarge
from tests.services.conversion.conversion_task import converted

_ORIENTATION = 0x0112


def _picture() -> Image.Image:
    """Colours that run, and a black corner, so that no turn looks like another."""
    run = np.tile(np.linspace(0, 255, 120, dtype=np.uint8), (80, 1))
    pixels = np.dstack([run, run[::-1], 255 - run])
    pixels[:20, :30] = 0
    return Image.fromarray(pixels)


def _difference(pdf: Path, expected: Image.Image, page: int = 0) -> float:
    """Mean difference of a page's pixels from an image, in steps of 255, at the image's own size."""
    document = pypdfium2.PdfDocument(pdf)
    width, _ = document[page].get_size()
    drawn = document[page].render(scale=expected.width / width).to_pil().convert("RGB")
    document.close()
    assert abs(drawn.height - expected.height) <= 1
    drawn = drawn.resize(expected.size)
    return float(np.abs(np.asarray(drawn, int) - np.asarray(expected.convert("RGB"), int)).mean())


def _only_image(pdf: Path) -> bytes:
    with pikepdf.open(pdf) as document:
        (image,) = document.pages[0].Resources.XObject.values()
        return bytes(image.read_raw_bytes())


def test_the_bytes_of_a_jpeg_stand_in_the_pdf_as_they_are(tmp_path: Path):
    _picture().save(tmp_path / "a.jpg", quality=80, dpi=(150, 150))

    pdf, told = converted(tmp_path / "a.jpg", tmp_path, to="pdf")

    assert _only_image(pdf) == (tmp_path / "a.jpg").read_bytes()
    assert told["embedded_as_is"] == 1
    document = pypdfium2.PdfDocument(pdf)
    assert document[0].get_size() == pytest.approx((120 / 150 * 72, 80 / 150 * 72), abs=0.01)
    document.close()


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_page_is_turned_and_mirrored_as_exif_says(tmp_path: Path, kind: str, orientation: int):
    source = tmp_path / f"a.{kind}"
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    if kind == "tif":
        _picture().save(source, tiffinfo={_ORIENTATION: orientation})
    else:
        _picture().save(source, exif=exif, quality=95, **({"lossless": True} if kind == "webp" else {}))

    pdf, _ = converted(source, tmp_path, to="pdf")

    with Image.open(source) as opened:
        # Pillow turns TIFFs by itself once it has read them.
        opened.load()
        expected = opened if kind == "tif" else ImageOps.exif_transpose(opened)
        assert _difference(pdf, expected) < 1


@pytest.mark.parametrize("name", ["a.bmp", "a.webp", "a.gif", "a.tif", "one.bmp", "one.tif", "one.gif", "one.png"])
def test_what_is_packed_anew_keeps_every_pixel(tmp_path: Path, name: str):
    picture = _picture().convert("1") if name.startswith("one") else _picture()
    picture = picture.quantize(64) if name == "a.gif" else picture
    picture.save(tmp_path / name, **({"lossless": True} if name.endswith("webp") else {}))

    pdf, _ = converted(tmp_path / name, tmp_path, to="pdf")

    assert _difference(pdf, picture.convert("RGB")) == 0


@pytest.mark.parametrize("suffix", ["tif", "gif", "webp"])
def test_each_frame_is_a_page(tmp_path: Path, suffix: str):
    frames = [Image.fromarray(np.roll(np.asarray(_picture()), 10 * number, axis=1)) for number in range(4)]
    extra = {"lossless": True} if suffix == "webp" else {}
    frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:], **extra)

    pdf, told = converted(tmp_path / f"a.{suffix}", tmp_path, to="pdf")

    assert told["frames"] == told["pages"] == 4
    limit = 3 if suffix == "gif" else 0.01
    assert all(_difference(pdf, frame, page) < limit for page, frame in enumerate(frames))


def test_fax_data_of_a_tiff_is_not_coded_again(tmp_path: Path):
    frames = [_picture().convert("1"), _picture().rotate(180).convert("1")]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:], compression="group4")

    pdf, told = converted(tmp_path / "a.tif", tmp_path, to="pdf")

    assert told["embedded_as_is"] == 2
    assert all(_difference(pdf, frame.convert("RGB"), page) == 0 for page, frame in enumerate(frames))


def test_transparency_stays_over_white_paper(tmp_path: Path):
    picture = _picture().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(tmp_path / "a.png")

    pdf, _ = converted(tmp_path / "a.png", tmp_path, to="pdf")

    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    assert _difference(pdf, white) < 1
    with pikepdf.open(pdf) as document:
        assert "/SMask" in next(iter(document.pages[0].Resources.XObject.values()))


def test_sixteen_bits_of_grey_stay(tmp_path: Path):
    deep = np.arange(120 * 80, dtype=np.uint16).reshape(80, 120) * 6
    for name in ("a.png", "a.tif"):
        Image.fromarray(deep).save(tmp_path / name)
        pdf, told = converted(tmp_path / name, tmp_path, to="pdf")
        with pikepdf.open(pdf) as document:
            image = next(iter(document.pages[0].Resources.XObject.values()))
            assert image.BitsPerComponent == 16
            assert np.array_equal(np.frombuffer(image.read_bytes(), ">u2").reshape(80, 120), deep)
        assert told["notes"] == []


def test_inks_stay_inks(tmp_path: Path):
    for name in ("a.jpg", "a.tif"):
        _picture().convert("CMYK").save(tmp_path / name)
        pdf, _ = converted(tmp_path / name, tmp_path, to="pdf")
        with pikepdf.open(pdf) as document:
            assert next(iter(document.pages[0].Resources.XObject.values())).ColorSpace == "/DeviceCMYK"


def test_a_sheet_holds_the_image_and_lies_as_it_lies(tmp_path: Path):
    _picture().save(tmp_path / "a.png")

    pdf, _ = converted(tmp_path / "a.png", tmp_path, to="pdf", page_size="a4")

    document = pypdfium2.PdfDocument(pdf)
    assert document[0].get_size() == pytest.approx((841.89, 595.28), abs=0.1)
    document.close()


def test_absurd_sizes_are_refused_from_the_header(tmp_path: Path):
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    data = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    (tmp_path / "bomb.png").write_bytes(data)

    with pytest.raises(ImageTooLarge, match="200 million pixels"):
        converted(tmp_path / "bomb.png", tmp_path, to="pdf")


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "gif", "webp", "bmp"])
def test_torn_images_are_refused_or_become_pages_and_nothing_else(tmp_path: Path, suffix: str):
    _picture().save(tmp_path / f"a.{suffix}")
    whole = (tmp_path / f"a.{suffix}").read_bytes()
    for kept in range(12, len(whole), max(len(whole) // 12, 1)):
        (tmp_path / f"torn.{suffix}").write_bytes(whole[:kept])
        try:
            converted(tmp_path / f"torn.{suffix}", tmp_path, to="pdf")
        except UnsupportedImage:
            continue

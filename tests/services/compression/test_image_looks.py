"""Images keep their look and the meaning of their colours, whatever their coding says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from services.compression.compress import compress_pdf
from services.compression.operations import CompressOptions
from tests.services.compression.image_documents import (
    add_page,
    gray,
    image_stream,
    jpeg,
    look_difference,
    only_image,
    photograph,
    render,
    save,
    separation,
)

#: Over three inches: 200 dpi, so that balanced and small scale it down.
SIDE = 600


def _rgb_inverted(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    pixels = 255 - photograph(SIDE, SIDE)
    return image_stream(pdf, pixels.tobytes(), SIDE, SIDE, Name.DeviceRGB, Decode=Array([1, 0] * 3))


def _gray_inverted_jpeg(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    data = jpeg(255 - gray(SIDE, SIDE), "L")
    return image_stream(pdf, data, SIDE, SIDE, Name.DeviceGray, Name.DCTDecode, Decode=Array([1, 0]))


def _gray_half_range(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    return image_stream(pdf, gray(SIDE, SIDE).tobytes(), SIDE, SIDE, Name.DeviceGray, Decode=Array([0.5, 1]))


def _cmyk_samples(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    return image_stream(pdf, _inks().tobytes(), SIDE, SIDE, Name.DeviceCMYK)


def _cmyk_jpeg(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    # Pillow inverts what it writes: the file holds the inks themselves.
    data = jpeg(255 - _inks(), "CMYK")
    return image_stream(pdf, data, SIDE, SIDE, Name.DeviceCMYK, Name.DCTDecode)


def _cmyk_jpeg_inverted(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    data = jpeg(_inks(), "CMYK")
    return image_stream(pdf, data, SIDE, SIDE, Name.DeviceCMYK, Name.DCTDecode, Decode=Array([1, 0] * 4))


def _inks() -> np.ndarray:
    return np.dstack([255 - photograph(SIDE, SIDE), gray(SIDE, SIDE) // 4])


def _sixteen_bits(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    wide = photograph(SIDE, SIDE).astype(">u2") * 257
    return image_stream(pdf, wide.tobytes(), SIDE, SIDE, Name.DeviceRGB, BitsPerComponent=16)


def _four_bits(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    levels = gray(SIDE, SIDE) >> 4
    packed = levels[:, 0::2] << 4 | levels[:, 1::2]
    return image_stream(pdf, packed.tobytes(), SIDE, SIDE, Name.DeviceGray, BitsPerComponent=4)


def _indexed(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    palette = photograph(16, 16).reshape(-1, 3)
    space = Array([Name.Indexed, Name.DeviceRGB, 255, pikepdf.String(palette.tobytes())])
    return image_stream(pdf, gray(SIDE, SIDE).tobytes(), SIDE, SIDE, space)


def _indexed_inverted(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    image = _indexed(pdf)
    image.Decode = Array([255, 0])
    return image


def _one_bit(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    bits = np.packbits(gray(SIDE, SIDE) > 128, axis=1)
    return image_stream(pdf, bits.tobytes(), SIDE, SIDE, Name.DeviceGray, BitsPerComponent=1)


def _one_bit_inverted(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    image = _one_bit(pdf)
    image.Decode = Array([1, 0])
    return image


def _stencil(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    image = _one_bit(pdf)
    del image["/ColorSpace"]
    image.ImageMask = True
    return image


def _stencil_inverted(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    image = _stencil(pdf)
    image.Decode = Array([1, 0])
    return image


def _spot_colour(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    return image_stream(pdf, gray(SIDE, SIDE).tobytes(), SIDE, SIDE, separation())


def _soft_mask(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    mask = image_stream(pdf, gray(SIDE, SIDE).tobytes(), SIDE, SIDE, Name.DeviceGray)
    return image_stream(pdf, photograph(SIDE, SIDE).tobytes(), SIDE, SIDE, Name.DeviceRGB, SMask=mask)


def _matte(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    alpha = gray(SIDE, SIDE)
    mask = image_stream(pdf, alpha.tobytes(), SIDE, SIDE, Name.DeviceGray, Matte=Array([0, 0, 0]))
    premultiplied = (photograph(SIDE, SIDE).astype(np.uint16) * alpha[..., None] // 255).astype(np.uint8)
    return image_stream(pdf, premultiplied.tobytes(), SIDE, SIDE, Name.DeviceRGB, SMask=mask)


def _colour_key(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    pixels = photograph(SIDE, SIDE)
    pixels[:100] = 7
    return image_stream(pdf, pixels.tobytes(), SIDE, SIDE, Name.DeviceRGB, Mask=Array([7, 7] * 3))


def _lab(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    space = Array([Name.Lab, Dictionary(WhitePoint=[0.95, 1, 1.09], Range=[-100, 100, -100, 100])])
    return image_stream(pdf, photograph(SIDE, SIDE).tobytes(), SIDE, SIDE, space)


def _rgb_jpeg_within_flate(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    image = image_stream(pdf, jpeg(photograph(SIDE, SIDE), "RGB"), SIDE, SIDE, Name.DeviceRGB)
    image.Filter = Array([Name.FlateDecode, Name.DCTDecode])
    return image


KINDS = [
    _rgb_inverted,
    _gray_inverted_jpeg,
    _gray_half_range,
    _cmyk_samples,
    _cmyk_jpeg,
    _cmyk_jpeg_inverted,
    _sixteen_bits,
    _four_bits,
    _indexed,
    _indexed_inverted,
    _one_bit,
    _one_bit_inverted,
    _stencil,
    _stencil_inverted,
    _spot_colour,
    _soft_mask,
    _matte,
    _colour_key,
    _lab,
    _rgb_jpeg_within_flate,
]


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__.strip("_"))
@pytest.mark.parametrize("preset", ["balanced", "small"])
def test_an_image_of_any_kind_keeps_its_look(
    tmp_path: Path, make: Callable[[pikepdf.Pdf], pikepdf.Stream], preset: str
) -> None:
    source = _document(tmp_path, make)
    target = tmp_path / "out.pdf"

    result = compress_pdf(source, target, CompressOptions(preset=preset))

    alike, shift = look_difference(source, target)
    # Greys that index a palette of random colours are noise to the eye too: that picture may lose most.
    assert alike > 0.75
    assert shift < 3
    assert result["undone"] == []
    assert result["images"]["left"].get("failed", 0) == 0


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__.strip("_"))
def test_lossless_keeps_every_pixel_of_an_image_of_any_kind(
    tmp_path: Path, make: Callable[[pikepdf.Pdf], pikepdf.Stream]
) -> None:
    source = _document(tmp_path, make)
    target = tmp_path / "out.pdf"

    compress_pdf(source, target, CompressOptions(preset="lossless"))

    (before,), (after,) = render(source, dpi=233), render(target, dpi=233)
    assert np.array_equal(before, after)


def test_cmyk_stays_cmyk_and_a_spot_colour_stays_itself(tmp_path: Path) -> None:
    for make, expected in ((_cmyk_samples, "/DeviceCMYK"), (_cmyk_jpeg, "/DeviceCMYK"), (_spot_colour, "/Separation")):
        source, target = _document(tmp_path, make), tmp_path / "out.pdf"
        result = compress_pdf(source, target, CompressOptions())
        assert expected in only_image(target)["/ColorSpace"]
        assert result["images"]["recoded"] == 1


def test_images_that_are_not_understood_are_left_with_a_reason(tmp_path: Path) -> None:
    for make, reason in (
        (_matte, "matte"),
        (_colour_key, "colour_key"),
        (_lab, "colour_space"),
        (_indexed_inverted, "decode"),
    ):
        result = compress_pdf(_document(tmp_path, make), tmp_path / "out.pdf", CompressOptions())
        assert reason in result["images"]["left"], make.__name__


def test_an_image_with_a_soft_mask_is_recoded_and_so_is_its_mask(tmp_path: Path) -> None:
    source, target = _document(tmp_path, _soft_mask), tmp_path / "out.pdf"

    result = compress_pdf(source, target, CompressOptions())

    assert result["images"]["recoded"] == 2
    assert target.stat().st_size < source.stat().st_size / 3


def test_the_resolution_follows_the_largest_appearance_through_forms(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    image = image_stream(pdf, photograph(1200, 1200).tobytes(), 1200, 1200, Name.DeviceRGB)
    form = pdf.make_stream(b"q 100 0 0 100 0 0 cm /I Do Q")
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 100, 100])
    form.Matrix = Array([2, 0, 0, 2, 0, 0])
    form.Resources = Dictionary(XObject=Dictionary(I=image))
    pdf.add_blank_page(page_size=(300, 300))
    page = pdf.pages[0]
    page.Resources = Dictionary(XObject=Dictionary(F=form, I=image))
    # 216 pt through the form, 36 pt by itself: three inches count, 400 dpi.
    page.Contents = pdf.make_stream(b"q 1.08 0 0 1.08 0 0 cm /F Do Q q 36 0 0 36 230 230 cm /I Do Q")
    source, target = save(pdf, tmp_path / "in.pdf"), tmp_path / "out.pdf"

    compress_pdf(source, target, CompressOptions(preset="balanced"))

    assert only_image(target)["width"] == 450


def test_image_dpi_and_jpeg_quality_of_the_caller_win_over_the_preset(tmp_path: Path) -> None:
    source = _document(tmp_path, _rgb_jpeg_within_flate)
    sizes = {}
    for quality in (20, 90):
        target = tmp_path / f"{quality}.pdf"
        compress_pdf(source, target, CompressOptions(image_dpi=72, jpeg_quality_percent=quality))
        assert only_image(target)["width"] == 216
        sizes[quality] = target.stat().st_size
    assert sizes[20] * 2 < sizes[90]


def test_inks_whose_greys_would_look_different_stay_coloured_with_a_reason(tmp_path: Path) -> None:
    result = compress_pdf(_document(tmp_path, _cmyk_samples), tmp_path / "out.pdf", CompressOptions(grayscale=True))

    assert result["images"] == {"recoded": 0, "left": {"undone_by_gate": 1}}
    assert result["undone"]


@pytest.mark.parametrize("make", [_rgb_jpeg_within_flate, _indexed, _soft_mask])
def test_grayscale_leaves_no_colour_in_images(tmp_path: Path, make: Callable[[pikepdf.Pdf], pikepdf.Stream]) -> None:
    source, target = _document(tmp_path, make), tmp_path / "out.pdf"

    compress_pdf(source, target, CompressOptions(grayscale=True))

    with pikepdf.open(target) as pdf:
        spaces = [str(image.ColorSpace) for image in pdf.pages[0].get_images().values()]
    assert spaces == ["/DeviceGray"]


def _document(folder: Path, make: Callable[[pikepdf.Pdf], pikepdf.Stream]) -> Path:
    pdf = pikepdf.new()
    add_page(pdf, make(pdf))
    return save(pdf, folder / f"{make.__name__}.pdf")

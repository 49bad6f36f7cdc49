"""Embedded images come out as they are stored where that is possible, else with every pixel; each once."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageCms

from services.conversion.contracts.images import ExtractImagesOptions
from services.conversion.page_images.embedded import extract_images
from shared.errors import DamagedFile, EncryptedPdf
from shared.operation import InputFile, Task
from tests.services.conversion.page_documents import add_image_page, add_page, image, jpeg, photograph, save

SIZE = (72, 48)


def extract(pdf: pikepdf.Pdf | Path, folder: Path, **options: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The result, and the outputs by name."""
    source = pdf if isinstance(pdf, Path) else save(pdf, folder / "in.pdf")
    out = folder / f"out-{len(list(folder.iterdir()))}"
    out.mkdir()
    task = Task((InputFile(source, "in.pdf", "application/pdf"),), out)
    result = extract_images(task, ExtractImagesOptions(**options))
    return result, {output.name: output.path.read_bytes() for output in task.outputs}


def opened(data: bytes, mode: str = "RGB") -> np.ndarray:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert(mode))


def samples() -> np.ndarray:
    return photograph(*SIZE)


def test_a_jpeg_comes_out_byte_for_byte(tmp_path: Path) -> None:
    data = jpeg(samples())
    pdf = pikepdf.new()
    add_image_page(pdf, image(pdf, data, SIZE, Name.DeviceRGB, Name.DCTDecode))

    result, outputs = extract(pdf, tmp_path)

    assert outputs == {"in-page-1.jpg": data}
    (entry,) = result["images"]
    assert (entry["pages"], entry["width_pixels"], entry["height_pixels"]) == ([1], *SIZE)
    # 72 x 48 pixels on 144 x 144 points: 36 dpi across, 24 down.
    assert entry["dpi"] == 24
    assert entry["as_stored"] is True


def test_a_jpeg_within_another_coding_comes_out_of_it(tmp_path: Path) -> None:
    data = jpeg(samples())
    pdf = pikepdf.new()
    coding = Array([Name.FlateDecode, Name.DCTDecode])
    add_image_page(pdf, image(pdf, zlib.compress(data), SIZE, Name.DeviceRGB, Filter=coding))

    _, outputs = extract(save(pdf, tmp_path / "in.pdf", compress_streams=False), tmp_path)

    assert outputs == {"in-page-1.jpg": data}


def test_a_jpeg_2000_comes_out_byte_for_byte(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.fromarray(samples()).save(out, "JPEG2000")
    pdf = pikepdf.new()
    add_image_page(pdf, image(pdf, out.getvalue(), SIZE, Name.DeviceRGB, Name.JPXDecode))

    _, outputs = extract(pdf, tmp_path)

    assert outputs == {"in-page-1.jp2": out.getvalue()}


def test_a_jpeg_takes_its_color_profile_along_and_its_pixels_stay(tmp_path: Path) -> None:
    data, profile = jpeg(samples()), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pdf = pikepdf.new()
    space = Array([Name.ICCBased, pdf.make_stream(profile, N=3)])
    add_image_page(pdf, image(pdf, data, SIZE, space, Name.DCTDecode))

    _, outputs = extract(pdf, tmp_path)

    with Image.open(io.BytesIO(outputs["in-page-1.jpg"])) as picture:
        assert picture.info["icc_profile"] == profile
        assert np.array_equal(np.asarray(picture), opened(data))


def _gray(pdf: pikepdf.Pdf) -> tuple[Any, np.ndarray]:
    pixels = samples()[..., 0]
    return image(pdf, pixels.tobytes(), SIZE, Name.DeviceGray), np.repeat(pixels[..., None], 3, 2)


def _rgb(pdf: pikepdf.Pdf) -> tuple[Any, np.ndarray]:
    return image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB), samples()


def _palette(pdf: pikepdf.Pdf) -> tuple[Any, np.ndarray]:
    places, table = samples()[..., 0] % 16, samples()[0, :16]
    packed = (places[:, 0::2] << 4) | places[:, 1::2]
    space = Array([Name.Indexed, Name.DeviceRGB, 15, pikepdf.String(table.tobytes())])
    return image(pdf, packed.tobytes(), SIZE, space, BitsPerComponent=4), table[places]


def _inverted(pdf: pikepdf.Pdf) -> tuple[Any, np.ndarray]:
    decode = Array([1, 0, 1, 0, 1, 0])
    return image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB, Decode=decode), 255 - samples()


def _fax(pdf: pikepdf.Pdf) -> tuple[Any, np.ndarray]:
    bits = samples()[..., 0] > 128
    out = io.BytesIO()
    # libtiff writes ones for black, as fax does.
    Image.fromarray(~bits).save(out, "TIFF", compression="group4")
    with Image.open(io.BytesIO(out.getvalue())) as tiff:
        start, length = tiff.tag_v2[273][0], tiff.tag_v2[279][0]
    parameters = Dictionary(K=-1, Columns=SIZE[0], Rows=SIZE[1])
    data = out.getvalue()[start : start + length]
    stream = image(pdf, data, SIZE, Name.DeviceGray, Name.CCITTFaxDecode, BitsPerComponent=1, DecodeParms=parameters)
    return stream, np.repeat(np.where(bits, 255, 0).astype(np.uint8)[..., None], 3, 2)


def _inverted_jpeg(pdf: pikepdf.Pdf) -> tuple[Any, np.ndarray]:
    data = jpeg(samples()[..., 0], "L")
    return image(pdf, data, SIZE, Name.DeviceGray, Name.DCTDecode, Decode=Array([1, 0])), 255 - opened(data)


@pytest.mark.parametrize("make", [_gray, _rgb, _palette, _inverted, _fax, _inverted_jpeg])
def test_what_no_image_file_holds_becomes_a_png_with_every_pixel(tmp_path: Path, make: Any) -> None:
    pdf = pikepdf.new()
    stream, pixels = make(pdf)
    add_image_page(pdf, stream)

    result, outputs = extract(pdf, tmp_path)

    # pdfium truncates where it maps samples by /Decode.
    slack = 1 if make is _inverted else 0
    assert np.abs(opened(outputs["in-page-1.png"]).astype(int) - pixels).max() <= slack
    assert result["images"][0]["as_stored"] is False
    assert result["images"][0]["converted_for"]


def test_png_can_be_asked_for(tmp_path: Path) -> None:
    data = jpeg(samples())
    pdf = pikepdf.new()
    add_image_page(pdf, image(pdf, data, SIZE, Name.DeviceRGB, Name.DCTDecode))

    _, outputs = extract(pdf, tmp_path, encoding="png")

    assert np.abs(opened(outputs["in-page-1.png"]).astype(int) - opened(data)).max() <= 2


def test_cmyk_comes_out_in_colors_that_screens_show(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    inks = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    inks[..., 1] = inks[..., 2] = 255
    add_image_page(pdf, image(pdf, inks.tobytes(), SIZE, Name.DeviceCMYK))

    _, outputs = extract(pdf, tmp_path)

    red, green, blue = opened(outputs["in-page-1.png"])[0, 0]
    assert red > 200 > 80 > max(green, blue)


def test_a_soft_mask_becomes_transparency(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    alpha = samples()[..., 1]
    mask = image(pdf, alpha.tobytes(), SIZE, Name.DeviceGray)
    add_image_page(pdf, image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB, SMask=mask))

    result, outputs = extract(pdf, tmp_path)
    _, without = extract(pdf, tmp_path, with_masks=False)

    kept = opened(outputs["in-page-1.png"], "RGBA")
    assert list(outputs) == ["in-page-1.png"], "the mask is no image of its own"
    assert np.array_equal(kept[..., 3], alpha)
    assert np.array_equal(kept[alpha > 0][..., :3], samples()[alpha > 0])
    assert np.array_equal(opened(without["in-page-1.png"]), samples())
    assert result["images"][0]["has_mask"] is True


def test_a_stencil_comes_out_in_black_on_white(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    bits = samples()[..., 0] > 128
    data = np.packbits(bits, axis=1).tobytes()
    add_image_page(pdf, image(pdf, data, SIZE, None, BitsPerComponent=1, ImageMask=True))

    result, outputs = extract(pdf, tmp_path)

    assert np.array_equal(opened(outputs["in-page-1.png"], "L"), np.where(bits, 255, 0))
    assert result["images"][0]["is_stencil"] is True


def test_equal_images_are_written_once_and_name_all_their_pages(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    shared = image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB)
    add_image_page(pdf, shared)
    add_image_page(pdf, image(pdf, photograph(*SIZE, seed=2).tobytes(), SIZE, Name.DeviceRGB), side=72)
    add_image_page(pdf, image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB), shared, side=36)

    result, outputs = extract(pdf, tmp_path)

    assert list(outputs) == ["in-page-1.png", "in-page-2.png"]
    assert [entry["pages"] for entry in result["images"]] == [[1, 3], [2]]
    # The largest placement counts: 72 pixels across and 48 down on 144 points.
    assert [entry["dpi"] for entry in result["images"]] == [24, 48]


def test_images_in_forms_are_found_with_their_size_on_the_page(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    form = pdf.make_stream(b"q 36 0 0 24 0 0 cm /I Do Q")
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 36, 24])
    form.Matrix = Array([2, 0, 0, 2, 0, 0])
    form.Resources = Dictionary(XObject=Dictionary(I=image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB)))
    add_page(pdf, b"0.5 0 0 0.5 0 0 cm /Form Do", XObject=Dictionary(Form=form))

    result, _ = extract(pdf, tmp_path)

    assert result["images"][0]["dpi"] == pytest.approx(144)


def test_inline_images_and_images_of_annotations_are_found_too(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    inline = b"q 36 0 0 36 0 0 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x00\x80\xa0\xff EI Q"
    page = add_page(pdf, inline)
    look = pdf.make_stream(b"q 36 0 0 24 0 0 cm /I Do Q")
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 36, 24])
    look.Resources = Dictionary(XObject=Dictionary(I=image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB)))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 36, 24], AP=Dictionary(N=look))
    page.Annots = Array([pdf.make_indirect(note)])

    result, outputs = extract(pdf, tmp_path)

    assert sorted(entry["stored_as"] for entry in result["images"]) == ["FlateDecode", "inline"]
    assert opened(outputs["in-page-1.png"], "L").shape == (48, 72)
    assert opened(outputs["in-page-1 (2).png"], "L").tolist() == [[0, 128], [160, 255]]


def test_images_that_a_page_only_could_draw_are_left_out(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"", XObject=Dictionary(I=image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB)))

    result, outputs = extract(pdf, tmp_path)

    assert outputs == {}
    assert result["images"] == []
    assert result["answer"]


def test_pages_and_a_least_size_choose(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_image_page(pdf, image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB))
    add_image_page(pdf, image(pdf, photograph(9, 90).tobytes(), (9, 90), Name.DeviceRGB))

    _, second = extract(pdf, tmp_path, pages="2")
    result, large = extract(pdf, tmp_path, min_edge_pixels=40)

    assert list(second) == ["in-page-2.png"]
    assert list(large) == ["in-page-1.png"]
    assert result["smaller_left_out"] == 1


def test_one_zip_holds_the_images(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_image_page(pdf, _rgb(pdf)[0], _gray(pdf)[0])

    result, outputs = extract(pdf, tmp_path, as_zip=True)

    with zipfile.ZipFile(io.BytesIO(outputs["in-images.zip"])) as archive:
        assert sorted(archive.namelist()) == sorted(entry["name"] for entry in result["images"])
        assert len(archive.namelist()) == 2


@pytest.mark.parametrize(
    "broken", [{"Width": -1}, {"Width": Name.Wide}, {"ColorSpace": Array([])}, {"Filter": Name.DCTDecode}], ids=str
)
def test_a_malformed_image_does_not_keep_the_others_in(tmp_path: Path, broken: dict[str, Any]) -> None:
    pdf = pikepdf.new()
    stream = image(pdf, photograph(8, 8).tobytes(), (8, 8), Name.DeviceRGB)
    for key, value in broken.items():
        stream[f"/{key}"] = value
    add_image_page(pdf, stream)
    add_image_page(pdf, image(pdf, samples().tobytes(), SIZE, Name.DeviceRGB))

    _, outputs = extract(pdf, tmp_path)

    assert np.array_equal(opened(outputs["in-page-2.png"]), samples())


def test_locked_and_damaged_files_are_refused(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"")
    locked = save(pdf, tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
    (tmp_path / "damaged.pdf").write_bytes(b"%PDF-1.7 no")

    with pytest.raises(EncryptedPdf):
        extract(locked, tmp_path)
    with pytest.raises(DamagedFile):
        extract(tmp_path / "damaged.pdf", tmp_path)

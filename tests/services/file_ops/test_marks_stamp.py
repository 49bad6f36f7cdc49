"""A stamp keeps its look, lies where it was asked for, and is kept once however many pages show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from services.file_ops.contracts.marks import Stamp
from services.file_ops.marks.stamp import NotAStamp, stamp
from shared.errors import DamagedFile, TooComplex
from shared.media_types import JPEG, PDF, PNG, TIFF, MediaType
from shared.operation import InputFile
from shared.pdf.page_ranges import PagesOutOfRange
from tests.services.file_ops.page_pixels import assert_opens, ink, pixels, text

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def _pages(
    path: Path, count: int = 1, content: bytes = b"", size: tuple[int, int] = (300, 400), **entries: Any
) -> Path:
    pdf = pikepdf.new()
    for _ in range(count):
        page = pdf.add_blank_page(page_size=size).obj
        page.Contents = pdf.make_stream(content)
        for key, value in entries.items():
            page["/" + key] = value
    pdf.save(path)
    return path


def _stamped(source: Path, mark: Path, kind: MediaType, **options: Any) -> tuple[Path, dict[str, Any]]:
    target = source.with_name("out.pdf")
    inputs = [InputFile(source, "in.pdf", PDF.name), InputFile(mark, mark.name, kind.name)]
    result = stamp(inputs, target, Stamp(**options))
    assert_opens(target)
    return target, result


def _close(picture: np.ndarray[Any, Any], x: int, y: int, color: tuple[int, int, int], within: int = 6) -> bool:
    return bool(np.abs(picture[y, x] - np.array(color)).max() <= within)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return _pages(tmp_path / "in.pdf")


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_picture_is_upright_in_its_corner_with_its_transparency(tmp_path: Path, turn: int) -> None:
    source = _pages(tmp_path / "in.pdf", content=b"0 1 0 rg -1000 -1000 3000 3000 re f", Rotate=turn)
    picture = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 40, 20))
    picture.paste((0, 0, 255, 128), (0, 20, 20, 40))
    picture.save(tmp_path / "stamp.png")

    target, result = _stamped(source, tmp_path / "stamp.png", PNG, position="top-left", margin_points=10)

    seen = pixels(target)
    assert _close(seen, 20, 20, RED)
    assert _close(seen, 20, 40, (0, 127, 128))
    assert _close(seen, 40, 40, GREEN)
    assert _close(seen, 55, 20, GREEN)
    assert result["stamp_size_points"]["largest"] == [40, 40]


def test_a_jpeg_is_taken_as_it_is(tmp_path: Path, source: Path) -> None:
    Image.new("RGB", (100, 50), RED).save(tmp_path / "stamp.jpg", dpi=(144, 144))

    target, result = _stamped(source, tmp_path / "stamp.jpg", JPEG, position="bottom-right")

    assert _close(pixels(target), 270, 390, RED)
    assert result["stamp_size_points"]["largest"] == [50, 25]
    with pikepdf.open(target) as pdf:
        images = [each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Width") == 100]
        assert [image.read_raw_bytes() for image in images] == [(tmp_path / "stamp.jpg").read_bytes()]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_pictures_of_any_kind_keep_their_tones(tmp_path: Path, source: Path, mode: str) -> None:
    if mode == "I;16":
        Image.fromarray(np.full((20, 20), 0x8000, dtype=np.uint16)).save(tmp_path / "stamp.tif")
    else:
        Image.new("RGB", (20, 20), (128, 128, 128)).convert(mode).save(tmp_path / "stamp.tif")

    target, _ = _stamped(source, tmp_path / "stamp.tif", TIFF, position="top-left")

    assert np.abs(pixels(target)[2:18, 2:18].mean() - 128) < 8


def test_a_cmyk_jpeg_is_not_shown_inverted(tmp_path: Path, source: Path) -> None:
    Image.new("CMYK", (20, 20), (0, 255, 255, 0)).save(tmp_path / "stamp.jpg")

    target, _ = _stamped(source, tmp_path / "stamp.jpg", JPEG, position="top-left")

    red, green, blue = pixels(target)[10, 10]
    assert red > 180
    assert green < 90
    assert blue < 90


def test_a_photograph_stands_as_its_camera_was_held(tmp_path: Path, source: Path) -> None:
    picture = Image.new("RGB", (40, 20), RED)
    picture.paste(BLUE, (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "stamp.jpg", exif=exif, quality=95, subsampling=0)

    target, result = _stamped(source, tmp_path / "stamp.jpg", JPEG, position="top-left")

    seen = pixels(target)
    assert result["stamp_size_points"]["largest"] == [20, 40]
    assert _close(seen, 10, 8, BLUE, 20)
    assert _close(seen, 10, 32, RED, 20)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_stamp_page_that_is_turned_is_laid_on_as_it_is_seen(tmp_path: Path, turn: int) -> None:
    source = _pages(tmp_path / "in.pdf", Rotate=90)
    # As seen: 60 wide, 30 high, or the other way, with a black square in the lower left corner of the unturned page.
    mark = _pages(tmp_path / "stamp.pdf", content=b"0 g 110 210 10 10 re f", MediaBox=[100, 200, 170, 240], Rotate=turn)
    with pikepdf.open(mark, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.CropBox = Array([110, 210, 170, 240])
        pdf.save(mark)
    alone = pixels(mark)

    target, _ = _stamped(source, mark, PDF, position="top-left")

    seen = pixels(target)[: alone.shape[0], : alone.shape[1]]
    assert ink(seen) == ink(alone)
    assert np.abs(seen - alone).max() < 60


def test_size_and_scale(tmp_path: Path, source: Path) -> None:
    mark = _pages(tmp_path / "stamp.pdf", content=b"0 g 0 0 600 600 re f", size=(600, 600))

    _, shrunk = _stamped(source, mark, PDF)
    _, natural = _stamped(source, mark, PDF, size="natural")
    _, half = _stamped(source, mark, PDF, scale_percent=50, margin_points=50)
    small = _pages(tmp_path / "small.pdf", content=b"0 g 0 0 30 30 re f", size=(30, 30))
    _, kept = _stamped(source, small, PDF)
    target, fitted = _stamped(source, small, PDF, size="fit", margin_points=50)

    sizes = [each["stamp_size_points"]["largest"][0] for each in (shrunk, natural, half, kept, fitted)]
    assert sizes == [300, 600, 100, 30, 200]
    assert ink(pixels(target)) == pytest.approx((50, 100, 250, 300), abs=1)


def test_a_turned_stamp_stays_within_its_margin(tmp_path: Path, source: Path) -> None:
    mark = _pages(tmp_path / "stamp.pdf", content=b"0 g 0 0 100 20 re f", size=(100, 20))

    target, _ = _stamped(source, mark, PDF, rotation_degrees=90, position="bottom-left", margin_points=10)

    assert ink(pixels(target)) == (10, 290, 30, 390)


def test_a_stamp_under_the_page_leaves_its_text_readable(tmp_path: Path) -> None:
    source = _pages(tmp_path / "in.pdf", content=b"0 g 100 100 50 50 re f")
    mark = _pages(tmp_path / "stamp.pdf", content=b"1 0 0 rg 0 0 300 400 re f")

    target, result = _stamped(source, mark, PDF, layer="under")

    seen = pixels(target)
    assert _close(seen, 125, 275, (0, 0, 0))
    assert _close(seen, 10, 10, RED)
    assert result["hidden_on_pages"] == []


def test_opacity_fades_the_stamp_as_one(tmp_path: Path, source: Path) -> None:
    mark = _pages(tmp_path / "stamp.pdf", content=b"0 g 0 0 300 400 re f 0 0 150 400 re f")

    target, _ = _stamped(source, mark, PDF, opacity_percent=50)

    seen = pixels(target)
    assert _close(seen, 20, 20, (127, 127, 127))
    assert _close(seen, 280, 20, (127, 127, 127))


def _numbered(path: Path, count: int) -> Path:
    pdf = pikepdf.new()
    for number in range(1, count + 1):
        page = pdf.add_blank_page(page_size=(300, 400)).obj
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(Font=Dictionary(F=font))
        page.Contents = pdf.make_stream(b"BT /F 20 Tf 100 200 Td (stamp %d) Tj ET" % number)
    pdf.save(path)
    return path


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({}, [1, 1, 1, 1, 1]),
        ({"stamp_pages": "1-"}, [1, 2, 3, 1, 2]),
        ({"stamp_pages": "1-", "repeat": False}, [1, 2, 3, 0, 0]),
        ({"stamp_pages": "-1", "pages": "2,4"}, [0, 3, 0, 3, 0]),
    ],
)
def test_pages_of_a_stamp_are_laid_on_in_turn(tmp_path: Path, options: dict[str, Any], seen: list[int]) -> None:
    source = _pages(tmp_path / "in.pdf", 5)

    target, _ = _stamped(source, _numbered(tmp_path / "stamp.pdf", 3), PDF, **options)

    assert [text(target, page) for page in range(5)] == [f"stamp {number}" if number else "" for number in seen]


def test_a_stamp_on_many_pages_is_kept_once(tmp_path: Path) -> None:
    source = _pages(tmp_path / "in.pdf", 200)
    noise = np.random.default_rng(1).integers(0, 255, (100, 100, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "stamp.png")

    target, _ = _stamped(source, tmp_path / "stamp.png", PNG)

    assert target.stat().st_size - source.stat().st_size < 30_000 + 200 * 100


def test_comments_and_fields_of_the_stamp_are_seen_too(tmp_path: Path, source: Path) -> None:
    mark = _pages(tmp_path / "stamp.pdf")
    with pikepdf.open(mark, allow_overwriting_input=True) as pdf:
        square = Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=Array([20, 20, 60, 60]), IC=Array([1, 0, 0]))
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(square)])
        pdf.save(mark)

    target, _ = _stamped(source, mark, PDF)

    assert _close(pixels(target), 40, 360, RED)


def test_a_hidden_layer_of_the_stamp_stays_hidden(tmp_path: Path, source: Path) -> None:
    mark = _pages(
        tmp_path / "stamp.pdf", content=b"/OC /L BDC 1 0 0 rg 0 0 300 200 re f EMC 0 0 1 rg 0 200 300 200 re f"
    )
    with pikepdf.open(mark, allow_overwriting_input=True) as pdf:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=pikepdf.String("price")))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
        pdf.pages[0].obj.Resources = Dictionary(Properties=Dictionary(L=layer))
        pdf.save(mark)

    seen = pixels(_stamped(source, mark, PDF)[0])

    assert _close(seen, 150, 100, BLUE)
    assert _close(seen, 150, 300, (255, 255, 255))


def test_what_is_no_document_and_stamp_is_refused(tmp_path: Path, source: Path) -> None:
    one = InputFile(source, "in.pdf", PDF.name)
    picture = InputFile(source, "in.png", PNG.name)
    for inputs in ([one], [one, one, one], [picture, one]):
        with pytest.raises(NotAStamp):
            stamp(inputs, tmp_path / "out.pdf", Stamp())


def test_pages_that_the_stamp_has_not_are_named(tmp_path: Path, source: Path) -> None:
    with pytest.raises(PagesOutOfRange, match="Page 7"):
        _stamped(source, _numbered(tmp_path / "stamp.pdf", 2), PDF, stamp_pages="7")


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n broken", b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0"]
)
def test_a_damaged_picture_is_a_damaged_file(tmp_path: Path, source: Path, data: bytes) -> None:
    (tmp_path / "stamp.png").write_bytes(data)

    with pytest.raises(DamagedFile):
        _stamped(source, tmp_path / "stamp.png", PNG)


def test_a_picture_without_end_is_too_complex(tmp_path: Path, source: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "stamp.png")

    with pytest.raises(TooComplex):
        _stamped(source, tmp_path / "stamp.png", PNG)

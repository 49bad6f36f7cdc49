"""Pictures among merged files become pages that show every pixel."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageSequence

from services.file_ops.assembly.merge import merge
from services.file_ops.contracts.assembly import MergeOptions
from shared.errors import DamagedFile
from shared.operation import InputFile
from tests.services.file_ops.assembled_documents import check, given, opened, text_document

_GRADIENT = np.linspace(0, 255, 60 * 40 * 3).astype(np.uint8).reshape(40, 60, 3)
PICTURE = Image.fromarray(_GRADIENT)


def merged(tmp_path: Path, *pictures: tuple[str, bytes]) -> Path:
    files = []
    for name, data in pictures:
        (tmp_path / name).write_bytes(data)
        files.append(InputFile(tmp_path / name, name, f"image/{name.partition('.')[2]}"))
    merge(files, tmp_path / "merged.pdf", MergeOptions())
    check(tmp_path / "merged.pdf")
    return tmp_path / "merged.pdf"


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, kind, **options)
    return data.getvalue()


def shown(path: Path, page: int = 0, width: int = 60) -> np.ndarray:
    with pypdfium2.PdfDocument(path) as document:
        return document[page].render(scale=width / document[page].get_width()).to_pil().convert("RGB")


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "RGBA", "LA", "CMYK"])
def test_a_picture_of_every_mode_shows_its_pixels(tmp_path: Path, mode: str) -> None:
    picture = PICTURE.convert(mode)
    kind, suffix = ("TIFF", "tiff") if mode == "CMYK" else ("PNG", "png")

    path = merged(tmp_path, (f"a.{suffix}", encoded(picture, kind, dpi=(72, 72))))

    difference = np.abs(np.asarray(shown(path), np.int16) - np.asarray(picture.convert("RGB"), np.int16))
    assert difference.mean() < (25 if mode == "CMYK" else 1)


def test_transparent_parts_show_the_paper(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (60, 40), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (30, 0, 60, 40))

    path = merged(tmp_path, ("a.png", encoded(picture, "PNG")))

    assert shown(path).getpixel((10, 20)) == (255, 255, 255)
    assert shown(path).getpixel((50, 20)) == (0, 0, 255)


def test_jpegs_are_kept_as_they_are_in_their_resolution(tmp_path: Path) -> None:
    data = encoded(PICTURE, "JPEG", dpi=(30, 30))

    pdf = opened(merged(tmp_path, ("a.jpeg", data)))

    assert pdf.pages[0].obj.Resources.XObject.Im0.read_raw_bytes() == data
    assert [float(side) for side in pdf.pages[0].mediabox] == [0, 0, 144, 96]


def test_a_photograph_stands_as_the_camera_was_held(tmp_path: Path) -> None:
    picture = Image.new("RGB", (60, 40), "white")
    picture.paste("red", (0, 0, 20, 40))
    for orientation, (x, y) in {1: (2, 20), 3: (57, 20), 6: (20, 2), 8: (20, 57), 2: (57, 20), 5: (20, 2)}.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = merged(tmp_path, ("a.jpeg", encoded(picture, "JPEG", exif=exif.tobytes())))
        look = shown(path, width=60 if orientation in (1, 2, 3) else 40)
        red, green, _ = look.getpixel((x, y))
        assert (red > 200, green < 60) == (True, True), orientation


def test_every_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    frames = [Image.new("L", (30, 20), shade) for shade in (10, 120, 240)]

    path = merged(tmp_path, ("a.tiff", encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:])))

    assert [shown(path, page, 30).getpixel((15, 10))[0] for page in range(3)] == [10, 120, 240]


def test_pictures_and_documents_mix_in_their_order(tmp_path: Path) -> None:
    text = text_document(tmp_path / "text.pdf", "text", pages=1)
    (tmp_path / "a.png").write_bytes(encoded(PICTURE, "PNG"))
    picture = InputFile(tmp_path / "a.png", "a.png", "image/png")

    result = merge([picture, *given(text), picture], tmp_path / "merged.pdf", MergeOptions())

    pdf = opened(tmp_path / "merged.pdf")
    assert ["/XObject" in page.obj.Resources for page in pdf.pages] == [True, False, True]
    assert [file["name"] for file in result["files"]] == ["a.png", "text.pdf", "a.png"]


def test_a_picture_that_ends_too_early_is_named(tmp_path: Path) -> None:
    data = encoded(PICTURE, "JPEG")
    for name, damaged in (("a.jpeg", data[: len(data) // 2]), ("a.png", encoded(PICTURE, "PNG")[:80])):
        with pytest.raises(DamagedFile, match=rf"File 1 \({name}\)"):
            merged(tmp_path, (name, damaged))


def test_pictures_of_the_corpus_become_pages(tmp_path: Path, corpus: Path) -> None:
    for path in sorted((corpus / "ocr").glob("*.*")):
        if path.suffix not in (".png", ".tif"):
            continue
        with Image.open(path) as picture:
            frames = sum(1 for _ in ImageSequence.Iterator(picture))
        pdf = opened(merged(tmp_path, (f"{path.stem}.{'png' if path.suffix == '.png' else 'tiff'}", path.read_bytes())))
        assert len(pdf.pages) == frames
        assert isinstance(pdf.pages[0].obj.Resources.XObject.Im0, pikepdf.Stream)

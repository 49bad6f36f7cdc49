"""Pictures become pictures of another kind without a way through PDF: their pixels stay, upright and in all frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shared.errors import DamagedFile
from shared.media_types import PNG
from tests.services.conversion.page_documents import convert, photograph, pixels_of


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGB"), ("PNG", "1"), ("PNG", "I;16"), ("TIFF", "L"), ("BMP", "RGB"), ("GIF", "P")]
)
def test_a_picture_that_becomes_another_kind_keeps_its_pixels(tmp_path: Path, form: str, mode: str) -> None:
    picture = Image.fromarray(photograph(201, 99))
    picture = (
        picture.convert("L").convert("I").point(lambda level: level * 256).convert("I;16")
        if mode == "I;16"
        else picture.convert(mode)
    )
    source = tmp_path / f"picture.{form.lower()}"
    picture.save(source, form)

    _, outputs = convert(source, tmp_path / "out", to="png", kind=PNG)

    wanted = (
        np.asarray(picture) // 256 if mode == "I;16" else np.asarray(picture.convert("L" if mode in "1L" else "RGB"))
    )
    with Image.open(outputs["picture-1.png"]) as written:
        assert np.array_equal(np.asarray(written.convert("RGB" if wanted.ndim == 3 else "L")), wanted)


def test_a_photograph_is_turned_the_way_the_camera_was_held(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20), "white")
    picture.paste((255, 0, 0), (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "held.png", exif=exif)

    _, outputs = convert(tmp_path / "held.png", tmp_path / "out", to="png", kind=PNG)

    pixels = pixels_of(outputs["held-1.png"])
    assert pixels.shape == (40, 20, 3)
    assert (tuple(pixels[5, 10]), tuple(pixels[35, 10])) == ((255, 0, 0), (255, 255, 255))


def test_all_frames_of_a_picture_are_pages(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    frames[0].save(tmp_path / "frames.tif", save_all=True, append_images=frames[1:])

    _, outputs = convert(tmp_path / "frames.tif", tmp_path / "out", to="png", kind=PNG, pages="-1")

    assert tuple(pixels_of(outputs["frames-3.png"])[0, 0]) == (0, 0, 255)


def test_a_broken_picture_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))

    with pytest.raises(DamagedFile):
        convert(tmp_path / "broken.png", tmp_path / "out", to="jpeg", kind=PNG)

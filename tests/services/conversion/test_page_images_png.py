"""The PNG writer gives back every pixel, with the filter that suits the picture."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from services.conversion.page_images.png import write_png
from tests.services.conversion.page_documents import photograph, pixels_of


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (64, 65), (129, 33), (300, 401)])
@pytest.mark.parametrize("colors", [1, 2, 3, 16, 17, 250, 256, 100_000])
@pytest.mark.parametrize("channels", [0, 3, 4])
def test_the_png_writer_gives_back_what_it_was_given(shape: tuple[int, int], colors: int, channels: int) -> None:
    rng = np.random.default_rng(colors)
    size = (*shape, channels) if channels else shape
    table = rng.integers(0, 256, (colors, *size[2:]), np.uint8)
    pixels = table[rng.integers(0, colors, shape)]
    out = io.BytesIO()

    write_png(out, pixels, 72)

    with Image.open(out) as picture:
        kept = np.asarray(picture.convert({0: "L", 3: "RGB", 4: "RGBA"}[channels]))
    assert np.array_equal(kept, pixels)


def _filters(png: bytes, row_bytes: int) -> set[int]:
    """The filters that stand before the rows of a PNG file."""
    place, data = 8, b""
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += 12 + length
    return set(zlib.decompress(data)[:: row_bytes + 1])


def _pictures() -> list[np.ndarray]:
    """Pictures of which each has its own best filter: none, left, above, average, Paeth."""
    rng = np.random.default_rng(1)
    y, x = (place[..., None] for place in np.mgrid[0:200, 0:300])
    dots = np.where(rng.random((200, 300, 1)) < 0.1, rng.integers(0, 256, (200, 300, 3)), 255)
    across = (x * 7 + np.arange(3) * 9 + rng.integers(0, 256, (200, 1, 3))) % 256
    down = (y * 7 + np.arange(3) * 9 + rng.integers(0, 256, (1, 300, 3))) % 256
    smooth = 128 + 50 * np.sin(x / 20) + 50 * np.cos(y / 30) + rng.normal(0, 6, (200, 300, 3))
    blocks = np.repeat(np.repeat(rng.integers(0, 240, (50, 75, 3)), 4, 0), 4, 1) + rng.integers(0, 2, (200, 300, 3)) * 9
    return [picture.clip(0, 255).astype(np.uint8) for picture in (dots, across, down, smooth, blocks)]


def test_each_picture_has_the_filter_that_suits_it_and_comes_back_whole() -> None:
    used = []
    for picture in _pictures():
        out = io.BytesIO()
        write_png(out, picture, 72)
        assert np.array_equal(pixels_of(out), picture)
        used.append(_filters(out.getvalue(), picture.shape[1] * 3))

    assert used == [{0}, {1}, {2}, {3}, {4}]


def test_photographs_are_no_larger_than_other_encoders_make_them() -> None:
    pixels = photograph(333, 517)
    ours, plain = io.BytesIO(), io.BytesIO()

    write_png(ours, pixels, 72)
    Image.fromarray(pixels).save(plain, "PNG", compress_level=6)

    assert len(ours.getvalue()) < 1.1 * len(plain.getvalue())

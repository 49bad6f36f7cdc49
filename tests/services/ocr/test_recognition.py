"""What the default engine reads: words where their ink is, through grain, in scripts with and without spaces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from services.ocr.engines.ppocr import PpOcr
from services.ocr.engines.protocol import PageImage, PageText
from services.ocr.outcome import read_page
from tests.services.ocr.scans import DPI, LINES, picture

#: Fonts with Japanese and Chinese, as Debian's packages place them.
_FONTS = ("fonts-droid-fallback/truetype/DroidSansFallback.ttf", "fonts/truetype/droid/DroidSansFallbackFull.ttf")
_FONTS += ("fonts/opentype/noto/NotoSansCJK-Regular.ttc", "fonts/opentype/ipafont-gothic/ipag.ttf")
_EAST_ASIAN = (
    "東京都の天気は晴れです。",
    "明日の午後は雨が降るでしょう。",
    "中国的首都是北京。",
    "The price is 300 yen today",
)


def _read(page: Image.Image) -> PageText:
    (text,) = PpOcr().read([PageImage(np.asarray(page.convert("RGB")), DPI)])
    return text


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    area = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return across * down / (sum(area) - across * down)


def test_boxes_of_words_are_no_larger_than_their_ink_and_a_margin() -> None:
    # Two pages: lines far apart, and short cells, around which detection leaves most room.
    for lines in (LINES, ("Total", "Brie 4.50", "1.90 EUR")):
        font, pen = ImageFont.load_default(32), ImageDraw.Draw(Image.new("L", (1, 1)))
        true = {}
        for number, line in enumerate(lines):
            left = 60.0
            for word in line.split():
                box = pen.textbbox((left, 60 + 80 * number), word, font=font)
                true[number, word] = box
                left += font.getlength(f"{word} ")
        found = [(word.text, (*word.quad.min(0), *word.quad.max(0))) for word in _read(picture(lines)).words]

        for (_, word), box in true.items():
            best = max((_overlap(place, box) for text, place in found if text == word), default=0.0)
            assert best > 0.45, f"{word} at {box}, overlap {best:.2f}, found {found}"


def test_a_page_with_much_grain_is_read_and_a_fine_one_is_not_smoothed() -> None:
    clean = np.asarray(picture(), np.float32) * (160 / 255) + 60
    grainy = clean + np.random.default_rng(3).normal(0, 30, clean.shape)

    text = _read(Image.fromarray(grainy.clip(0, 255).astype(np.uint8)))

    assert sorted(word.text for word in text.words) == sorted(" ".join(LINES).split())


def test_east_asian_lines_keep_their_order_without_spaces_and_latin_ones_their_spaces() -> None:
    fonts = [path for name in _FONTS if (path := Path("/usr/share") / name).exists()]
    if not fonts:
        pytest.skip(
            "no font with Japanese is installed: Debian's fonts-droid-fallback, fonts-noto-cjk or fonts-ipafont"
        )
    page = Image.new("L", (1000, 460), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(str(fonts[0]), 40)
    for number, line in enumerate(_EAST_ASIAN):
        # Fonts that fill in for others have no Latin letters.
        pen.text((60, 40 + 100 * number), line, fill=0, font=ImageFont.load_default(40) if line.isascii() else font)
    image = PageImage(np.asarray(page.convert("RGB")), DPI)

    (text,) = PpOcr().read([image])

    assert read_page(image, text).text.splitlines() == list(_EAST_ASIAN)

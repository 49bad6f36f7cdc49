"""The text layer says each word where it is seen, paints nothing, and is of a font that comes with the document."""

# ruff: noqa: RUF001 - texts of many scripts
from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from services.ocr.pages import invisible_font
from services.ocr.pages.invisible_font import InvisibleFont
from services.ocr.pages.invisible_text import remove_invisible_text
from services.ocr.pages.letter_widths import glyph_of
from services.ocr.pages.text_layer import PlacedWord, add_layer
from shared.pdf.text_page import Frame, open_text
from shared.pdf.words import Word, words_of
from tests.services.ocr.invisible_font_program import font_program

_FRAME = Frame(0, 0, 400, 300, 0)


def _box(text: str, left: float, top: float, right: float, bottom: float, frame: Frame = _FRAME) -> PlacedWord:
    """A word by its edges in points of the shown page."""
    width, height = frame.size
    edges = left / width, top / height, right / width, bottom / height
    return PlacedWord(text, ((edges[0], edges[1]), (edges[2], edges[1]), (edges[2], edges[3]), (edges[0], edges[3])))


def _written(
    target: Path, *lines: list[PlacedWord], rotate: int = 0, box: tuple[float, ...] = (0, 0, 400, 300)
) -> Path:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(400, 300))
        page.obj.MediaBox, page.obj.Rotate = Array([-50, -50, 900, 900]), rotate
        page.obj.CropBox = Array(list(box))
        font = InvisibleFont(pdf)
        add_layer(page, lines, Frame(*box, rotate), font)
        font.finish()
        pdf.save(target)
    return target


def _words(pdf: Path) -> list[Word]:
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    with open_text(page.raw) as text:
        found = words_of(text)
    page.close()
    document.close()
    return found


def _poppler(pdf: Path) -> list[str]:
    told = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    # It marks where the direction changes.
    return told.replace("\u202b", "").replace("\u202c", "").split()


def test_the_font_is_the_one_that_its_maker_makes() -> None:
    assert invisible_font.PROGRAM.read_bytes() == font_program()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_words_of_a_line_stand_where_they_are_placed(tmp_path: Path, rotate: int) -> None:
    frame = Frame(30, 20, 430, 320, rotate)
    wanted = [("Wide", 20, 110), ("letters", 114, 150), ("and", 190, 215), ("narrow,", 219, 228)]
    line = [_box(text, left, 40, right, 56, frame) for text, left, right in wanted]

    found = _words(_written(tmp_path / "a.pdf", line, rotate=rotate, box=(30, 20, 430, 320)))

    assert sorted(word.text for word in found) == sorted(text for text, _, _ in wanted)
    places = {word.text: word for word in found}
    for text, left, right in wanted:
        word = places[text]
        assert (word.left, word.top, word.bottom) == pytest.approx((left, 40, 56), abs=0.6)
        # A word alone is as wide as it is seen; one of a line at most a third of its height off.
        assert word.right == pytest.approx(right, abs=16 * 0.36)


@pytest.mark.parametrize(
    "text",
    ["שלום עולם בית", "مرحبا بالعالم", "日本語の 文章です", "Ωμέγα αλφα", "𝔘nicode 😀 (a\\b) \u0d0d\u0d0a"],
)
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="the program pdftotext is not installed")
def test_every_script_is_read_back_in_its_own_order(tmp_path: Path, text: str) -> None:
    words = text.split()
    # Hebrew and Arabic begin at the right.
    from_right = text[0] in "שم"
    lefts = [20 + 70 * number for number in range(len(words))]
    line = [
        _box(word, left, 40, left + 60, 56)
        for word, left in zip(words, reversed(lefts) if from_right else lefts, strict=True)
    ]
    made = _written(tmp_path / "a.pdf", line)

    assert _poppler(made) == words
    assert [word.text for word in _words(made)] == words


def test_nothing_is_painted_not_even_where_a_viewer_ignores_that_it_is_invisible(tmp_path: Path) -> None:
    made = _written(tmp_path / "a.pdf", [_box("Wmi.—日", 20, 40, 380, 200)])
    with pikepdf.open(made, allow_overwriting_input=True) as pdf:
        layer = pdf.pages[0].obj.Contents[0]
        layer.write(layer.read_bytes().replace(b"3 Tr", b"0 Tr"))
        pdf.save(made)
    document = pypdfium2.PdfDocument(made)
    pixels = document[0].render(scale=3).to_numpy()
    assert int(pixels.min()) == 255
    document.close()


def test_every_code_has_a_glyph_as_wide_as_the_document_says(tmp_path: Path) -> None:
    text = "Aźß…“日 .m"
    with pikepdf.open(_written(tmp_path / "a.pdf", [_box(text, 20, 40, 380, 60)])) as pdf:
        font = next(iter(pdf.pages[0].obj.Resources.Font.values()))
        letters = font.DescendantFonts[0]
        glyphs = letters.CIDToGIDMap.read_bytes()
        assert letters.FontDescriptor.FontFile2.read_bytes() == font_program()
        for code in map(ord, text):
            glyph = int.from_bytes(glyphs[2 * code : 2 * code + 2], "big")
            assert glyph == glyph_of(code) > 0


def test_a_page_of_words_takes_few_bytes(tmp_path: Path) -> None:
    chance = random.Random(1)
    lines = []
    for row in range(20):
        left, line = 20.0, []
        while left < 350:
            letters = "".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9)))
            line.append(_box(letters, left, 20 + 12 * row, left + 4.1 * len(letters), 30 + 12 * row))
            left += 4.1 * len(letters) + 3 + chance.random()
        lines.append(line)
    with pikepdf.open(_written(tmp_path / "a.pdf", *lines)) as pdf:
        assert len(pdf.pages[0].obj.Contents[0].read_raw_bytes()) / sum(map(len, lines)) < 10


def test_pages_that_share_their_resources_share_the_font_and_lose_their_layers_one_by_one() -> None:
    with pikepdf.new() as pdf:
        shared = pdf.make_indirect(Dictionary())
        contents = []
        for _ in range(2):
            page = pdf.add_blank_page(page_size=(400, 300))
            page.obj.Resources = shared
            page.obj.Contents = pdf.make_stream(b"0 0 10 10 re f")
            contents.append(page.obj.Contents)
        font = InvisibleFont(pdf)
        for page in pdf.pages:
            add_layer(page, [[_box("word", 20, 40, 60, 56)]], _FRAME, font)
        assert len(shared.Font) == 1
        assert remove_invisible_text(pdf, pdf.pages[0]) == 1

        assert [stream.objgen for stream in pdf.pages[0].obj.Contents] == [contents[0].objgen]
        assert "/Font" not in pdf.pages[0].obj.Resources or not pdf.pages[0].obj.Resources.Font
        assert len(pdf.pages[1].obj.Contents) == 2
        assert Name("/BinderyOcr") in pdf.pages[1].obj.Resources.Font

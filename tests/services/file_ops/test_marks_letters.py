"""Text in any script is drawn right and can be found, or it is refused with the characters and the remedy named."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

from services.file_ops.contracts.marks import Watermark
from services.file_ops.lettering import system_fonts
from services.file_ops.lettering.direction import visual_order
from services.file_ops.lettering.letters import fonts_of_texts
from services.file_ops.lettering.script_rules import ShapingNeeded, UncoveredCharacters
from services.file_ops.marks.watermark import watermark
from tests.services.file_ops.page_pixels import assert_opens, ink, pixels, text

PLAIN = {"rotation_degrees": 0, "opacity_percent": 100, "color": "#000000", "font_size_points": 40}


def _written(folder: Path, words: str) -> Path:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(600, 200))
    pdf.save(folder / "in.pdf")
    watermark(folder / "in.pdf", folder / "out.pdf", Watermark(text=words, **PLAIN))
    assert_opens(folder / "out.pdf")
    return folder / "out.pdf"


def _font(path: Path, characters: str, *, outlines: str = "glyf", fs_type: int = 0) -> None:
    """A font whose glyphs are squares of half an em on the baseline."""
    names = {ord(character): f"glyph{number}" for number, character in enumerate(characters)}
    order = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=outlines == "glyf")
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    pens = {name: TTGlyphPen(None) if outlines == "glyf" else T2CharStringPen(600, None) for name in order}
    for pen in pens.values():
        pen.moveTo((50, 0))
        for corner in ((50, 500), (550, 500), (550, 0)):
            pen.lineTo(corner)
        pen.closePath()
    if outlines == "glyf":
        builder.setupGlyf({name: pen.glyph() for name, pen in pens.items()})
    else:
        builder.setupCFF("Squares", {}, {name: pen.getCharString() for name, pen in pens.items()}, {})
    builder.setupHorizontalMetrics(dict.fromkeys(order, (600, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Squares", "styleName": "Regular", "psName": "Squares-Regular"})
    builder.setupOS2(fsType=fs_type)
    builder.setupPost()
    builder.save(path)


@pytest.fixture
def fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder with fonts; empty."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    monkeypatch.setattr(system_fonts, "FONT_FOLDERS", (folder,))
    system_fonts.forget()
    yield folder
    system_fonts.forget()


def test_latin_text_needs_no_font_of_the_machine(tmp_path: Path, fonts: Path) -> None:
    assert text(_written(tmp_path, "Größe 20 € — “naïve”")) == "Größe 20 € — “naïve”"


@pytest.mark.parametrize("outlines", ["glyf", "CFF"])
def test_a_font_that_has_the_characters_is_found_and_embedded_so_that_they_are_drawn_and_found(
    tmp_path: Path, fonts: Path, outlines: str
) -> None:
    _font(fonts / "Squares.ttf", "ЯЖ", outlines=outlines)

    target = _written(tmp_path, "ЖЯ")

    assert text(target) == "ЖЯ"
    left, top, right, bottom = ink(pixels(target))
    # Two squares of half an em: 40 points x (0.6 + 0.5).
    assert (right - left, bottom - top) == (pytest.approx(44, abs=2), pytest.approx(20, abs=2))
    with pikepdf.open(target) as pdf:
        programs = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/FontName" in each]
        assert [str(each.FontName)[8:] for each in programs] == ["Squares-Regular"]


def test_a_font_that_lacks_one_character_gives_way_to_one_that_has_all(tmp_path: Path, fonts: Path) -> None:
    _font(fonts / "Aaa-Regular.ttf", "Я")
    _font(fonts / "Bbb-Italic.ttf", "ЯЖ")

    assert [font.path.name for font in fonts_of_texts(["ЖЯ"])] == ["Bbb-Italic.ttf"]


def test_characters_of_two_fonts_are_taken_from_both(tmp_path: Path, fonts: Path) -> None:
    _font(fonts / "Aaa.ttf", "Я")
    _font(fonts / "Bbb.ttf", "Ж")

    assert text(_written(tmp_path, "ЖЯЖ")) == "ЖЯЖ"


@pytest.mark.parametrize("fs_type", [0x0002, 0x0100, 0x0200])
def test_a_font_whose_maker_forbids_embedding_is_not_embedded(fonts: Path, fs_type: int) -> None:
    _font(fonts / "Squares.ttf", "Я", fs_type=fs_type)

    with pytest.raises(UncoveredCharacters):
        fonts_of_texts(["Я"])


def test_a_broken_font_file_is_passed_over(fonts: Path) -> None:
    (fonts / "broken.ttf").write_bytes(b"\0\1\0\0 this is no font")
    (fonts / "broken.ttc").write_bytes(b"ttcf")
    _font(fonts / "good.ttf", "Я")

    assert [font.path.name for font in fonts_of_texts(["Я"])] == ["good.ttf"]


@pytest.mark.parametrize(
    ("words", "character", "package"),
    [
        ("Строго", "U+0433 CYRILLIC SMALL LETTER GHE", "fonts-noto-core"),
        ("机密", "密 (U+5BC6 CJK UNIFIED IDEOGRAPH-5BC6)", "fonts-noto-cjk"),
        ("ひみつ", "ひ (U+3072 HIRAGANA LETTER HI)", "fonts-noto-cjk"),
        ("OK 🚀", "🚀 (U+1F680 ROCKET)", "fonts-symbola"),
    ],
)
def test_without_a_font_the_characters_and_the_package_are_named(
    tmp_path: Path, fonts: Path, words: str, character: str, package: str
) -> None:
    with pytest.raises(UncoveredCharacters) as caught:
        _written(tmp_path, words)

    assert character in caught.value.message
    assert package in caught.value.message
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.parametrize("words", ["سري", "गोपनीय", "ความลับ", "க்ஷ", "x̄ȳ", "👨\u200d👩"])
def test_what_only_a_shaper_can_set_is_refused_rather_than_printed_wrongly(tmp_path: Path, words: str) -> None:
    with pytest.raises(ShapingNeeded) as caught:
        _written(tmp_path, words)

    assert "stamp" in caught.value.remedy


def test_accents_typed_apart_are_joined(tmp_path: Path, fonts: Path) -> None:
    assert text(_written(tmp_path, "cafe\u0301")) == "café"


@pytest.mark.parametrize(
    ("logical", "visual"),
    [
        ("hello (world)", "hello (world)"),
        ("שלום", "םולש"),
        ("abc שלום def", "abc םולש def"),
        ("שלום abc 123", "abc 123 םולש"),
        ("אבג 12,5 (ד)", "(ד) 12,5 גבא"),
        ("מחיר: 50%", "50% :ריחמ"),
        ("Price: שלום 50% (טוב)!", "Price: (בוט) 50% םולש!"),
        ("(abc) אב", "(abc) בא"),
    ],
)
def test_lines_with_hebrew_are_drawn_in_the_order_of_the_bidirectional_algorithm(logical: str, visual: str) -> None:
    assert visual_order(logical) == visual


@pytest.mark.parametrize("words", ["Łódź", "Αθήνα", "Строго", "שלום"])
def test_scripts_of_the_machines_own_fonts_can_be_found_in_the_result(tmp_path: Path, words: str) -> None:
    try:
        fonts_of_texts([words])
    except UncoveredCharacters as error:
        pytest.skip(f"this machine has no font: {error.message}")

    assert text(_written(tmp_path, words)) == words

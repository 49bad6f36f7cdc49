"""What is asked for changes how pages are shown: straight, clean, upright. What is not asked for stays."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from services.ocr.pages.straightening import straighten
from shared.pdf.text_page import Frame, open_text
from shared.pdf.words import words_of
from tests.services.ocr.scans import LINES, picture, pixels_of, read, scan, text_of

WORDS = " ".join(LINES).split()
_TILT_DEGREES = 4.0


@pytest.fixture(scope="module")
def tilted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan whose lines fall to the right, with a link on its first word and a language of its own."""
    page = picture().rotate(-_TILT_DEGREES, resample=Image.Resampling.BICUBIC, fillcolor=255)
    source = scan(tmp_path_factory.mktemp("tilted") / "a.pdf", page)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[30, 270, 90, 300], Border=[0, 0, 0])
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])
        pdf.Root.Lang = "en-GB"
        pdf.save(source)
    return source


def _images(pdf: Path) -> list[bytes]:
    with pikepdf.open(pdf) as opened:
        return [bytes(image.read_raw_bytes()) for image in opened.pages[0].get_images().values()]


def _ink_under_words(pdf: Path) -> None:
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    shown = page.render(scale=1).to_numpy()[:, :, 0]
    with open_text(page.raw) as text:
        words = words_of(text)
    page.close()
    document.close()
    assert sorted(word.text for word in words) == sorted(WORDS)
    for word in words:
        assert shown[int(word.top) : int(word.bottom) + 1, int(word.left) : int(word.right) + 1].min() < 128, word.text


def test_a_tilted_page_is_shown_straight_with_its_picture_as_it_was_coded(tilted: Path, tmp_path: Path) -> None:
    task, result = read(tilted, tmp_path, deskew=True, sidecars=["json"])
    made = task.outputs[0].path

    (page,) = result["page_results"]
    assert page["skew_degrees"] == pytest.approx(_TILT_DEGREES, abs=0.4)
    assert page["straightened_degrees"] == page["skew_degrees"]
    assert _images(made) == _images(tilted)
    _ink_under_words(made)
    # Rows of pixels through a line of text are dark, those between are white: only level lines have such gaps.
    rows = (pixels_of(made)[60:240, 40:440, 0] < 160).any(axis=1)
    assert (np.diff(rows.astype(int)) != 0).sum() >= 6
    corners = json.loads(task.outputs[1].path.read_text())["pages"][0]["lines"][0]["corners"]
    assert corners[0][1] == pytest.approx(corners[1][1], abs=4)
    again, told = read(made.rename(tmp_path / "again.pdf"), tmp_path, mode="redo", deskew=True)
    assert told["page_results"][0]["straightened_degrees"] == 0
    _ink_under_words(again.outputs[0].path)


def test_links_turn_with_the_page_and_a_language_that_is_named_stays(tilted: Path, tmp_path: Path) -> None:
    task, _ = read(tilted, tmp_path, deskew=True)

    with pikepdf.open(task.outputs[0].path) as pdf:
        left, bottom, right, top = (float(edge) for edge in pdf.pages[0].obj.Annots[0].Rect)
        assert str(pdf.Root.Lang) == "en-GB"
    assert (right - left, top - bottom) == pytest.approx((60, 30))
    # 117 points above the middle, and 180 left of it: what is at the left end comes down.
    assert ((left + right) / 2, (bottom + top) / 2) == pytest.approx((52.5, 272.1), abs=2)


def test_a_page_whose_content_cannot_be_wrapped_stays_as_it_is() -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(400, 300))
        page.obj.Contents = pdf.make_stream(b"q Q Q 0 0 10 10 re f")
        assert not straighten(pdf, page, 2.0, Frame(0, 0, 400, 300, 0))
        assert page.obj.Contents.read_bytes() == b"q Q Q 0 0 10 10 re f"


def test_a_page_of_one_tilted_line_is_left_as_it_was_meant(tmp_path: Path) -> None:
    stamp = picture(LINES[1:2]).rotate(-_TILT_DEGREES, resample=Image.Resampling.BICUBIC, fillcolor=255)
    source = scan(tmp_path / "a.pdf", stamp)
    task, result = read(source, tmp_path, deskew=True)

    assert result["page_results"][0]["straightened_degrees"] == 0
    assert np.array_equal(pixels_of(source), pixels_of(task.outputs[0].path))


def test_states_that_the_content_leaves_open_are_closed_around_it() -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(400, 300))
        page.obj.Contents = pdf.make_stream(b"q 2 0 0 2 0 0 cm q 0 0 10 10 re f")
        assert straighten(pdf, page, 2.0, Frame(0, 0, 400, 300, 0))
        page.contents_coalesce()
        assert page.obj.Contents.read_bytes().split().count(b"q") == page.obj.Contents.read_bytes().split().count(b"Q")


def _on_grey_paper(target: Path) -> Path:
    """Letters on paper that darkens to one side, with specks."""
    shade = np.linspace(225, 150, 1000)[None, :] / 255
    pixels = np.asarray(picture()).astype(float) * shade
    for x, y in np.random.default_rng(5).integers([20, 400], [980, 680], (60, 2)):
        pixels[y, x] = 40
    out = target.with_suffix(".png")
    Image.fromarray(pixels.astype(np.uint8)).save(out)
    return scan(target, Image.open(out))


def test_paper_is_cleaned_for_reading_only_or_also_where_it_is_shown(tmp_path: Path) -> None:
    source = _on_grey_paper(tmp_path / "a.pdf")
    unseen, _ = read(source, tmp_path, clean="read")
    shown, result = read(source, tmp_path, clean="show")

    assert _images(unseen.outputs[0].path) == _images(source)
    assert np.array_equal(pixels_of(unseen.outputs[0].path), pixels_of(source))
    after = pixels_of(shown.outputs[0].path)
    assert np.median(after) == 255
    assert after[195:325].min() > 250, "specks are left"
    assert after.min() < 60, "letters are gone"
    assert text_of(unseen.outputs[0].path) == text_of(shown.outputs[0].path) == WORDS
    assert "cleaned" in result["page_results"][0]["notes"][0]


def test_places_in_sidecars_are_those_of_the_page_as_it_comes_out(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture(turn_degrees=90))
    task, result = read(source, tmp_path, rotate_pages=True, sidecars=["json"])

    page = json.loads(task.outputs[1].path.read_text())["pages"][0]
    assert (page["width_pixels"], page["height_pixels"]) == pytest.approx((1000, 700), abs=1)
    first = page["lines"][0]["words"][0]
    assert first["text"] == WORDS[0]
    assert first["corners"][0] == pytest.approx([60, 64], abs=12)
    assert result["page_results"][0]["rotated_degrees"] == 270
    assert result["page_results"][0]["turned_degrees"] == 270


def test_the_language_is_told_and_written_where_the_document_names_none(tmp_path: Path) -> None:
    german = (
        "Das ist ein Satz, der nicht schwer zu lesen ist,",
        "und ein zweiter, mit dem es auch noch gut geht.",
        "Wenn sie wollen, können wir das für Sie machen,",
        "aber nur, wenn es nach dem Essen ist und bei uns.",
    )
    task, result = read(scan(tmp_path / "a.pdf", picture(german)), tmp_path, sidecars=["hocr", "alto"])

    assert result["language"] == result["page_results"][0]["language"] == "deu"
    with pikepdf.open(task.outputs[0].path) as pdf:
        assert str(pdf.Root.Lang) == "de"
    assert 'lang="de"' in task.outputs[1].path.read_text()
    assert 'LANG="de"' in task.outputs[2].path.read_text()


def test_tags_and_layers_of_the_document_survive(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture(LINES[:1]))
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        figure = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Figure, Pg=page.obj, K=0, Alt="A letter"))
        tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([figure])))
        tree.ParentTree = Dictionary(Nums=Array([0, Array([figure])]))
        figure.P = tree
        pdf.Root.StructTreeRoot, pdf.Root.MarkInfo, page.obj.StructParents = tree, Dictionary(Marked=True), 0
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Scan"))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(ON=Array([layer])))
        page.contents_add(b"/Figure <</MCID 0>> BDC", prepend=True)
        page.contents_add(b"EMC")
        pdf.save(source)
    task, _ = read(source, tmp_path)

    with pikepdf.open(task.outputs[0].path) as pdf:
        assert str(pdf.Root.StructTreeRoot.K[0].Alt) == "A letter"
        assert pdf.pages[0].obj.StructParents == 0
        assert b"/MCID 0" in b"".join(stream.read_bytes() for stream in pdf.pages[0].obj.Contents)
        assert str(pdf.Root.OCProperties.OCGs[0].Name) == "Scan"

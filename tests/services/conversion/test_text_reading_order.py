"""Plain text comes in the order in which a person reads the page, whatever the order in the file."""

from __future__ import annotations

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest
from pikepdf import Array, Dictionary, Name, String

from tests.services.conversion.known_pages import KNOWN
from tests.services.conversion.text_documents import PageDraft, prose_lines, save, text_of


@pytest.mark.parametrize("name", KNOWN)
def test_a_page_is_read_in_its_true_order(name: str, tmp_path: Path) -> None:
    page, truth = KNOWN[name]()
    text = text_of(save(tmp_path / "page.pdf", page), tmp_path / "out")
    assert text.split() == " ".join(truth).split()


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed: nothing to compare with")
def test_no_known_page_is_read_better_by_pdftotext(tmp_path: Path) -> None:
    ours, theirs = [], []
    for name, make in KNOWN.items():
        page, truth = make()
        source = save(tmp_path / f"{name}.pdf", page)
        wanted = " ".join(truth).split()
        other = subprocess.run(["pdftotext", source, "-"], capture_output=True, text=True, check=True).stdout.split()
        ours.append(difflib.SequenceMatcher(None, wanted, text_of(source, tmp_path / name).split(), False).ratio())
        theirs.append(difflib.SequenceMatcher(None, wanted, other, False).ratio())
    assert all(our >= their for our, their in zip(ours, theirs, strict=True))
    assert sum(ours) > sum(theirs)


def test_a_page_that_is_turned_is_read_as_it_is_shown(tmp_path: Path) -> None:
    # Text that runs up the sheet, which the page's own rotation sets upright.
    for rotate, matrix in ((90, "0 1 -1 0"), (180, "-1 0 0 -1"), (270, "0 -1 1 0")):
        page = PageDraft(rotate=rotate)
        for number, line in enumerate(("first line here", "second line here", "third line here")):
            x, y = {90: (100 + 14 * number, 700), 180: (500, 700 - 14 * number), 270: (300 - 14 * number, 100)}[rotate]
            page.text(x, y, line, matrix=matrix)
        source = save(tmp_path / f"turned-{rotate}.pdf", page)
        assert text_of(source, tmp_path / str(rotate)).split("\n")[:3] == [
            "first line here",
            "second line here",
            "third line here",
        ]


def test_words_up_the_margin_come_after_the_page(tmp_path: Path) -> None:
    page = PageDraft()
    page.text(30, 500, "written up the margin", matrix="0 1 -1 0")
    page.draw(page.column(72, 80, prose_lines(20, 1, 80)))
    text = text_of(save(tmp_path / "page.pdf", page), tmp_path / "out")
    assert text.rstrip().endswith("written up the margin")
    assert text.startswith(prose_lines(20, 1, 80)[0])


def test_lines_that_run_to_the_left_are_read_from_the_right(tmp_path: Path) -> None:
    page = PageDraft()
    # Visual order, as printing programs write it: the last letter first.
    page.text(300, 100, "dcb a", font="HE")
    page.text(300, 115, "hgf e", font="HE")
    text = text_of(save(tmp_path / "page.pdf", page), tmp_path / "out")
    assert text.split("\n")[:2] == ["\u05d0 \u05d1\u05d2\u05d3", "\u05d4 \u05d5\u05d6\u05d7"]


def test_words_broken_at_line_ends_are_whole_again(tmp_path: Path) -> None:
    page = PageDraft()
    page.text(72, 100, "The captain wrote of extra-")
    page.text(72, 112, "ordinary weather that day.")
    text = text_of(save(tmp_path / "page.pdf", page), tmp_path / "out")
    assert "extraordinary weather" in text


def test_cells_that_stand_side_by_side_are_parted_by_tabs(tmp_path: Path) -> None:
    page, _ = KNOWN["table_in_text"]()
    text = text_of(save(tmp_path / "page.pdf", page), tmp_path / "out")
    assert "Item a\t3\t1.50\t3.25\n" in text


def test_the_lines_of_a_drawn_cell_stay_together(tmp_path: Path) -> None:
    page, _ = KNOWN["invoice"]()
    text = text_of(save(tmp_path / "page.pdf", page), tmp_path / "out")
    assert "Shelves of oak wood, oiled and assembled\t2\t120.00\t240.00\n" in text


def test_layout_order_keeps_the_places_of_words(tmp_path: Path) -> None:
    page, _ = KNOWN["table_in_text"]()
    lines = text_of(save(tmp_path / "page.pdf", page), tmp_path / "out", text_order="layout").split("\n")
    rows = [line for line in lines if line.startswith(("Article", "Item"))]
    assert len(rows) == 9
    starts = {row.index(cell) for row, cell in zip(rows[1:], ("3", "4", "5"), strict=False)}
    assert len(starts) == 1


def test_stream_order_is_the_order_of_the_file(tmp_path: Path) -> None:
    page = PageDraft()
    for y, word in ((300, "first"), (100, "second"), (200, "third")):
        page.text(72, y, word)
    text = text_of(save(tmp_path / "page.pdf", page), tmp_path / "out", text_order="stream")
    assert text.split() == ["first", "second", "third"]


def test_text_off_the_page_is_left_out(tmp_path: Path) -> None:
    page = PageDraft()
    page.text(72, 100, "visible")
    page.text(900, 100, "outside")
    page.text(72, -50, "above")
    text = text_of(save(tmp_path / "page.pdf", page), tmp_path / "out")
    assert text.split() == ["visible"]


@pytest.mark.parametrize("order", ["reading", "layout", "stream"])
def test_text_on_a_hidden_layer_is_left_out(order: str, tmp_path: Path) -> None:
    page = PageDraft()
    page.text(72, 100, "shown before")
    page.operators.append("/OC /L BDC")
    page.text(72, 130, "hidden words")
    page.operators.append("EMC")
    page.text(72, 160, "shown after")
    source = save(tmp_path / "layers.pdf", page, prepare=_with_hidden_layer)
    assert text_of(source, tmp_path / "out", text_order=order).split() == ["shown", "before", "shown", "after"]


def _with_hidden_layer(pdf) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("a layer")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    pdf.pages[0].Resources.Properties = Dictionary(L=layer)


def test_pages_are_parted_by_form_feeds_in_the_order_asked_for(tmp_path: Path) -> None:
    pages = []
    for name in ("one", "two", "three"):
        page = PageDraft()
        page.text(72, 100, name)
        pages.append(page)
    text = text_of(save(tmp_path / "pages.pdf", *pages), tmp_path / "out", pages="3,1")
    assert text == "three\n\fone\n"


def test_letters_beyond_the_first_plane_do_not_shift_words(tmp_path: Path) -> None:
    page = PageDraft()
    page.text(72, 100, "b", font="HE")
    page.text(90, 100, "left of the table")
    page.text(300, 100, "right of it")
    source = save(tmp_path / "page.pdf", page, prepare=_beyond_the_first_plane)
    text = text_of(source, tmp_path / "out")
    assert text == "\U0001d44f left of the table\tright of it\n"


def _beyond_the_first_plane(pdf) -> None:
    cmap = pdf.pages[0].Resources.Font["/HE"].ToUnicode
    cmap.write(cmap.read_bytes().replace(b"<62> <05d1>", b"<62> <d835dc4f>"))

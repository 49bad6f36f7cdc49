"""Marked pages: a box around each value, told apart by colour and line, and nothing else of the document changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array
from PIL import Image

from services.ai.figures.value import Status
from services.ai.figures.walk import values_of
from shared.pdf.drawing import draw, opened, raster_of
from shared.pdf.reading import open_for_reading
from tests.services.ai.extractions import STATEMENT, extraction, files, page_of, statement, text


def pixels(path: Path) -> np.ndarray:
    """The first page at 72 dpi: one pixel a point."""
    with open_for_reading(path, None) as document, opened(document, 0) as page:
        return draw(page, raster_of(page)).astype(int)


def test_every_place_has_one_annotation_that_says_what_was_read(tmp_path: Path) -> None:
    found = extraction(statement())
    written, notes = files(tmp_path, ["marked-pdf"], found)
    with pikepdf.open(written["march-marked.pdf"]) as pdf:
        contents = [str(each.Contents) for each in pdf.pages[0].Annots]

    assert not notes
    places = [path for path, value in values_of(found.documents[0]) for _ in value.evidence]
    assert len(contents) == len(places)
    assert "movements.0.amount = -640.00 (verified; checks: balances)" in contents


def test_the_content_of_pages_and_earlier_annotations_stay(tmp_path: Path) -> None:
    source = tmp_path / "noted.pdf"
    with pikepdf.open(STATEMENT) as pdf:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=Array([0, 0, 9, 9]))
        pdf.pages[0].Annots = Array([note])
        pdf.save(source)
    written, _ = files(tmp_path, ["marked-pdf"], extraction(statement()), source=source)
    with pikepdf.open(STATEMENT) as before, pikepdf.open(written["march-marked.pdf"]) as after:
        assert after.pages[0].Contents.read_bytes() == before.pages[0].Contents.read_bytes()
        assert after.pages[0].Annots[0].Subtype == pikepdf.Name.Link


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_boxes_stand_around_their_words_however_the_page_is_turned_and_cropped(tmp_path: Path, rotate: int) -> None:
    source = page_of(tmp_path / "page.pdf", [(100, 150, "Lindenbank")])
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].rotate(rotate, relative=False)
        pdf.pages[0].obj.CropBox = Array([7, 5, 393, 290])
        pdf.save(source)
    bare = statement()
    found = extraction(bare, source=source)
    found.documents[0].bank = None
    for _, value in values_of(found.documents[0]):
        value.evidence = ()
    again = extraction(bare.model_copy(update={"bank": text("Lindenbank")}), source=source)
    (place,) = next(value for path, value in values_of(again.documents[0]) if path == "bank").evidence
    written, _ = files(tmp_path, ["marked-pdf"], again, source=source)
    changed = np.abs(pixels(written["march-marked.pdf"]) - pixels(source)).sum(axis=2) > 60

    left, top, right, bottom = (round(edge) for edge in place.box)
    assert changed[top - 3 : top + 2, left:right].any()
    assert changed[bottom - 1 : bottom + 3, left:right].any()
    # Within the box everything stays legible.
    assert not changed[top + 3 : bottom - 2, left + 3 : right - 3].any()


def test_a_status_is_told_by_colour_and_by_line(tmp_path: Path) -> None:
    found = extraction(statement(closing="1788.34"))
    found.documents[0].movements[0].amount.status = Status.VERIFIED
    written, _ = files(tmp_path, ["marked-pdf"], found)
    looks = {}
    with pikepdf.open(written["march-marked.pdf"]) as pdf:
        for each in pdf.pages[0].Annots:
            status = next(status for status in Status if f"({status.value}" in str(each.Contents))
            line = each.AP.N.read_bytes().split(b"RG ")[1].split(b"\n")[0]
            looks[status] = (tuple(float(part) for part in each.C), line)

    assert (
        len(set(looks))
        == len({colour for colour, _ in looks.values()})
        == len({line for _, line in looks.values()})
        == 3
    )


def test_pictures_show_the_boxes_of_pages_with_values(tmp_path: Path) -> None:
    written, _ = files(tmp_path, ["marked-png"], extraction(statement()))
    (name,) = written

    assert name == "march-page-1.png"
    image = np.asarray(Image.open(written[name]).convert("RGB")).astype(int)
    green = (image[:, :, 1] - image[:, :, 0] > 60) & (image[:, :, 1] - image[:, :, 2] > 30)
    assert green.sum() > 200


def test_a_document_without_values_on_a_page_has_no_pictures_and_says_so(tmp_path: Path) -> None:
    found = extraction(statement())
    found.documents.clear()
    written, (note,) = files(tmp_path, ["marked-png"], found)

    assert not written
    assert "no value" in note


def test_labels_of_a_schema_of_any_script_do_no_harm(tmp_path: Path) -> None:
    source = tmp_path / "copy.pdf"
    shutil.copy(STATEMENT, source)
    found = extraction(statement(), source=source)
    found.documents[0].movements[0].description = text("\u0645\u0628\u0644\u063a (\\")
    written, _ = files(tmp_path, ["marked-pdf"], found, source=source)

    assert pixels(written["march-marked.pdf"]).shape[2] == 3

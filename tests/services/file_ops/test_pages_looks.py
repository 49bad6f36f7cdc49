"""Turned, cropped, resized and joined pages show what they showed, and what lies on them lies where it lay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pikepdf
import pydantic
import pytest
from pikepdf import Array, Dictionary, Name, OutlineItem, String

from services.file_ops.contracts.pages import (
    PAPER_POINTS,
    CropOptions,
    NUpOptions,
    Paper,
    ResizeOptions,
    RotateOptions,
)
from services.file_ops.pages.actors import crop_pages, place_pages, resize_pages, rotate_pages
from services.file_ops.pages.crop import CropLeavesNothing
from services.file_ops.pages.n_up import NoRoomOnSheet, booklet_order
from shared.errors import EncryptedPdf, SignedPdf
from shared.operation import Result
from tests.running_platform import RunningPlatform
from tests.services.file_ops.page_documents import (
    HEIGHT,
    WIDTH,
    add_page,
    drawn,
    field,
    link_to,
    rich_document,
    save,
    task_of,
    text,
    texts_of,
)
from tests.services.file_ops.test_pages_selection import signed_document
from tests.services.file_ops.test_protection_locks import assert_sound

_PERFORM = {
    RotateOptions: rotate_pages,
    CropOptions: crop_pages,
    ResizeOptions: resize_pages,
    NUpOptions: place_pages,
}
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def changed(source: Path, folder: Path, options: Any, password: str | None = None) -> tuple[Result, Path]:
    task = task_of(source, folder, password)
    result = _PERFORM[type(options)](task, options)
    return result, task.outputs[0].path


def at(pixels: np.ndarray, left: float, bottom: float) -> tuple[int, ...]:
    """The colour at a point of a page that was drawn at 72 dpi."""
    return tuple(int(value) for value in pixels[round(len(pixels) - 1 - bottom), round(left)])


def assert_alike(one: np.ndarray, other: np.ndarray) -> None:
    """Equal but for the edges of letters, which are smoothed anew at every angle and place."""
    assert one.shape == other.shape
    assert (np.abs(one - other).max(axis=2) > 60).mean() < 0.005


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return rich_document(tmp_path / "rich.pdf")


# Rotate


@pytest.mark.parametrize("degrees", [90, -90, 180, 450])
def test_turned_pages_are_turned_clockwise(rich: Path, tmp_path: Path, degrees: int) -> None:
    result, path = changed(rich, tmp_path, RotateOptions(degrees=degrees, pages="2"))

    assert_alike(drawn(path, 1), np.rot90(drawn(rich, 1), -(degrees // 90)))
    assert np.array_equal(drawn(path, 0), drawn(rich, 0))
    assert_sound(path)
    assert result["pages_turned"] == 1


def test_turning_four_times_is_turning_not_at_all(rich: Path, tmp_path: Path) -> None:
    path = rich
    for _ in range(4):
        _, path = changed(path, tmp_path, RotateOptions(degrees=90))

    assert texts_of(path) == texts_of(rich)
    with pikepdf.open(path) as pdf, pikepdf.open(rich) as before:
        for page, old in zip(pdf.pages, before.pages, strict=True):
            assert page.obj.keys() == old.obj.keys()
            assert page.Contents.read_bytes() == old.Contents.read_bytes()
    for number in range(4):
        assert np.array_equal(drawn(path, number), drawn(rich, number))


def test_a_page_that_was_turned_already_is_turned_further_or_to_an_angle(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, Rotate=270)
    add_page(pdf)
    pdf.Root.Pages.Rotate = 180
    source = save(pdf, tmp_path / "in.pdf")

    _, further = changed(source, tmp_path, RotateOptions(degrees=180))
    _, absolute = changed(source, tmp_path, RotateOptions(degrees=0, absolute=True))

    with pikepdf.open(further) as out, pikepdf.open(absolute) as upright:
        assert [page.rotation for page in out.pages] == [90, 0]
        assert [page.rotation for page in upright.pages] == [0, 0]


def test_degrees_are_multiples_of_90() -> None:
    with pytest.raises(pydantic.ValidationError, match="multiple of 90"):
        RotateOptions(degrees=45)


def test_turning_keeps_locks_and_asks_before_it_breaks_a_signature(rich: Path, tmp_path: Path) -> None:
    with pikepdf.open(rich) as pdf:
        lock = pikepdf.Encryption(owner="o", user="u", allow=pikepdf.Permissions(extract=False))
        locked = save(pdf, tmp_path / "locked.pdf", encryption=lock)

    with pytest.raises(EncryptedPdf):
        changed(locked, tmp_path, RotateOptions())
    _, path = changed(locked, tmp_path, RotateOptions(), "u")
    with pikepdf.open(path, password="u") as pdf:
        assert pdf.allow.extract is False
    with pytest.raises(SignedPdf):
        changed(signed_document(tmp_path / "signed.pdf"), tmp_path, RotateOptions())


# Crop


@pytest.fixture
def halves(tmp_path: Path) -> Path:
    """A red left and a blue right half; the second page is turned; the third has a small box in the middle."""
    pdf = pikepdf.new()
    two = b"1 0 0 rg 0 0 150 200 re f 0 0 1 rg 150 0 150 200 re f"
    add_page(pdf, two)
    add_page(pdf, two, Rotate=90)
    add_page(pdf, b"1 0 0 rg 100 50 60 40 re f")
    add_page(pdf)
    return save(pdf, tmp_path / "halves.pdf")


def test_margins_are_cut_as_the_page_is_seen(halves: Path, tmp_path: Path) -> None:
    _, path = changed(halves, tmp_path, CropOptions(margins={"left": 20, "top": 30}, pages="1,2"))

    for number in (0, 1):
        assert np.array_equal(drawn(path, number), drawn(halves, number)[30:, 20:])
    assert drawn(path, 2).shape == (HEIGHT, WIDTH, 3)


def test_a_box_is_shown_as_the_page_is_seen(halves: Path, tmp_path: Path) -> None:
    box = {"left": 10, "bottom": 20, "right": 110, "top": 170}

    _, path = changed(halves, tmp_path, CropOptions(box=box, pages="1-2"))

    for number in (0, 1):
        before = drawn(halves, number)
        assert np.array_equal(drawn(path, number), before[len(before) - 170 : len(before) - 20, 10:110])


def test_cropping_to_the_content_leaves_it_with_its_padding(halves: Path, tmp_path: Path) -> None:
    result, path = changed(halves, tmp_path, CropOptions(to_content=True, padding_points=10))

    assert drawn(path, 2).shape == pytest.approx((60, 80, 3), abs=2)
    assert at(drawn(path, 2), 40, 30) == RED
    assert result["without_content"] == [4]
    assert drawn(path, 3).shape == (HEIGHT, WIDTH, 3)


def test_one_box_for_all_pages_cuts_into_none(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"1 0 0 rg 100 50 60 40 re f")
    add_page(pdf, b"1 0 0 rg 20 150 10 10 re f")

    _, path = changed(
        save(pdf, tmp_path / "in.pdf"), tmp_path, CropOptions(to_content=True, uniform=True, padding_points=0)
    )

    assert drawn(path, 0).shape == drawn(path, 1).shape == pytest.approx((110, 140, 3), abs=2)


def test_a_second_crop_cuts_from_what_the_first_one_left(halves: Path, tmp_path: Path) -> None:
    _, once = changed(halves, tmp_path, CropOptions(margins={"left": 20}, pages="1"))
    _, twice = changed(once, tmp_path, CropOptions(margins={"left": 20, "bottom": 50}, pages="1"))

    assert np.array_equal(drawn(twice), drawn(halves)[:150, 40:])


def test_a_crop_that_leaves_nothing_names_the_page_and_its_size(halves: Path, tmp_path: Path) -> None:
    with pytest.raises(CropLeavesNothing, match="page 1, which has 300 x 200 points"):
        changed(halves, tmp_path, CropOptions(margins={"left": 200, "right": 100}))


@pytest.mark.parametrize("options", [{}, {"to_content": True, "margins": {}}, {"box": {"left": 9, "right": 1}}])
def test_exactly_one_sound_box_is_asked_for(options: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError):
        CropOptions(**options)


# Resize


def patterned_document(path: Path) -> Path:
    """Everything that lies on a page, and patterns, which do not move with content; the second page is turned."""
    pdf = pikepdf.new()
    tile = pdf.make_stream(b"0 0 1 rg 0 0 10 10 re f")
    for key, value in {"PatternType": 1, "PaintType": 1, "TilingType": 1, "XStep": 20, "YStep": 20}.items():
        tile[f"/{key}"] = value
    tile.BBox, tile.Resources, tile.Matrix = Array([0, 0, 10, 10]), Dictionary(), Array([1, 0, 0, 1, 5, 5])
    content = b"/Pattern cs /Tile scn 20 20 120 120 re f 1 0 0 rg 200 100 50 50 re f " + text("Words")
    for turn in (0, 90):
        # An unbalanced Q, as old programs leave it.
        page = add_page(pdf, content + b" Q 0 0 1 RG 4 w 150 20 m 280 20 l S", Rotate=turn)
        page.Resources.Pattern = Dictionary(Tile=tile)
        page.Annots = Array([field(pdf, f"field-{turn}", (200, 40, 260, 60)), link_to(pdf, String("there"))])
    pdf.Root.AcroForm = Dictionary(Fields=Array([page.obj.Annots[0] for page in pdf.pages]))
    pages = [page.obj for page in pdf.pages]
    places = Array([String("there"), Array([pages[0], Name.XYZ, 200, 150, None])])
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=places))
    with pdf.open_outline() as outline:
        outline.root.append(OutlineItem("Box", Array([pages[0], Name.FitR, 200, 100, 250, 150])))
    return save(pdf, path)


@pytest.mark.parametrize("percent", [50, 200])
def test_scaled_pages_look_the_same_at_the_same_scale(tmp_path: Path, percent: int) -> None:
    source = patterned_document(tmp_path / "in.pdf")

    result, path = changed(source, tmp_path, ResizeOptions(scale_percent=percent))

    assert_sound(path)
    for number in (0, 1):
        assert_alike(drawn(source, number, 144), drawn(path, number, 144 * 100 / percent))
    assert result["scales_percent"] == [percent]
    assert result["annotations_moved"] == 4
    assert texts_of(path) == texts_of(source)


def test_links_fields_and_destinations_move_with_the_content(tmp_path: Path) -> None:
    source = patterned_document(tmp_path / "in.pdf")

    result, path = changed(source, tmp_path, ResizeOptions(scale_percent=200, pages="1"))

    with pikepdf.open(path) as pdf:
        widget, link = pdf.pages[0].obj.Annots
        assert [int(side) for side in widget.Rect] == [400, 80, 520, 120]
        assert [int(side) for side in link.Rect] == [40, 40, 160, 80]
        assert str(widget.DA) == "/F 20 Tf 0 g"
        there = pdf.Root.Names.Dests.Names[1]
        assert [int(there[2]), int(there[3])] == [400, 300]
        with pdf.open_outline() as outline:
            assert [int(side) for side in list(outline.root[0].destination)[2:]] == [400, 200, 500, 300]
        assert [int(side) for side in pdf.pages[1].obj.Annots[0].Rect] == [200, 40, 260, 60]
    assert result["destinations_moved"] == 2


def test_pages_fit_into_the_middle_of_paper_that_lies_as_they_do(tmp_path: Path) -> None:
    source = patterned_document(tmp_path / "in.pdf")

    _, path = changed(source, tmp_path, ResizeOptions(paper="a4"))

    short, long = PAPER_POINTS[Paper.A4]
    assert drawn(path, 0).shape == pytest.approx((short, long, 3), abs=1)
    assert drawn(path, 1).shape == pytest.approx((long, short, 3), abs=1)
    scale = long / WIDTH
    assert at(drawn(path), 225 * scale, (short - HEIGHT * scale) / 2 + 125 * scale) == RED


def test_content_outside_of_a_crop_stays_hidden_on_larger_paper(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"1 0 0 rg 0 0 300 200 re f", CropBox=[100, 50, 200, 100])

    _, path = changed(save(pdf, tmp_path / "in.pdf"), tmp_path, ResizeOptions(size={"width": 100, "height": 300}))

    pixels = drawn(path)
    assert pixels.shape == (300, 100, 3)
    assert (at(pixels, 50, 150), at(pixels, 50, 200), at(pixels, 50, 100)) == (RED, WHITE, WHITE)


def test_never_enlarge_leaves_the_size_of_small_content(tmp_path: Path) -> None:
    result, path = changed(
        patterned_document(tmp_path / "in.pdf"), tmp_path, ResizeOptions(paper="a3", never_enlarge=True)
    )

    assert result["scales_percent"] == [100]
    assert drawn(path).shape == pytest.approx((841.89, 1190.55, 3), abs=1)


# Several on a sheet


@pytest.mark.parametrize("count", [2, 4, 6, 8, 9, 16])
def test_each_page_is_on_a_sheet_once_in_reading_order(tmp_path: Path, count: int) -> None:
    source = rich_document(tmp_path / "in.pdf", pages=count + 1)

    result, path = changed(source, tmp_path, NUpOptions(pages_per_sheet=count))

    assert_sound(path)
    assert result["sheets"] == 2
    assert texts_of(path) == [" ".join(f"Page {n}" for n in range(1, count + 1)), f"Page {count + 1}"]


def test_columns_run_down_first(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    for number in range(1, 5):
        add_page(pdf, b"%f g 0 0 300 200 re f" % (number / 10))

    _, path = changed(
        save(pdf, tmp_path / "in.pdf"),
        tmp_path,
        NUpOptions(pages_per_sheet=4, order="columns", orientation="landscape"),
    )

    pixels = drawn(path)
    height, width = pixels.shape[:2]
    quarters = [pixels[height * row // 4, width * column // 4, 0] for column in (1, 3) for row in (1, 3)]
    assert quarters == pytest.approx([25.5, 51, 76.5, 102], abs=1)


def test_outline_and_links_lead_to_the_place_of_their_page_on_its_sheet(rich: Path, tmp_path: Path) -> None:
    result, path = changed(rich, tmp_path, NUpOptions(pages_per_sheet=2, frames=True))

    with pikepdf.open(path) as pdf:
        sheets = [page.obj.objgen for page in pdf.pages]
        with pdf.open_outline() as outline:
            places = [(sheets.index(item.destination[0].objgen), float(item.destination[3])) for item in outline.root]
        upper, lower = places[0][1], places[1][1]
        assert places == [(0, upper), (0, lower), (1, upper), (1, lower)]
        assert 0 < lower < float(pdf.pages[0].mediabox[3]) / 2 < upper
        links = [a for page in pdf.pages for a in page.obj.Annots if a.Subtype == Name.Link]
        assert [sheets.index(link.Dest[0].objgen) for link in links] == [0, 1, 1, 0]
        assert len(pdf.Root.AcroForm.Fields) == 4
        named = pdf.Root.Names.Dests.Names
        assert [named[n][1] for n in (1, 3)] == [Name.FitR, Name.FitR]
        assert "/StructTreeRoot" not in pdf.Root
        assert not [thing for thing in pdf.objects if isinstance(thing, Dictionary) and thing.get("/StructParents")]
    assert any(said.startswith("tags") for said in result["left_out"])
    assert result["annotations_moved"] == 8


def test_turned_pages_and_their_fields_stand_upright_on_sheets(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    page = add_page(pdf, b"1 0 0 rg 0 0 30 200 re f", Rotate=90)
    half = b"0 0 1 rg 0 0 30 20 re f"
    page.Annots = Array([field(pdf, "name", (100, 100, 160, 120), half)])
    pdf.Root.AcroForm = Dictionary(Fields=page.Annots)
    source = save(pdf, tmp_path / "in.pdf")
    options = NUpOptions(pages_per_sheet=2, margin_points=0, gap_points=0, orientation="landscape")

    _, path = changed(source, tmp_path, options)

    sheet, page_height = drawn(path), 595.276
    scale = min(page_height / 300, 841.89 / 2 / 200)
    left, bottom = (841.89 / 2 - 200 * scale) / 2, (page_height - 300 * scale) / 2
    for x, y in ((100, 290), (110, 192), (110, 150), (30, 150)):
        assert at(sheet, left + x * scale, bottom + y * scale) == at(drawn(source), x, y)
    assert at(drawn(source), 110, 192) == BLUE


def test_chosen_pages_drop_what_led_to_the_others(rich: Path, tmp_path: Path) -> None:
    result, path = changed(rich, tmp_path, NUpOptions(pages="1,3,1"))

    assert texts_of(path) == ["Page 1 Page 3", "Page 1"]
    assert result["dropped"]["outline_entries"] == 2
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["To page 1", "To page 3"]
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("pages", "order"),
    [
        (1, [None, 0, None, None]),
        (4, [3, 0, 1, 2]),
        (6, [None, 0, 1, None, 5, 2, 3, 4]),
        (8, [7, 0, 1, 6, 5, 2, 3, 4]),
    ],
)
def test_a_booklet_reads_in_order_once_it_is_folded(pages: int, order: list[int | None]) -> None:
    assert booklet_order(pages) == order


def test_a_booklet_has_two_pages_on_each_side(rich: Path, tmp_path: Path) -> None:
    _, path = changed(rich, tmp_path, NUpOptions(booklet=True))

    assert texts_of(path) == ["Page 4 Page 1", "Page 2 Page 3"]


def test_margins_that_leave_no_room_are_refused(rich: Path, tmp_path: Path) -> None:
    with pytest.raises(NoRoomOnSheet):
        changed(rich, tmp_path, NUpOptions(pages_per_sheet=16, paper="a5", margin_points=200))


def test_pages_are_turned_over_http(platform: RunningPlatform, rich: Path, tmp_path: Path) -> None:
    with httpx.Client(base_url=platform.url, timeout=60) as client:
        files = {"file": ("rich.pdf", rich.read_bytes())}
        job = client.post("/v1/rotate", files=files, data={"degrees": "180"}, headers={"Prefer": "wait=60"}).json()
        assert job["status"] == "completed", job
        assert [output["name"] for output in job["outputs"]] == ["rich-rotated.pdf"]
        (tmp_path / "answer.pdf").write_bytes(client.get(f"/v1/jobs/{job['id']}/result").content)

    assert_alike(drawn(tmp_path / "answer.pdf"), drawn(rich)[::-1, ::-1])

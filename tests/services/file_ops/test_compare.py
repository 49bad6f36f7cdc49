"""A comparison names what changed, in words and in looks, and finds pages again that moved."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pikepdf
import pydantic
import pytest
from pikepdf import Array, Dictionary, Name

from services.file_ops.comparing.compare import NotTwoFiles, compare_pdfs
from services.file_ops.contracts.comparing import CompareOptions
from shared.errors import EncryptedPdf
from tests.running_platform import RunningPlatform
from tests.services.file_ops.test_protection_locks import assert_sound, texts_of
from tests.services.file_ops.test_redact import pixels_of

_FIRST = ("The price is one hundred euros", "Second page with its own words", "Third page says something else")


def a_version(path: Path, *texts: str, offset: float = 0.0, extra: bytes = b"", turned: int = 0, **how: object) -> Path:
    """A PDF with one page per text; `offset` moves the text to the right, in points."""
    pdf = pikepdf.new()
    for text in texts:
        page = pdf.add_blank_page(page_size=(300, 200))
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.obj.Resources = Dictionary(Font=Dictionary(F=font))
        page.obj.Contents = pdf.make_stream(b"BT /F 14 Tf %f 100 Td (%s) Tj ET " % (20 + offset, text.encode()) + extra)
        if turned:
            page.obj.Rotate = turned
    pdf.save(path, **how)
    return path


def _compare(first: Path, second: Path, **options: object) -> dict[str, object]:
    return compare_pdfs([first, second], first.with_name("out.pdf"), CompareOptions(**options))


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return a_version(tmp_path / "first.pdf", *_FIRST)


def test_a_document_is_identical_to_itself(first: Path) -> None:
    result = _compare(first, first)

    assert result["identical"] is True
    assert result["pages_compared"] == 3
    assert result["pages"] == []
    assert result["pixels_changed_percent"] == 0


def test_changed_words_are_named_with_their_places(first: Path, tmp_path: Path) -> None:
    second = a_version(tmp_path / "second.pdf", "The price is two hundred", *_FIRST[1:])

    result = _compare(first, second)

    assert result["identical"] is False
    assert result["pages_changed"] == [1]
    (page,) = result["pages"]
    assert [(c["kind"], c["first"], c["second"]) for c in page["changes"]] == [
        ("replaced", "one", "two"),
        ("removed", "euros", ""),
    ]
    (place,) = page["changes"][0]["second_places"]
    # Behind "The price is ", 20 points from the left, on a base line 100 points from the top.
    assert 90 < place["left"] < 110
    assert 85 < place["top"] < place["bottom"] < 105


def test_inserted_and_removed_pages_are_told_from_changed_ones(first: Path, tmp_path: Path) -> None:
    second = a_version(tmp_path / "second.pdf", _FIRST[0], "Brand new content", _FIRST[2] + " now")

    result = _compare(first, second)

    assert result["pages_inserted"] == [2]
    assert result["pages_removed"] == [2]
    assert result["pages_changed"] == [3]
    assert texts_of(tmp_path / "out.pdf")[1].count("not in this version") == 1


def test_pages_without_words_are_aligned_by_their_looks(tmp_path: Path) -> None:
    shapes = [b"0 0 150 200 re f", b"0 0 300 60 re f", b"200 100 100 100 re f"]
    paths = []
    for name, chosen in (("first.pdf", shapes), ("second.pdf", [shapes[0], shapes[2]])):
        pdf = pikepdf.new()
        for shape in chosen:
            pdf.add_blank_page(page_size=(300, 200)).obj.Contents = pdf.make_stream(shape)
        pdf.save(tmp_path / name)
        paths.append(tmp_path / name)

    result = _compare(*paths)

    assert result["pages_removed"] == [2]
    assert result["pages_changed"] == []


def test_a_drawing_is_a_difference_of_looks_only(first: Path, tmp_path: Path) -> None:
    second = a_version(tmp_path / "second.pdf", *_FIRST, extra=b"1 0 0 rg 200 20 40 20 re f")

    result = _compare(first, second)

    assert result["words_inserted"] == result["words_removed"] == 0
    (place,) = result["pages"][0]["places_that_look_different"]
    assert 190 <= place["left"] <= 200
    assert 240 <= place["right"] <= 252
    assert 150 <= place["top"] <= 160
    assert 1 < result["pixels_changed_percent"] < 2


def test_smoothed_edges_are_no_difference_but_moved_text_is(first: Path, tmp_path: Path) -> None:
    nudged = a_version(tmp_path / "nudged.pdf", *_FIRST, offset=0.3)
    moved = a_version(tmp_path / "moved.pdf", *_FIRST, offset=6)

    assert _compare(first, nudged)["identical"] is True
    assert _compare(first, moved)["pages_changed"] == [1, 2, 3]
    assert _compare(first, moved, visual=False)["identical"] is True


def test_letter_case_counts_by_choice(first: Path, tmp_path: Path) -> None:
    second = a_version(tmp_path / "second.pdf", *(text.upper() for text in _FIRST))

    assert _compare(first, second, visual=False)["identical"] is False
    assert _compare(first, second, visual=False, ignore_case=True)["identical"] is True


def test_both_versions_stand_on_one_sheet_with_boxes_over_the_difference(first: Path, tmp_path: Path) -> None:
    second = a_version(tmp_path / "second.pdf", "The price is two hundred euros", *_FIRST[1:])

    _compare(first, second)

    assert_sound(tmp_path / "out.pdf")
    text = texts_of(tmp_path / "out.pdf")[0]
    assert "one hundred" in text
    assert "two hundred" in text
    pixels = pixels_of(tmp_path / "out.pdf")
    assert pixels.shape[1] == 2 * 300 + 12 + 24
    half = pixels.shape[1] // 2
    red, green = (_colored(part) for part in (pixels[:, :half], pixels[:, half:]))
    assert red[0] > 5 > red[1]
    assert green[1] > 5 > green[0]


def _colored(pixels: np.ndarray) -> tuple[int, int]:
    """How many pixels are clearly red, and how many clearly green."""
    red, green, blue = (pixels[..., band].astype(int) for band in range(3))
    return int(((red - green > 120) & (red - blue > 120)).sum()), int(((green - red > 80) & (green - blue > 60)).sum())


@pytest.mark.parametrize("turned", [0, 90])
def test_the_second_version_is_marked_and_otherwise_as_it_was(first: Path, tmp_path: Path, turned: int) -> None:
    first = a_version(tmp_path / "one.pdf", *_FIRST, turned=turned)
    second = a_version(tmp_path / "two.pdf", "The price is two hundred euros", *_FIRST[1:], turned=turned)

    _compare(first, second, view="marked")

    assert_sound(tmp_path / "out.pdf")
    assert texts_of(tmp_path / "out.pdf") == texts_of(second)
    before, after = pixels_of(second), pixels_of(tmp_path / "out.pdf")
    rows, columns = np.nonzero((before != after).any(axis=2))
    # The line of text: 100 points from the top, or, turned by 90 degrees, from the left.
    assert 80 < (columns if turned else rows).mean() < 120
    assert len(columns) > 50
    assert (pixels_of(second, 1) == pixels_of(tmp_path / "out.pdf", 1)).all()


def test_a_comparison_takes_two_files(first: Path, tmp_path: Path) -> None:
    for sources in ([first], [first] * 3):
        with pytest.raises(NotTwoFiles, match=str(len(sources))):
            compare_pdfs(sources, tmp_path / "out.pdf", CompareOptions())
    with pytest.raises(pydantic.ValidationError, match="Nothing to compare"):
        CompareOptions(text=False, visual=False)


def test_pages_of_other_sizes_are_said_to_be_resized(first: Path, tmp_path: Path) -> None:
    with pikepdf.open(first) as pdf:
        pdf.pages[1].obj.MediaBox = Array([0, 0, 320, 200])
        pdf.save(tmp_path / "second.pdf")

    result = _compare(first, tmp_path / "second.pdf")

    assert [(page["first"], page["resized"]) for page in result["pages"]] == [(2, True)]


def test_locked_versions_open_with_their_password(first: Path, tmp_path: Path) -> None:
    lock = pikepdf.Encryption(owner="owner", user="user", R=6)
    locked = a_version(tmp_path / "locked.pdf", *_FIRST, encryption=lock)

    with pytest.raises(EncryptedPdf):
        _compare(first, locked)
    result = compare_pdfs([first, locked], tmp_path / "out.pdf", CompareOptions(), password="user")

    assert result["identical"] is True


def test_two_files_are_compared_by_one_job(platform: RunningPlatform, first: Path, tmp_path: Path) -> None:
    second = a_version(tmp_path / "second.pdf", "The price is two hundred", *_FIRST[1:])
    files = [("file", (path.name, path.read_bytes())) for path in (first, second)]

    with httpx.Client(base_url=platform.url, timeout=120, headers={"Prefer": "wait=60"}) as client:
        job = client.post("/v1/compare", files=files, data={"view": "marked"}, follow_redirects=False).json()
        job = client.get(f"/v1/jobs/{job['id']}", params={"wait": 60}).json()
        output = client.get(f"/v1/jobs/{job['id']}/outputs/{job['outputs'][0]['name']}").content

    assert job["status"] == "completed", job["error"]
    assert job["result"]["pages_changed"] == [1]
    assert job["outputs"][0]["name"] == "second-compared.pdf"
    assert output.startswith(b"%PDF")

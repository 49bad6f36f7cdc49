"""Previews and thumbnails show the right page, small; previews have a slot of their own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import httpx
import pikepdf
import pydantic
import pytest
from PIL import Image

from services.conversion.contracts.previews import CONVERT_PREVIEW, THUMBNAILS, PreviewOptions, ThumbnailOptions
from services.conversion.page_images.previews import write_preview, write_thumbnails
from shared.errors import DamagedFile, EncryptedPdf
from shared.media_types import JPEG, PDF, MediaType
from shared.operation import InputFile, Task
from shared.pdf.page_ranges import PagesOutOfRange
from tests.running_platform import RunningPlatform
from tests.services.conversion.page_documents import add_page, jpeg, photograph, save

COLORS = [(255, 0, 0), (0, 128, 0), (0, 0, 255)]


@pytest.fixture
def colors(tmp_path: Path) -> Path:
    """Three pages: red, green, blue, of 144 x 72 points."""
    pdf = pikepdf.new()
    for red, green, blue in COLORS:
        add_page(pdf, b"%f %f %f rg 0 0 144 72 re f" % (red / 255, green / 255, blue / 255))
    return save(pdf, tmp_path / "colors.pdf")


def task_of(source: Path, folder: Path, kind: MediaType = PDF) -> Task:
    folder.mkdir()
    return Task((InputFile(source, source.name, kind.name),), folder)


@pytest.mark.parametrize(("page", "shown"), [(1, 0), (3, 2), (-1, 2), (-3, 0)])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_preview_shows_the_page_that_was_asked_for(
    colors: Path, tmp_path: Path, page: int, shown: int, kind: str
) -> None:
    task = task_of(colors, tmp_path / "out")

    result = write_preview(task, PreviewOptions(page=page, to=kind, long_edge_pixels=200))

    with Image.open(task.outputs[0].path) as picture:
        assert picture.size == (200, 100)
        assert picture.convert("RGB").getpixel((50, 50)) == pytest.approx(COLORS[shown], abs=4)
    assert (result["page"], result["document_pages"]) == (shown + 1, 3)
    assert (result["width_pixels"], result["height_pixels"]) == (200, 100)


def test_a_preview_of_a_page_that_is_not_there_says_how_many_there_are(colors: Path, tmp_path: Path) -> None:
    with pytest.raises(PagesOutOfRange, match="3 pages"):
        write_preview(task_of(colors, tmp_path / "out"), PreviewOptions(page=4))


def test_there_is_no_page_zero() -> None:
    with pytest.raises(pydantic.ValidationError, match="pages count from 1"):
        PreviewOptions(page=0)


def test_a_locked_file_has_no_preview_without_its_password(colors: Path, tmp_path: Path) -> None:
    with pikepdf.open(colors) as pdf:
        locked = save(pdf, tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))

    with pytest.raises(EncryptedPdf):
        write_preview(task_of(locked, tmp_path / "out"), PreviewOptions())


def test_a_photograph_has_a_preview_too(tmp_path: Path) -> None:
    source = tmp_path / "photo.jpg"
    source.write_bytes(jpeg(photograph(900, 600)))
    task = task_of(source, tmp_path / "out", JPEG)

    result = write_preview(task, PreviewOptions(long_edge_pixels=90, to="jpeg"))

    with Image.open(task.outputs[0].path) as picture:
        assert picture.size == (90, 60)
    assert result["document_pages"] == 1


def test_a_damaged_file_has_no_preview(tmp_path: Path) -> None:
    (tmp_path / "in.pdf").write_bytes(b"%PDF-1.7 and no more")

    with pytest.raises(DamagedFile):
        write_preview(task_of(tmp_path / "in.pdf", tmp_path / "out"), PreviewOptions())


def test_thumbnails_are_one_small_image_of_each_page(colors: Path, tmp_path: Path) -> None:
    task = task_of(colors, tmp_path / "out")
    reports: list[tuple[int, int, str]] = []
    task.report = lambda *step: reports.append(step)

    result = write_thumbnails(task, ThumbnailOptions(to="png"))

    assert [output.name for output in task.outputs] == ["colors-1.png", "colors-2.png", "colors-3.png"]
    for output, color in zip(task.outputs, COLORS, strict=True):
        with Image.open(output.path) as picture:
            assert picture.size == (256, 128)
            assert picture.convert("RGB").getpixel((5, 5)) == color
    assert result["pages"] == 3
    assert result["image_bytes"] == sum(output.path.stat().st_size for output in task.outputs)
    assert reports[-1] == (3, 3, "Drawing thumbnails")


def test_thumbnails_of_chosen_pages_fit_into_one_archive(colors: Path, tmp_path: Path) -> None:
    task = task_of(colors, tmp_path / "out")

    result = write_thumbnails(task, ThumbnailOptions(pages="3,1", as_zip=True, to="jpeg"))

    with zipfile.ZipFile(task.outputs[0].path) as archive:
        assert archive.namelist() == ["colors-3.jpg", "colors-1.jpg"]
    assert result["zipped"] is True


def test_previews_do_not_wait_behind_long_jobs() -> None:
    assert CONVERT_PREVIEW.quick
    assert not THUMBNAILS.quick


def test_a_preview_over_http(platform: RunningPlatform, colors: Path, tmp_path: Path) -> None:
    with httpx.Client(base_url=platform.url, timeout=60) as client:
        files = {"file": ("colors.pdf", colors.read_bytes())}
        job = client.post("/v1/convert-preview", files=files, data={"page": "2"}, headers={"Prefer": "wait=60"}).json()
        assert job["status"] == "completed", job
        (tmp_path / "answer.png").write_bytes(client.get(f"/v1/jobs/{job['id']}/result").content)

    with Image.open(tmp_path / "answer.png") as picture:
        assert picture.convert("RGB").getpixel((500, 250)) == COLORS[1]

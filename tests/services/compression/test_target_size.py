"""A target in bytes is met with the finest quality that fits, or missed openly."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Name

from services.compression.compress import compress_pdf
from services.compression.operations import CompressOptions
from services.compression.presets import ladder_for
from tests.services.compression.image_documents import add_page, image_stream, jpeg, photograph, save


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """One photograph of 400 dpi."""
    pdf = pikepdf.new()
    data = jpeg(photograph(1200, 1200), "RGB", quality=95)
    add_page(pdf, image_stream(pdf, data, 1200, 1200, Name.DeviceRGB, Name.DCTDecode))
    return save(pdf, tmp_path / "album.pdf")


def _reach(source: Path, target_bytes: int, **options: object) -> dict[str, object]:
    return compress_pdf(source, source.with_name("out.pdf"), CompressOptions(target_bytes=target_bytes, **options))


def test_a_target_that_fits_is_reached_and_the_file_is_that_small(album: Path) -> None:
    wanted = album.stat().st_size // 4

    result = _reach(album, wanted)

    assert result["target"]["bytes"] == wanted
    assert result["target"]["reached"] is True
    assert album.with_name("out.pdf").stat().st_size == result["bytes_after"] <= wanted


def test_a_generous_target_costs_no_quality(album: Path) -> None:
    result = _reach(album, album.stat().st_size)

    assert result["target"]["reached"] is True
    assert result["preset"] == "lossless"


def test_a_tighter_target_never_gives_a_larger_file(album: Path) -> None:
    sizes = [_reach(album, album.stat().st_size // part)["bytes_after"] for part in (2, 6, 20)]

    assert sizes == sorted(sizes, reverse=True)


def test_a_target_out_of_reach_is_said_and_gives_the_smallest_that_keeps_the_floor(album: Path) -> None:
    result = _reach(album, 1000)

    assert result["target"]["reached"] is False
    assert result["bytes_after"] == min(tried["bytes"] for tried in result["target"]["tried"])
    assert result["bytes_after"] == album.with_name("out.pdf").stat().st_size
    assert result["similarity"]["worst_page"] > 0.7
    assert not album.with_name("out.pdf.trial").exists()


def test_the_search_stays_within_the_callers_own_figures(album: Path) -> None:
    result = _reach(album, 1000, image_dpi=100, jpeg_quality_percent=50)

    tried = result["target"]["tried"]
    assert all(entry["image_dpi"] <= 100 and entry["jpeg_quality_percent"] == [50, 50] for entry in tried)


def test_the_ladder_goes_down_in_resolution() -> None:
    rungs = ladder_for(CompressOptions(target_bytes=1))

    resolutions = [rung.image_dpi for rung in rungs]
    assert resolutions == sorted(resolutions, reverse=True)
    assert rungs[0].lossless

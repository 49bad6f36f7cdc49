"""Text scans become ink over paper; whatever would not look the same stays a photograph, with a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Dictionary, Name

from services.compression.compress import compress_pdf
from services.compression.operations import CompressOptions, Preset
from tests.services.compression.image_documents import (
    Pixels,
    add_page,
    image_stream,
    jpeg,
    look_difference,
    photograph,
    save,
    text_page,
)

#: A6 in points.
WIDTH_PT, HEIGHT_PT = 298, 420
#: The same at 300 dpi, in pixels.
WIDTH_PX, HEIGHT_PX = 1241, 1750


def _scan(folder: Path, pixels: Pixels, **entries: object) -> Path:
    pdf = pikepdf.new()
    height, width = pixels.shape[:2]
    image = image_stream(pdf, jpeg(pixels, "RGB"), width, height, Name.DeviceRGB, Name.DCTDecode, **entries)
    add_page(pdf, image, width_pt=WIDTH_PT, height_pt=HEIGHT_PT)
    return save(pdf, folder / "scan.pdf")


@pytest.mark.parametrize("dpi", [300, 400])
def test_a_page_of_text_becomes_a_fraction_of_its_photograph_and_looks_the_same(tmp_path: Path, dpi: int) -> None:
    source = _scan(tmp_path, text_page(WIDTH_PT * dpi // 72, HEIGHT_PT * dpi // 72))
    layered, photographed = tmp_path / "layered.pdf", tmp_path / "photographed.pdf"

    result = compress_pdf(source, layered, CompressOptions(preset="scan"))
    compress_pdf(source, photographed, CompressOptions(preset="balanced"))

    assert result["scan_pages"] == {"taken": 1, "fallen_back": {}}
    assert layered.stat().st_size < 0.6 * photographed.stat().st_size
    alike, shift = look_difference(source, layered)
    assert alike > 0.86
    assert shift < 4


def test_a_photograph_stays_a_photograph(tmp_path: Path) -> None:
    grain = (
        np.random.default_rng(2)
        .normal(0, 30, (HEIGHT_PX // 4, WIDTH_PX // 4 + 1, 1))
        .repeat(4, axis=0)
        .repeat(4, axis=1)
    )
    picture = photograph(WIDTH_PX, HEIGHT_PX // 4 * 4) + grain[:, :WIDTH_PX]
    source = _scan(tmp_path, picture.clip(0, 255).astype(np.uint8))

    result = compress_pdf(source, tmp_path / "out.pdf", CompressOptions(preset="scan"))

    assert result["scan_pages"]["taken"] == 0
    assert sum(result["scan_pages"]["fallen_back"].values()) == 1
    assert result["images"]["recoded"] == 1


def test_a_small_image_on_a_page_is_no_scan(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    image = image_stream(pdf, jpeg(text_page(600, 800), "RGB"), 600, 800, Name.DeviceRGB, Name.DCTDecode)
    add_page(pdf, image, width_pt=WIDTH_PT, height_pt=HEIGHT_PT)
    pdf.pages[0].Contents = pdf.make_stream(b"q 150 0 0 200 10 10 cm /I Do Q")

    result = compress_pdf(save(pdf, tmp_path / "in.pdf"), tmp_path / "out.pdf", CompressOptions(preset="scan"))

    assert result["scan_pages"] == {"taken": 0, "fallen_back": {"not_a_page": 1}}


def test_a_scan_drawn_half_transparent_is_not_taken_apart(tmp_path: Path) -> None:
    source = _scan(tmp_path, text_page(WIDTH_PX, HEIGHT_PX))
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Resources.ExtGState = Dictionary(G=Dictionary(ca=0.5))
        pdf.pages[0].Contents = pdf.make_stream(b"/G gs q %d 0 0 %d 10 10 cm /I Do Q" % (WIDTH_PT, HEIGHT_PT))
        pdf.save(source)

    result = compress_pdf(source, tmp_path / "out.pdf", CompressOptions(preset="scan"))

    assert result["scan_pages"] == {"taken": 0, "fallen_back": {"blended": 1}}


def test_coloured_ink_keeps_its_colour(tmp_path: Path) -> None:
    page = text_page(WIDTH_PX, HEIGHT_PX)
    dark = page.max(axis=2) < 140
    dark[:, : WIDTH_PX // 2] = False
    page[dark] = (190, 20, 30)
    source, target = _scan(tmp_path, page), tmp_path / "out.pdf"

    result = compress_pdf(source, target, CompressOptions(preset="scan"))

    assert result["scan_pages"]["taken"] == 1
    assert look_difference(source, target)[1] < 4


def test_layers_keep_the_place_of_their_page_in_content_and_layers(tmp_path: Path) -> None:
    source, target = _scan(tmp_path, text_page(WIDTH_PX, HEIGHT_PX)), tmp_path / "out.pdf"
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        content = pdf.pages[0].Contents.read_bytes()
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Scan"))
        pdf.pages[0].Resources.XObject.I.OC = layer
        pdf.Root.OCProperties = Dictionary(OCGs=[layer], D=Dictionary(ON=[layer]))
        pdf.save(source)

    compress_pdf(source, target, CompressOptions(preset="scan"))

    with pikepdf.open(target) as pdf:
        form = pdf.pages[0].Resources.XObject.I
        assert pdf.pages[0].Contents.read_bytes() == content
        assert form.Subtype == Name.Form
        assert str(form.OC.Name) == "Scan"
        assert sorted(form.Resources.XObject.keys()) == ["/Ink", "/Paper"]
        assert int(form.Resources.XObject.Ink.Mask.Width) >= WIDTH_PX


def test_an_album_of_photographs_is_not_taken_for_text(corpus: Path, tmp_path: Path) -> None:
    source = corpus / "pdf" / "slides__syn_photo_album_11p.pdf"
    result = compress_pdf(source, tmp_path / "out.pdf", CompressOptions(preset=Preset.SCAN))
    assert result["scan_pages"]["taken"] == 0


def test_a_page_whose_thin_strokes_would_vanish_stays_a_photograph(corpus: Path, tmp_path: Path) -> None:
    source = corpus / "pdf" / "scan__congress.pdf"
    result = compress_pdf(source, tmp_path / "out.pdf", CompressOptions(preset=Preset.SCAN))
    assert result["scan_pages"] == {"taken": 0, "fallen_back": {"strokes_lost": 1}}

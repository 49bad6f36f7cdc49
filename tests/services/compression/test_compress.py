"""A compressed file is smaller, looks the same, says the same and is built the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, NumberTree, OutlineItem

from services.compression.compress import compress_pdf
from services.compression.operations import CompressOptions, Preset
from tests.services.compression.image_documents import (
    add_page,
    gray,
    image_stream,
    look_difference,
    photograph,
    render,
    save,
)

REAL = ["form__pdffill-demo", "office__AmazonWebServices", "slides__embed_png_and_jpeg_images", "paper__pdflatex-image"]
LIGHT = [
    "form__SF424_page2",
    "form__libreoffice-form",
    "office__google-doc-document",
    "office__us_constitution",
    "scan__congress",
    "slides__image-heavy",
    "vector__vector",
    "vector__pdfx",
]


@pytest.fixture
def structured(tmp_path: Path) -> Path:
    """Three pages with everything that must survive, and images to recode."""
    pdf = pikepdf.new()
    for seed in range(3):
        add_page(pdf, image_stream(pdf, photograph(600, 600, seed).tobytes(), 600, 600, Name.DeviceRGB))
    pages = [page.obj for page in pdf.pages]
    with pdf.open_outline() as outline:
        outline.root.extend(OutlineItem(f"Page {number}", number - 1) for number in (1, 2, 3))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 50, 50], Dest=pikepdf.String("there"))
    widget = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="name", V="Ada", Rect=[60, 0, 160, 20], F=4)
    )
    pages[0].Annots = Array([pdf.make_indirect(link), widget])
    packets = Array(["template", pdf.make_stream(b"<template/>" * 50)])
    pdf.Root.AcroForm = Dictionary(Fields=[widget], XFA=packets, DA="/Helv 0 Tf 0 g")
    there = Array([pages[2], Name.Fit])
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=["there", there]))
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=[]))
    pdf.Root.MarkInfo, pdf.Root.Lang = Dictionary(Marked=True), "en-GB"
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Layer"))
    pdf.Root.OCProperties = Dictionary(OCGs=[layer], D=Dictionary(Order=[layer], ON=[layer]))
    labels = NumberTree.new(pdf)
    labels[0] = Dictionary(S=Name.r)
    pdf.Root.PageLabels = labels.obj
    pdf.attachments["note.txt"] = b"attached " * 20
    pdf.docinfo["/Title"] = "A title"
    return save(pdf, tmp_path / "structured.pdf")


@pytest.mark.parametrize("preset", list(Preset))
def test_structure_of_every_kind_survives_every_preset(structured: Path, tmp_path: Path, preset: Preset) -> None:
    target = tmp_path / "out.pdf"

    result = compress_pdf(structured, target, CompressOptions(preset=preset))

    assert result["unchanged"] is False
    with pikepdf.open(target) as pdf:
        root = pdf.Root
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Page 1", "Page 2", "Page 3"]
        link, widget = pdf.pages[0].Annots
        assert str(link.Dest) == "there"
        assert root.Names.Dests.Names[1][0].objgen == pdf.pages[2].obj.objgen
        assert (str(widget.T), str(widget.V)) == ("name", "Ada")
        assert root.AcroForm.Fields[0].objgen == widget.objgen
        assert root.AcroForm.XFA[1].read_bytes() == b"<template/>" * 50
        assert root.StructTreeRoot.Type == Name.StructTreeRoot
        assert (bool(root.MarkInfo.Marked), str(root.Lang)) == (True, "en-GB")
        assert str(root.OCProperties.OCGs[0].Name) == "Layer"
        assert pdf.pages[1].label == "ii"
        assert pdf.attachments["note.txt"].get_file().read_bytes() == b"attached " * 20
        assert str(pdf.docinfo["/Title"]) == "A title"


def test_remove_metadata_removes_the_title_and_packets_and_nothing_else(structured: Path, tmp_path: Path) -> None:
    with pikepdf.open(structured, allow_overwriting_input=True) as pdf:
        with pdf.open_metadata() as packet:
            packet["dc:creator"] = ["Ada"]
        pdf.save(structured)
    target = tmp_path / "out.pdf"

    compress_pdf(structured, target, CompressOptions(remove_metadata=True))

    with pikepdf.open(target) as pdf:
        assert "/Metadata" not in pdf.Root
        assert "/Title" not in pdf.docinfo
        assert str(pdf.Root.Lang) == "en-GB"
        assert list(pdf.attachments) == ["note.txt"]


def test_linearize_orders_the_file_for_the_web(structured: Path, tmp_path: Path) -> None:
    compress_pdf(structured, tmp_path / "out.pdf", CompressOptions(linearize=True))

    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert pdf.is_linearized
        assert pdf.check_pdf_syntax() == []


@pytest.mark.parametrize("preset", list(Preset))
def test_a_compressed_file_is_never_larger_than_its_source(structured: Path, tmp_path: Path, preset: Preset) -> None:
    once, twice, thrice = tmp_path / "1.pdf", tmp_path / "2.pdf", tmp_path / "3.pdf"
    compress_pdf(structured, once, CompressOptions(preset=preset))
    compress_pdf(once, twice, CompressOptions(preset=preset))

    result = compress_pdf(twice, thrice, CompressOptions(preset=preset))

    assert structured.stat().st_size > once.stat().st_size >= twice.stat().st_size >= thrice.stat().st_size
    if result["unchanged"]:
        assert thrice.read_bytes() == twice.read_bytes()
        assert result["reason"]


def test_a_file_that_cannot_shrink_comes_back_byte_for_byte_with_the_reason(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    source, target = save(pdf, tmp_path / "in.pdf"), tmp_path / "out.pdf"
    for _ in range(3):
        result = compress_pdf(source, target, CompressOptions())
        if result["unchanged"]:
            break
        source.write_bytes(target.read_bytes())

    assert result["unchanged"] is True
    assert result["reason"] == "no smaller file was found"
    assert target.read_bytes() == source.read_bytes()


def test_the_result_is_json_whose_kinds_add_up_to_the_files(structured: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.pdf"
    reports: list[tuple[int, int, str]] = []

    result = compress_pdf(structured, target, CompressOptions(), report=lambda *step: reports.append(step))

    assert json.loads(json.dumps(result)) == result
    for side, path in (("bytes_before", structured), ("bytes_after", target)):
        assert result[side] == path.stat().st_size
        assert sum(kind[side] for kind in result["kinds"].values()) == path.stat().st_size
    assert result["images"]["recoded"] == 3
    assert result["pages"] == 3
    assert 0.94 <= result["similarity"]["worst_page"] <= result["similarity"]["mean"] <= 1
    assert (3, 3, "Recoding images") in reports


def test_images_that_hurt_their_page_are_given_back_and_the_others_stay_small(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    # Grain at 267 dpi is nothing but what 96 dpi take away.
    grain = np.random.default_rng(5).integers(0, 256, (800, 800), np.uint8)
    add_page(pdf, image_stream(pdf, grain.tobytes(), 800, 800, Name.DeviceGray))
    add_page(pdf, image_stream(pdf, photograph(800, 800).tobytes(), 800, 800, Name.DeviceRGB))
    source, target = save(pdf, tmp_path / "in.pdf"), tmp_path / "out.pdf"

    result = compress_pdf(source, target, CompressOptions(preset="small"))

    (undone,) = result["undone"]
    assert undone.startswith("page 1: similarity")
    assert result["images"] == {"recoded": 1, "left": {"undone_by_gate": 1}}
    assert result["similarity"]["worst_page"] >= 0.8
    with pikepdf.open(target) as pdf:
        (image,) = pdf.pages[0].get_images().values()
        assert image.read_bytes() == grain.tobytes()


def test_equal_images_are_stored_once(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    for _ in range(12):
        add_page(pdf, image_stream(pdf, gray(300, 300).tobytes(), 300, 300, Name.DeviceGray))
    source, target = save(pdf, tmp_path / "in.pdf"), tmp_path / "out.pdf"

    result = compress_pdf(source, target, CompressOptions(preset="lossless"))

    assert target.stat().st_size < source.stat().st_size / 8
    assert result["images"]["recoded"] == 1


@pytest.mark.parametrize("name", REAL)
def test_lossless_keeps_real_pages_to_the_pixel(corpus: Path, tmp_path: Path, name: str) -> None:
    source, target = corpus / f"pdf/{name}.pdf", tmp_path / "out.pdf"

    result = compress_pdf(source, target, CompressOptions(preset="lossless", break_signature=True))

    for before, after in zip(render(source, dpi=120), render(target, dpi=120), strict=True):
        assert np.array_equal(before, after)
    assert result["bytes_after"] < result["bytes_before"]


@pytest.mark.parametrize("name", LIGHT)
def test_words_and_looks_of_real_pages_stay(corpus: Path, tmp_path: Path, name: str) -> None:
    source, target = corpus / f"pdf/{name}.pdf", tmp_path / "out.pdf"

    result = compress_pdf(source, target, CompressOptions(break_signature=True))

    assert _words(source) == _words(target)
    assert look_difference(source, target)[0] >= 0.94
    assert result["bytes_after"] < result["bytes_before"]


@pytest.mark.heavy
@pytest.mark.parametrize("preset", list(Preset))
def test_every_file_of_the_corpus_comes_through_every_preset(corpus: Path, tmp_path: Path, preset: Preset) -> None:
    opened = 0
    for source in sorted((corpus / "pdf").glob("*.pdf")):
        if source.name.startswith(("damaged__corrupted", "encrypted__")):
            continue
        target = tmp_path / source.name
        result = compress_pdf(source, target, CompressOptions(preset=preset, break_signature=True))
        assert result["bytes_after"] <= result["bytes_before"], source.name
        assert _words(source) == _words(target), source.name
        opened += 1
    assert opened >= 50


def _words(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return sorted(
            word
            for number in range(min(len(document), 20))
            for word in document[number].get_textpage().get_text_bounded().split()
        )
    finally:
        document.close()

"""Scans become searchable where the words stand, and nothing else about them changes."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, OutlineItem
from PIL import Image

from shared.errors import DamagedFile, EncryptedPdf, NoPages
from shared.pdf.page_ranges import PagesOutOfRange
from shared.pdf.text_page import open_text
from shared.pdf.words import words_of
from tests.services.ocr.scans import LINES, picture, pixels_of, read, scan, text_of, typed

WORDS = " ".join(LINES).split()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_scan_is_read_however_it_is_turned(tmp_path: Path, turn: int) -> None:
    task, result = read(scan(tmp_path / "a.pdf", picture(turn_degrees=turn)), tmp_path, sidecars=["txt"])

    assert task.outputs[1].path.read_text().splitlines() == list(LINES)
    # The order in which pdfium lists words that stand on their heads is its own.
    assert sorted(text_of(task.outputs[0].path)) == sorted(WORDS)
    (page,) = result["page_results"]
    assert page["turned_degrees"] == (360 - turn) % 360
    assert page["words"] == len(WORDS)
    assert page["mean_confidence_percent"] > 95
    assert result["engine"] == "ppocr"
    assert "PP-OCRv6" in result["engine_version"]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_words_lie_where_they_are_seen_whatever_the_page_says_of_itself(tmp_path: Path, rotate: int) -> None:
    source = scan(tmp_path / "a.pdf", picture(turn_degrees=(360 - rotate) % 360))
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].rotate(rotate, relative=False)
        left, bottom, right, top = (float(edge) for edge in pdf.pages[0].mediabox)
        # A crop box whose corner is not the origin, and a content that leaves its own state behind.
        pdf.pages[0].obj.CropBox = Array([left + 7, bottom + 5, right - 3, top - 2])
        pdf.pages[0].contents_add(b"0.5 0 0 0.5 100 100 cm")
        pdf.save(source)
    task, _ = read(source, tmp_path)

    document = pypdfium2.PdfDocument(task.outputs[0].path)
    page = document[0]
    image = page.render(scale=1).to_numpy()[:, :, 0]
    with open_text(page.raw) as text:
        words = words_of(text)
    page.close()
    document.close()
    assert [word.text for word in words] == WORDS
    for word in words:
        box = image[int(word.top) : int(word.bottom) + 1, int(word.left) : int(word.right) + 1]
        assert box.min() < 128, f"no ink under {word.text}"


def test_ninety_five_of_a_hundred_word_boxes_overlap_the_true_ones_by_half(tmp_path: Path) -> None:
    text = [
        "It was the best of times, it was the worst",
        "of times, it was the age of wisdom, it was",
        "the age of rain",
    ]
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(480, 336)).obj
        page.Resources = Dictionary(
            Font=Dictionary(F=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/Times-Roman")))
        )
        shown = " ".join(f"({line}) Tj 0 -24 Td" for line in text)
        page.Contents = pdf.make_stream(f"BT /F 18 Tf 40 280 Td {shown} ET".encode())
        pdf.save(tmp_path / "true.pdf")
    document = pypdfium2.PdfDocument(tmp_path / "true.pdf")
    seen = document[0].render(scale=200 / 72).to_pil()
    document.close()
    seen.save(tmp_path / "scan.png", dpi=(200, 200))

    task, _ = read(tmp_path / "scan.png", tmp_path)

    true, found = _boxes(tmp_path / "true.pdf"), _boxes(task.outputs[0].path)
    assert [word for word, _ in true] == [word for word, _ in found]
    good = sum(_overlap(one, other) >= 0.5 for (_, one), (_, other) in zip(true, found, strict=True))
    assert good / len(true) >= 0.95


def _boxes(pdf: Path) -> list[tuple[str, tuple[float, float, float, float]]]:
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    with open_text(page.raw) as text:
        found = [(word.text, (word.left, word.top, word.right, word.bottom)) for word in words_of(text)]
    page.close()
    document.close()
    return found


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(width, 0) * max(height, 0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / (areas - both)


def test_the_scan_itself_stays_byte_for_byte_and_looks_as_before(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture())
    task, result = read(source, tmp_path)

    with pikepdf.open(source) as before, pikepdf.open(task.outputs[0].path) as after:
        one, other = before.pages[0].get_images(), after.pages[0].get_images()
        assert [image.read_raw_bytes() for image in one.values()] == [
            image.read_raw_bytes() for image in other.values()
        ]
    assert np.array_equal(pixels_of(source), pixels_of(task.outputs[0].path))
    assert result["bytes_after"] == task.outputs[0].path.stat().st_size
    assert result["why_larger"] == "the text layer was added"


def test_accents_and_umlauts_are_read_and_can_be_searched(tmp_path: Path) -> None:
    source = typed(tmp_path / "true.pdf", "Gr\\374\\337e aus Malm\\366, fa\\347ade, se\\361or, na\\357ve")
    task, _ = read(source, tmp_path, mode="force")

    assert text_of(task.outputs[0].path) == ["Grüße", "aus", "Malmö,", "façade,", "señor,", "naïve"]


def test_links_bookmarks_fields_and_attachments_survive(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture())
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI="http://x.y")
        )
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])
        pdf.attachments["note.txt"] = b"kept"
        field = pdf.make_indirect(Dictionary(FT=Name.Tx, T="name", V="Ada"))
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
        with pdf.open_outline() as outline:
            outline.root.append(OutlineItem("Start", 0))
        pdf.save(source)
    task, _ = read(source, tmp_path)

    with pikepdf.open(task.outputs[0].path) as pdf:
        assert str(pdf.pages[0].obj.Annots[0].A.URI) == "http://x.y"
        assert pdf.attachments["note.txt"].get_file().read_bytes() == b"kept"
        assert str(pdf.Root.AcroForm.Fields[0].V) == "Ada"
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Start"]


def test_pages_with_text_are_left_and_the_result_says_why(tmp_path: Path) -> None:
    task, result = read(typed(tmp_path / "typed.pdf"), tmp_path, sidecars=["txt"])

    assert result["pages_skipped"] == 1
    assert "has text (5 words)" in result["page_results"][0]["skipped"]
    assert text_of(task.outputs[0].path) == ["Words", "that", "are", "here", "already"]
    assert task.outputs[1].path.read_text().split() == ["Words", "that", "are", "here", "already"]


def _scan_with_wrong_layer(target: Path) -> Path:
    source = scan(target, picture())
    layer = typed(target.with_name("layer.pdf"), "Wrung wards", mode=3)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf, pikepdf.open(layer) as other:
        pdf.pages[0].add_overlay(other.pages[0])
        pdf.save(source)
    return source


def test_an_earlier_layer_is_kept_by_skip_and_replaced_by_redo(tmp_path: Path) -> None:
    source = _scan_with_wrong_layer(tmp_path / "a.pdf")
    kept, skipped = read(source, tmp_path)
    renewed, _ = read(source, tmp_path, mode="redo")
    again, _ = read(renewed.outputs[0].path.rename(tmp_path / "b.pdf"), tmp_path, mode="redo")

    assert "text layer of 2 words" in skipped["page_results"][0]["skipped"]
    assert text_of(kept.outputs[0].path) == ["Wrung", "wards"]
    assert text_of(tmp_path / "b.pdf") == WORDS
    assert text_of(again.outputs[0].path) == WORDS
    assert np.array_equal(pixels_of(source), pixels_of(again.outputs[0].path))


def test_a_stamp_on_a_scan_is_not_written_twice(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture())
    stamp = typed(tmp_path / "stamp.pdf", "STAMPED")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf, pikepdf.open(stamp) as other:
        pdf.pages[0].contents_add(b"q 1 1 1 rg 0 280 480 56 re f Q")
        pdf.pages[0].add_overlay(other.pages[0])
        pdf.save(source)
    task, result = read(source, tmp_path)

    words = text_of(task.outputs[0].path)
    assert words.count("STAMPED") == 1
    assert "Total" in words
    assert result["pages_read"] == 1


def test_force_makes_a_picture_of_a_page_with_text_and_keeps_its_look(tmp_path: Path) -> None:
    source = typed(tmp_path / "typed.pdf")
    task, result = read(source, tmp_path, mode="force")

    assert text_of(task.outputs[0].path) == ["Words", "that", "are", "here", "already"]
    with pikepdf.open(task.outputs[0].path) as pdf:
        assert len(pdf.pages[0].get_images()) == 1
    before, after = pixels_of(source).astype(int), pixels_of(task.outputs[0].path).astype(int)
    assert np.abs(before - after).mean() < 2
    assert "became a picture" in result["page_results"][0]["notes"][0]


def test_blank_pages_and_pages_out_of_the_range_end_without_text(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", Image.new("L", (1000, 700), 255), picture(), picture())
    task, result = read(source, tmp_path, pages="1-2")

    assert [page["page"] for page in result["page_results"]] == [1, 2]
    assert result["page_results"][0]["notes"] == ["no text was found"]
    assert [len(text_of(task.outputs[0].path, page)) for page in range(3)] == [0, len(WORDS), 0]


def test_pages_are_turned_upright_when_that_is_asked_for(tmp_path: Path) -> None:
    task, _ = read(scan(tmp_path / "a.pdf", picture(turn_degrees=90)), tmp_path, rotate_pages=True)

    with pikepdf.open(task.outputs[0].path) as pdf:
        assert int(pdf.pages[0].obj.Rotate) == 270
    assert text_of(task.outputs[0].path) == WORDS


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [
        ("png", "RGBA"),
        ("png", "I;16"),
        ("png", "1"),
        ("jpg", "CMYK"),
        ("tif", "CMYK"),
        ("tif", "1"),
        ("webp", "RGB"),
        ("bmp", "P"),
    ],
)
def test_pictures_of_every_kind_become_searchable_pdfs(tmp_path: Path, suffix: str, mode: str) -> None:
    page = picture(LINES[:2])
    source = tmp_path / f"photo.{suffix}"
    if mode == "I;16":
        page = Image.fromarray(np.asarray(page).astype(np.uint16) * 257)
    elif mode == "RGBA":
        # Black letters on nothing: the paper is what a viewer shows.
        page = Image.merge("RGBA", [Image.new("L", page.size)] * 3 + [page.point(lambda value: 255 - value)])
    else:
        page = page.convert(mode)
    page.save(source, **({"lossless": True} if suffix == "webp" else {}))
    task, result = read(source, tmp_path)

    # Artefacts of JPEG may close a narrow space.
    assert "".join(text_of(task.outputs[0].path)) == "".join(LINES[:2]).replace(" ", "")
    assert task.outputs[0].name == "photo.pdf"
    assert result["pages"] == 1


def test_each_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    frames = [picture((line,)) for line in LINES[:2]]
    frames[0].save(tmp_path / "fax.tif", save_all=True, append_images=frames[1:], dpi=(150, 150))
    task, result = read(tmp_path / "fax.tif", tmp_path)

    assert result["pages"] == 2
    assert [text_of(task.outputs[0].path, page) for page in range(2)] == [line.split() for line in LINES[:2]]


def test_sidecars_carry_the_words_with_their_places(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture(turn_degrees=90), picture(LINES[:1]))
    task, _ = read(source, tmp_path, sidecars=["txt", "json", "hocr", "alto"])
    files = {output.name: output.path.read_text() for output in task.outputs[1:]}

    assert list(files) == ["a.txt", "a.json", "a.hocr", "a.alto.xml"]
    first, second = files["a.txt"].split("\f")
    assert first.splitlines() == list(LINES)
    assert second.split() == LINES[0].split()
    page = json.loads(files["a.json"])["pages"][0]
    words = [word for line in page["lines"] for word in line["words"]]
    assert [word["text"] for word in words] == WORDS
    assert (page["width_pixels"], page["height_pixels"]) == pytest.approx((700, 1000), abs=1)
    # The page as shown is turned to the right: its lines run down, the first of them at the right.
    for one, other in pairwise(words[:3]):
        assert one["corners"][0][1] < other["corners"][0][1]
    assert min(x for x, _ in words[0]["corners"]) > 500
    for name, tag, attribute in (("a.hocr", "span", None), ("a.alto.xml", "String", "CONTENT")):
        elements = [one for one in ElementTree.fromstring(files[name]).iter() if one.tag.endswith(tag)]
        shown = [
            one.get(attribute) if attribute else one.text
            for one in elements
            if attribute or one.get("class") == "ocrx_word"
        ]
        assert shown == [*WORDS, *LINES[0].split()]


def test_hocr_and_alto_are_built_as_their_standards_say(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture(), Image.new("L", (1000, 700), 255))
    task, _ = read(source, tmp_path, sidecars=["hocr", "alto"])
    hocr, alto = (ElementTree.parse(output.path).getroot() for output in task.outputs[1:])

    html, classes = "{http://www.w3.org/1999/xhtml}", {"ocr_page": "ocr_line", "ocr_line": "ocrx_word"}
    about = {one.get("name"): str(one.get("content")) for one in hocr.iter(f"{html}meta")}
    assert {"ocr_page", "ocr_line", "ocrx_word"} <= set(about["ocr-capabilities"].split())
    assert about["ocr-system"]
    pages = [one for one in hocr.iter() if one.get("class") == "ocr_page"]
    assert [str(page.get("title")).split("ppageno ")[1][0] for page in pages] == ["0", "1"]
    for outer in (one for one in hocr.iter() if one.get("class") in classes):
        assert {inner.get("class") for inner in outer} <= {classes[str(outer.get("class"))]}
        for inner in outer:
            left, top, right, bottom = map(int, str(inner.get("title")).split(";")[0].split()[1:])
            assert 0 <= left < right <= 1000
            assert 0 <= top < bottom <= 700
    names = [one.get("id") for one in hocr.iter() if one.get("id")]
    assert len(names) == len(set(names))

    name = "{http://www.loc.gov/standards/alto/ns-v4#}"
    assert [one.tag for one in alto] == [f"{name}Description", f"{name}Layout"]
    assert [one.tag for one in alto[0]] == [
        f"{name}{one}" for one in ("MeasurementUnit", "sourceImageInformation", "Processing")
    ]
    assert alto.findtext(f"{name}Description/{name}sourceImageInformation/{name}fileName") == "a.pdf"
    strings = list(alto.iter(f"{name}String"))
    assert [one.get("CONTENT") for one in strings] == WORDS
    assert all(0 <= float(str(one.get("WC"))) <= 1 for one in strings)
    assert all({"HPOS", "VPOS", "WIDTH", "HEIGHT"} <= set(one.keys()) for one in strings)
    spaces = [[one.tag for one in line] for line in alto.iter(f"{name}TextLine")]
    assert all(line[1::2] == [f"{name}SP"] * (len(line) // 2) for line in spaces)


def test_two_columns_of_prose_are_read_one_after_the_other(tmp_path: Path) -> None:
    columns = Image.new("L", (1400, 700), 255)
    left = [f"left column of prose, line number {n}" for n in range(6)]
    right = [f"right column of prose, line number {n}" for n in range(6)]
    columns.paste(picture(tuple(left)).crop((0, 0, 680, 600)), (0, 0))
    columns.paste(picture(tuple(right)).crop((0, 0, 680, 600)), (700, 0))
    task, _ = read(scan(tmp_path / "a.pdf", columns), tmp_path, sidecars=["txt"])

    assert task.outputs[1].path.read_text().splitlines() == [*left, *right]


def test_broken_locked_and_signed_documents_end_in_errors_that_say_so(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture())
    with pikepdf.open(source) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="open", owner="own"))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")

    with pytest.raises(EncryptedPdf):
        read(tmp_path / "locked.pdf", tmp_path)
    for name in ("broken.pdf", "broken.png"):
        with pytest.raises((DamagedFile, NoPages)):
            read(tmp_path / name, tmp_path)
    with pytest.raises(PagesOutOfRange):
        read(source, tmp_path, pages="2")
    task, _ = read(tmp_path / "locked.pdf", tmp_path, password="open")
    with pikepdf.open(task.outputs[0].path, password="open") as pdf:
        assert pdf.is_encrypted


def test_a_page_that_is_broken_leaves_the_others(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture(LINES[:1]), picture(LINES[1:2]))
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.MediaBox = Array([0, 0, 0, 0])
        pdf.pages[0].obj.Resources = Array([])
        pdf.save(source)
    task, result = read(source, tmp_path)

    assert len(result["page_results"]) == 2
    assert text_of(task.outputs[0].path, 1) == LINES[1].split()


def test_an_absurdly_large_page_is_read_at_a_resolution_that_fits(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture())
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.MediaBox = Array([0, 0, 14400, 10080])
        names = list(pdf.pages[0].obj.Resources.XObject.keys())
        pdf.pages[0].obj.Contents = pdf.make_stream(f"14400 0 0 10080 0 0 cm {names[0]} Do".encode())
        pdf.save(source)
    task, result = read(source, tmp_path)

    assert result["page_results"][0]["read_at_dpi"] < 60
    assert text_of(task.outputs[0].path) == WORDS


def test_a_page_of_the_corpus_reads_as_its_gold_text(corpus: Path, tmp_path: Path) -> None:
    gold = (corpus / "ocr/phototest.gold.txt").read_text().split()
    for name in ("phototest.tif", "phototest-rotated-180.png", "phototest-rotated-L.png"):
        task, _ = read(corpus / "ocr" / name, tmp_path, sidecars=["txt"])
        assert task.outputs[1].path.read_text().split() == gold, name


def test_a_jpeg_goes_into_the_pdf_byte_for_byte(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.jpg", quality=60)
    task, _ = read(tmp_path / "a.jpg", tmp_path)

    with pikepdf.open(task.outputs[0].path) as pdf:
        (image,) = pdf.pages[0].get_images().values()
        assert image.read_raw_bytes() == (tmp_path / "a.jpg").read_bytes()

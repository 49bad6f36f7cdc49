"""Documents of every odd kind end in a clear result or a clear error, and what can be read of them is read."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import pytest
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

from services.ocr import recognise
from services.ocr.engines.ppocr import PpOcr
from services.ocr.recognise import NoPageRead
from shared.errors import DamagedFile, FileProcessingError
from tests.services.ocr.scans import LINES, picture, pixels_of, read, scan, text_of

_ROOT = Path(__file__).parents[3]
_LINE = LINES[:1]
_WORDS = LINES[0].split()


def _pdf_of(target: Path, size: tuple[int, int], data: bytes, **entries: object) -> Path:
    """A page that one picture fills, its bytes as they are."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(480, 336)).obj
        image = pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Image, Width=size[0], Height=size[1], **entries)
        page.Resources = Dictionary(XObject=Dictionary(Im=image))
        page.Contents = pdf.make_stream(b"480 0 0 336 0 0 cm /Im Do")
        pdf.save(target)
    return target


def _raw_image(pdf: Path) -> bytes:
    with pikepdf.open(pdf) as opened:
        (image,) = opened.pages[0].get_images().values()
        return bytes(image.read_raw_bytes())


def test_jpeg_2000_is_read_and_stays_as_it_is(tmp_path: Path) -> None:
    out = io.BytesIO()
    picture(_LINE).save(out, "JPEG2000")
    source = _pdf_of(tmp_path / "a.pdf", (1000, 700), out.getvalue(), Filter=Name.JPXDecode)
    task, _ = read(source, tmp_path)

    assert text_of(task.outputs[0].path) == _WORDS
    assert _raw_image(task.outputs[0].path) == out.getvalue()


def test_sixteen_bits_and_four_inks_within_a_pdf_are_read(tmp_path: Path) -> None:
    page = np.asarray(picture(_LINE))
    deep = (page.astype(">u2") * 257).tobytes()
    inks = np.asarray(picture(_LINE).convert("CMYK")).tobytes()
    for number, (data, bits, space) in enumerate(((deep, 16, Name.DeviceGray), (inks, 8, Name.DeviceCMYK))):
        source = _pdf_of(tmp_path / f"{number}.pdf", (1000, 700), data, BitsPerComponent=bits, ColorSpace=space)
        task, _ = read(source, tmp_path)
        assert text_of(task.outputs[0].path) == _WORDS


@pytest.mark.heavy
def test_jbig2_of_a_true_scan_is_read_and_stays_as_it_is(corpus: Path, tmp_path: Path) -> None:
    source = corpus / "pdf/scan__linn.pdf"
    task, result = read(source, tmp_path)

    assert {"LinnSequencer", "synchronization.", "channels."} <= set(text_of(task.outputs[0].path))
    assert _raw_image(task.outputs[0].path) == _raw_image(source)
    assert result["bytes_after"] < 1.1 * result["bytes_before"]


@pytest.mark.heavy
def test_a_poster_of_half_a_thousand_million_pixels_is_read(tmp_path: Path) -> None:
    poster = Image.new("1", (19866, 28087), 1)
    pen = ImageDraw.Draw(poster)
    pen.text((1500, 2000), LINES[0], fill=0, font=ImageFont.load_default(800))
    out = io.BytesIO()
    poster.save(out, "TIFF", compression="group4", strip_size=1 << 30, dpi=(600, 600))
    (tmp_path / "a0.pdf").write_bytes(_fax_page(out.getvalue()))
    task, result = read(tmp_path / "a0.pdf", tmp_path)

    assert sorted(text_of(task.outputs[0].path)) == sorted(_WORDS)
    assert result["page_results"][0]["read_at_dpi"] < 180
    assert result["bytes_after"] < result["bytes_before"] + 5000


def _fax_page(tiff: bytes) -> bytes:
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        made = img2pdf.convert([tiff])
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    assert made
    return bytes(made)


def test_pages_without_a_scan_and_without_text_say_that_nothing_was_found(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        drawn = pdf.add_blank_page(page_size=(480, 336)).obj
        drawn.Contents = pdf.make_stream(b"40 168 m 440 168 l S")
        pdf.add_blank_page(page_size=(480, 336))
        pdf.save(tmp_path / "a.pdf")
    task, result = read(tmp_path / "a.pdf", tmp_path)

    assert [page["notes"] for page in result["page_results"]] == [["no text was found"]] * 2
    assert result["words"] == 0
    assert np.array_equal(pixels_of(tmp_path / "a.pdf"), pixels_of(task.outputs[0].path))


def test_a_photograph_is_shown_as_its_camera_was_held(tmp_path: Path) -> None:
    about = Image.Exif()
    about[0x0112] = 6  # to be turned a quarter to the right
    picture(_LINE, turn_degrees=270).save(tmp_path / "a.jpg", quality=90, exif=about)
    task, result = read(tmp_path / "a.jpg", tmp_path)

    assert text_of(task.outputs[0].path) == _WORDS
    assert result["page_results"][0]["turned_degrees"] == 0
    assert _raw_image(task.outputs[0].path) == (tmp_path / "a.jpg").read_bytes()


def test_what_is_transparent_is_paper(tmp_path: Path) -> None:
    ink = picture(_LINE)
    nothing = Image.merge("RGBA", [Image.new("L", ink.size)] * 3 + [ink.point(lambda value: 255 - value)])
    nothing.save(tmp_path / "a.webp", lossless=True)
    task, _ = read(tmp_path / "a.webp", tmp_path)

    assert text_of(task.outputs[0].path) == _WORDS


def test_the_first_bytes_decide_what_a_file_is_and_not_its_name(tmp_path: Path) -> None:
    picture(_LINE).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.pdf")
    task, _ = read(tmp_path / "a.pdf", tmp_path)
    assert text_of(task.outputs[0].path) == _WORDS

    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n%PDF-1.7 and no picture")
    with pytest.raises(DamagedFile):
        read(tmp_path / "b.png", tmp_path)


def test_half_a_scan_is_read_or_refused_and_never_a_fault(tmp_path: Path) -> None:
    whole = scan(tmp_path / "a.pdf", picture(_LINE), picture(LINES[1:2])).read_bytes()
    for number, share in enumerate((0.3, 0.6, 0.9)):
        half = tmp_path / f"half-{number}.pdf"
        half.write_bytes(whole[: int(share * len(whole))])
        with suppress(FileProcessingError):
            assert read(half, tmp_path)[1]["pages"] >= 1


def test_a_document_locked_against_changes_only_is_read_and_stays_locked(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture(_LINE))
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.save(source, encryption=pikepdf.Encryption(owner="own", user="", R=6))
    task, _ = read(source, tmp_path)

    assert text_of(task.outputs[0].path) == _WORDS
    with pikepdf.open(task.outputs[0].path) as pdf:
        assert pdf.is_encrypted


def test_a_page_on_which_the_engine_dies_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true_read = PpOcr.read

    def read_or_die(self: PpOcr, pages, languages=()):  # type: ignore[no-untyped-def]
        if pages[0].pixels.shape[1] > 1500:
            resource.setrlimit(resource.RLIMIT_CPU, (0, 0))
            while True:
                pass
        return true_read(self, pages, languages)

    monkeypatch.setattr(PpOcr, "read", read_or_die)
    large = picture(_LINE).resize((2000, 1400))
    task, result = read(scan(tmp_path / "a.pdf", picture(_LINE), large, picture(_LINE)), tmp_path, sidecars=["txt"])

    first, second, third = result["page_results"]
    assert "was ended by SIGKILL" in second["skipped"] or "SIGXCPU" in second["skipped"]
    assert first["words"] == third["words"] == len(_WORDS)
    assert result["pages_failed"] == 1
    assert [page.split() for page in task.outputs[1].path.read_text().split("\f")] == [_WORDS, [], _WORDS]
    with pytest.raises(NoPageRead, match="SIG"):
        read(scan(tmp_path / "b.pdf", large), tmp_path)


def test_pages_that_the_jobs_time_does_not_suffice_for_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognise, "_WRITING_S", 10_000.0)
    monkeypatch.setattr(recognise, "slots", lambda: 1)
    source = scan(tmp_path / "a.pdf", picture(_LINE), *[picture(LINES[1:2])] * 2)
    task, result = read(source, tmp_path)

    assert result["pages_read"] == 1
    assert ["were over" in page.get("skipped", "") for page in result["page_results"]] == [False, True, True]
    assert text_of(task.outputs[0].path) == _WORDS
    monkeypatch.undo()
    again, told = read(task.outputs[0].path.rename(tmp_path / "b.pdf"), tmp_path)
    assert told["pages_read"] == 2
    assert text_of(again.outputs[0].path) == _WORDS
    assert text_of(again.outputs[0].path, 2) == LINES[1].split()


_MANY = """
import resource, sys
from pathlib import Path
from services.ocr.contracts.ocr import OcrOptions
from services.ocr.recognise import recognise_document
from shared.operation import InputFile, Task
source = Path(sys.argv[1])
task = Task((InputFile(source, "a.pdf", "application/pdf"),), Path(sys.argv[2]))
result = recognise_document(task, OcrOptions(sidecars=("txt", "json", "hocr", "alto")))
assert result["pages_read"] == int(sys.argv[3]), result
for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
    print(resource.getrusage(whose).ru_maxrss // 1024)
"""


@pytest.mark.heavy
def test_a_thousand_pages_take_no_more_memory_than_a_hundred(tmp_path: Path) -> None:
    ours, readers = [], []
    for pages in (100, 1000):
        one = scan(tmp_path / "one.pdf", picture(_LINE).resize((500, 350)))
        with pikepdf.open(one) as pdf:
            pdf.pages.extend([pdf.pages[0]] * (pages - 1))
            pdf.save(tmp_path / f"{pages}.pdf")
        out = tmp_path / f"out-{pages}"
        out.mkdir()
        arguments = [str(tmp_path / f"{pages}.pdf"), str(out), str(pages)]
        done = subprocess.run(
            [sys.executable, "-c", _MANY, *arguments], cwd=_ROOT, capture_output=True, text=True, check=True
        )
        mine, theirs = map(int, done.stdout.split())
        ours.append(mine)
        readers.append(theirs)

    assert ours[1] < ours[0] + 100, ours
    assert readers[1] < readers[0] + 150, readers
    assert max(readers) < 900

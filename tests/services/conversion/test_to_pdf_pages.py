"""PDF to PDF: untouched as a whole; as some pages, without a trace of the others."""

from __future__ import annotations

import contextlib
from pathlib import Path

import httpx
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from services.conversion.to_pdf.pdfa_rules.check import check_pdfa
from shared.errors import FileProcessingError
from shared.pdf.page_ranges import PagesOutOfRange
from tests.running_platform import RunningPlatform
from tests.services.conversion.conversion_task import converted


def _book(path: Path) -> Path:
    """Four pages that say their number, an outline, roman labels, a field on page 2, a link from 1 to 4."""
    with pikepdf.new() as pdf:
        for number in range(1, 5):
            page = pdf.add_blank_page(page_size=(200, 200))
            font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            page.Resources = Dictionary(Font=Dictionary(F=font))
            page.Contents = pdf.make_stream(b"BT /F 20 Tf 20 100 Td (Secret %d) Tj ET" % number)
        with pdf.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(f"Chapter {number + 1}", number) for number in range(4))
        pdf.Root.Dests = Dictionary(two=Array([pdf.pages[1].obj, Name.Fit]))
        pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r)]))
        field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=b"f", Rect=Array([0, 0, 9, 9]))
        widget = pdf.make_indirect(field)
        pdf.pages[1].obj.Annots = Array([widget])
        pdf.Root.AcroForm = Dictionary(Fields=Array([widget]))
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return path


def test_a_whole_pdf_stays_as_it_is(tmp_path: Path):
    source = _book(tmp_path / "a.pdf")

    made, told = converted(source, tmp_path, to="pdf")

    assert made.read_bytes() == source.read_bytes()
    assert told["unchanged"]


def test_chosen_pages_keep_what_belongs_to_them_and_nothing_of_the_others(tmp_path: Path):
    made, told = converted(_book(tmp_path / "a.pdf"), tmp_path, to="pdf", pages="4,1,1")

    document = pypdfium2.PdfDocument(made)
    texts = [page.get_textpage().get_text_range() for page in document]
    labels = [document.get_page_label(number) for number in range(3)]
    document.close()
    assert texts == ["Secret 4", "Secret 1", "Secret 1"]
    assert labels == ["iv", "i", "i"]
    assert (told["pages_before"], told["pages"], told["unchanged"]) == (4, 3, False)
    with pikepdf.open(made) as pdf:
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Chapter 1", "Chapter 4"]
        assert len(pdf.Root.AcroForm.Fields) == 0
        held = b"".join(bytes(one.read_bytes()) for one in pdf.objects if isinstance(one, pikepdf.Stream))
    assert b"Secret 2" not in held
    assert b"Secret 3" not in held


def test_over_http_markdown_becomes_pdfa(platform: RunningPlatform, tmp_path: Path):
    files = {"file": ("a.md", b"# Title\n\nText.\n")}
    posted = httpx.post(f"{platform.url}/v1/convert", files=files, data={"to": "pdfa-2b"})
    job = httpx.get(f"{platform.url}/v1/jobs/{posted.json()['id']}?wait=30", timeout=40).json()

    assert job["status"] == "completed", job
    assert job["result"]["pdfa"] == "PDF/A-2b"
    (tmp_path / "a.pdf").write_bytes(httpx.get(f"{platform.url}/v1/jobs/{job['id']}/result").content)
    assert check_pdfa(tmp_path / "a.pdf", 2) == []


def test_a_page_that_is_not_there_is_named_with_the_count(tmp_path: Path):
    with pytest.raises(PagesOutOfRange, match="Page 9 was asked for; the document has 4 pages"):
        converted(_book(tmp_path / "a.pdf"), tmp_path, to="pdf", pages="9")


@pytest.mark.filterwarnings("ignore::pikepdf.PageCopyWarning")
@pytest.mark.parametrize("kind", ["pdf", "pdfa-1b", "pdfa-2b"])
def test_values_of_the_wrong_kind_end_in_pages_or_in_a_reason(tmp_path: Path, kind: str):
    keys = ("Outlines", "AcroForm", "Names", "PageLabels", "OCProperties", "OutputIntents", "StructTreeRoot", "AF")
    for key in keys:
        for value in (Array([1, Name.X]), Dictionary(Fields=3, Kids=Name.X, Nums=Array([Name.Y])), Name.X):
            with pikepdf.open(_book(tmp_path / "whole.pdf")) as pdf:
                pdf.Root[f"/{key}"] = value
                pdf.pages[0].obj["/Annots"] = Array([value, 1])
                pdf.save(tmp_path / "a.pdf")
            with contextlib.suppress(FileProcessingError):
                converted(tmp_path / "a.pdf", tmp_path, to=kind, pages="1-2")

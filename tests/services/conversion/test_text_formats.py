"""Markdown, HTML, JSON and Word keep headings, lists, tables, links, pictures and looks, and nothing that does harm."""

from __future__ import annotations

import html.parser
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import docx
import httpx
import pikepdf
import pytest
from markdown_it import MarkdownIt

from services.conversion.contracts.text import ExtractTextOptions
from services.conversion.text.errors import NoText
from services.conversion.text.extract import extract_text
from shared.errors import DamagedFile, EncryptedPdf, WrongPassword
from shared.media_types import PDF
from shared.operation import InputFile, Task
from shared.pdf.page_ranges import PagesOutOfRange
from tests.running_platform import RunningPlatform
from tests.services.conversion.text_documents import PageDraft, convert, grey_picture, link, prose_lines, save

EVERY_KIND = ("txt", "html", "markdown", "json", "docx")


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A page with a title, headings, a list, a table, a picture, links, bold and italic words."""
    page = PageDraft()
    page.text(72, 60, "Annual Report", font="B", size=24)
    page.text(72, 100, "1. Where we stand", font="B", size=14)
    page.draw(page.column(72, 120, prose_lines(4, 1, 90), size=10, step=12))
    page.text(72, 180, "Sales were ", size=10)
    page.text(125, 180, "very good", font="B", size=10)
    page.text(175, 180, "and costs", size=10)
    page.text(222, 180, "rather low", font="I", size=10)
    for number, entry in enumerate(("Paper was cheap", "Ink was not", "Books sold well")):
        page.text(80, 210 + 14 * number, "\u2022", size=10)
        page.text(92, 210 + 14 * number, entry, size=10)
    page.text(72, 270, "2. Figures", size=14)
    page.grid([72, 172, 272], [285, 305, 325, 345])
    for number, cell in enumerate(("Year", "Books", "2023", "1500", "2024", "1750")):
        page.text(76 + 100 * (number % 2), 299 + 20 * (number // 2), cell, size=10)
    page.text(72, 380, "Read more on our pages or write to us.", size=10)
    page.annotations.append(link(page, 72, 370, 170, 384, "https://example.org/report?a=1&b=2"))
    page.annotations.append(link(page, 195, 370, 300, 384, "javascript:alert(1)"))
    page.xobjects["P"] = grey_picture
    page.operators.append("q 120 0 0 60 72 300 cm /P Do Q")
    page.text(72, 520, "The end of the report <script>alert(1)</script> & more", size=10)
    return save(tmp_path / "report.pdf", page)


def test_markdown_has_headings_lists_tables_links_and_emphasis(report: Path, tmp_path: Path) -> None:
    result, outputs = convert(report, tmp_path / "out", to="markdown")
    text = outputs["report.md"].read_text("utf-8")
    assert "# Annual Report\n" in text
    assert "## 1. Where we stand\n" in text
    assert "- Paper was cheap\n" in text
    assert "| Year | Books |\n| --- | --- |\n| 2023 | 1500 |\n| 2024 | 1750 |\n" in text
    assert "**very good** and costs *rather low*" in text
    assert "[Read more on our pages](<https://example.org/report?a=1&b=2>)" in text
    assert "javascript" not in text
    assert result["links_left_out"] == 1
    assert result["pictures_left_out"] == 1
    assert result["found"] == {"headings": 3, "paragraphs": 4, "list_items": 3, "tables": 1}


def test_markdown_reads_back_as_the_same_words(tmp_path: Path) -> None:
    tricky = [
        "# not a heading",
        "- not a list",
        "1. perhaps *one*",
        "a_b_c <b>bold?</b> [x](y)",
        "`code` | pipe ~~no~~",
    ]
    page = PageDraft()
    for number, line in enumerate(tricky):
        page.text(72, 100 + 40 * number, line)
    _, outputs = convert(save(tmp_path / "t.pdf", page), tmp_path / "out", to="markdown")
    rendered = MarkdownIt("commonmark").enable("table").render(outputs["t.md"].read_text("utf-8"))
    words = " ".join(_TextOnly.of(rendered)).split()
    # An entry's number belongs to its list.
    assert (
        words == " ".join(tricky).replace("1. ", "").replace("- ", "", 1).split() or words == " ".join(tricky).split()
    )
    assert "<h1>" not in rendered
    assert "<b>" not in rendered
    assert "<a " not in rendered


class _TextOnly(html.parser.HTMLParser):
    @classmethod
    def of(cls, source: str) -> list[str]:
        parser = cls()
        parser.found = []
        parser.feed(source)
        return parser.found

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def _svg(path: Path) -> ET.Element:
    text = path.read_text("utf-8")
    return ET.fromstring(text[text.index("<svg") : text.rindex("</svg>") + 6])


def test_html_keeps_places_pictures_and_harmless_links(report: Path, tmp_path: Path) -> None:
    result, outputs = convert(report, tmp_path / "out", to="html")
    page = _svg(outputs["report.html"])
    assert (page.get("width"), page.get("height"), page.get("viewBox")) == ("612pt", "792pt", "0 0 612 792")
    title = next(each for each in page.iter("text") if each.text == "Annual Report")
    assert float(title.get("x")) == pytest.approx(72, abs=1)
    assert float(title.get("y")) == pytest.approx(60, abs=3)
    assert (title.get("font-size"), title.get("font-weight")) == ("24", "bold")
    (image,) = page.iter("image")
    box = [float(image.get(name)) for name in ("x", "y", "width", "height")]
    assert box == [72, 432, 120, 60]
    assert image.get("href").startswith("data:image/png;base64,")
    assert [each.get("href") for each in page.iter("a")] == ["https://example.org/report?a=1&b=2"]
    assert result["pictures"] == 1


def test_html_runs_nothing_and_loads_nothing(report: Path, tmp_path: Path) -> None:
    _, outputs = convert(report, tmp_path / "out", to="html")
    text = outputs["report.html"].read_text("utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)=["'](?!https?://example\.org|data:image/)""", text)


def test_json_tells_every_word_with_its_box_and_look(report: Path, tmp_path: Path) -> None:
    _, outputs = convert(report, tmp_path / "out", to="json")
    (page,) = json.loads(outputs["report.json"].read_text("utf-8"))["pages"]
    assert (page["number"], page["width_points"], page["height_points"]) == (1, 612, 792)
    word = next(word for word in page["words"] if word["text"] == "Annual")
    assert word["box"] == pytest.approx([72, 37, 155, 66], abs=4)
    style = page["styles"][word["style"]]
    assert (style["font"], style["size_points"], style["bold"]) == ("Helvetica-Bold", 24, True)
    linked = [word["text"] for word in page["words"] if word.get("link")]
    assert linked == ["Read", "more", "on", "our", "pages"]
    assert [block["kind"] for block in page["blocks"]].count("heading") == 3
    assert page["pictures"] == [[72, 432, 192, 492]]
    texts = [
        page["words"][place]["text"] for block in page["blocks"] for line in block.get("lines", ()) for place in line
    ]
    assert texts[:2] == ["Annual", "Report"]


def test_word_documents_keep_headings_lists_tables_pictures_links_and_looks(report: Path, tmp_path: Path) -> None:
    result, outputs = convert(report, tmp_path / "out", to="docx")
    document = docx.Document(str(outputs["report.docx"]))
    styles = {paragraph.text: paragraph.style.name for paragraph in document.paragraphs}
    assert styles["Annual Report"] == "Heading 1"
    assert styles["1. Where we stand"] == "Heading 2"
    assert styles["Paper was cheap"] == "List Bullet"
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Year", "Books"],
        ["2023", "1500"],
        ["2024", "1750"],
    ]
    assert [round(column.width.pt) for column in table.columns] == [100, 100]
    looks = {run.text.strip(): (run.bold, run.italic) for paragraph in document.paragraphs for run in paragraph.runs}
    assert looks["very good"] == (True, None)
    assert looks["rather low"] == (None, True)
    (picture,) = document.inline_shapes
    assert (round(picture.width.pt), round(picture.height.pt)) == (120, 60)
    section = document.sections[0]
    assert (section.page_width.pt, section.page_height.pt) == (612, 792)
    targets = [each.target_ref for each in document.part.rels.values() if each.is_external]
    assert targets == ["https://example.org/report?a=1&b=2"]
    assert (result["pictures"], result["links"], result["found"]["tables"]) == (1, 1, 1)


def test_each_page_begins_a_new_one_in_word_with_its_own_size(tmp_path: Path) -> None:
    pages = [PageDraft(), PageDraft(), PageDraft(width=792, height=612)]
    for number, page in enumerate(pages):
        page.text(72, 100, f"page {number}")
    _, outputs = convert(save(tmp_path / "p.pdf", *pages), tmp_path / "out", to="docx")
    document = docx.Document(str(outputs["p.docx"]))
    assert [paragraph.text for paragraph in document.paragraphs if paragraph.paragraph_format.page_break_before] == [
        "page 1"
    ]
    assert [(section.page_width.pt, section.page_height.pt) for section in document.sections] == [
        (612, 792),
        (792, 612),
    ]


def test_cells_that_span_are_merged_in_word(tmp_path: Path) -> None:
    page = PageDraft()
    page.grid([72, 172, 272], [120, 140, 160])
    page.rule(72, 100, 272, 100)
    for x in (72, 272):
        page.rule(x, 100, x, 120)
    page.text(80, 114, "over both", size=9)
    for number, cell in enumerate("abcd"):
        page.text(80 + 100 * (number % 2), 134 + 20 * (number // 2), cell, size=9)
    _, outputs = convert(save(tmp_path / "t.pdf", page), tmp_path / "out", to="docx")
    (table,) = docx.Document(str(outputs["t.docx"])).tables
    assert [cell.text for cell in table.rows[0].cells] == ["over both", "over both"]
    assert table.rows[0].cells[0]._tc is table.rows[0].cells[1]._tc


def test_hidden_text_of_a_scan_counts_as_text(tmp_path: Path) -> None:
    page = PageDraft()
    page.xobjects["P"] = grey_picture
    page.operators.append("q 612 0 0 792 0 0 cm /P Do Q 3 Tr")
    page.text(72, 100, "recognised words")
    source = save(tmp_path / "scan.pdf", page)
    _, outputs = convert(source, tmp_path / "txt", to="txt")
    assert outputs["scan.txt"].read_text("utf-8") == "recognised words\n"
    _, outputs = convert(source, tmp_path / "html", to="html")
    (text,) = _svg(outputs["scan.html"]).iter("text")
    assert (text.text, text.get("fill-opacity")) == ("recognised words", "0")


def test_form_values_and_notes_are_text_as_shown(tmp_path: Path) -> None:
    page = PageDraft()
    page.text(72, 100, "Name:")
    source = save(tmp_path / "form.pdf", page, prepare=_with_filled_field)
    _, outputs = convert(source, tmp_path / "out", to="txt")
    assert outputs["form.txt"].read_text("utf-8").split() == ["Name:", "Alice"]


def test_form_values_that_the_viewer_should_draw_are_text_too(tmp_path: Path) -> None:
    page = PageDraft()
    page.text(72, 100, "Name:")
    source = save(tmp_path / "form.pdf", page, prepare=_with_undrawn_field)
    _, outputs = convert(source, tmp_path / "out", to="txt")
    assert outputs["form.txt"].read_text("utf-8").split() == ["Name:", "Alice"]


def _with_undrawn_field(pdf: pikepdf.Pdf) -> None:
    _with_filled_field(pdf)
    form = pdf.Root.AcroForm
    form.NeedAppearances, form.DA = True, pikepdf.String("/F 10 Tf 0 g")
    form.DR = pikepdf.Dictionary(Font=pdf.pages[0].Resources.Font)
    del form.Fields[0]["/AP"]


def _with_filled_field(pdf: pikepdf.Pdf) -> None:
    fonts = pdf.pages[0].Resources.Font
    look = pikepdf.Stream(pdf, b"/Tx BMC BT /F 10 Tf 2 4 Td (Alice) Tj ET EMC")
    look.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": [0, 0, 100, 16]})
    look.Resources = pikepdf.Dictionary(Font=fonts)
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="name", V="Alice", F=4
    )
    field.Rect, field.AP = [110, 688, 210, 704], pikepdf.Dictionary(N=look)
    widget = pdf.make_indirect(field)
    pdf.pages[0].Annots = pikepdf.Array([widget])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[widget])


@pytest.mark.parametrize("kind", [*EVERY_KIND, "xlsx", "csv"])
def test_a_scan_says_that_ocr_comes_first(kind: str, tmp_path: Path) -> None:
    page = PageDraft()
    page.xobjects["P"] = grey_picture
    page.operators.append("q 612 0 0 792 0 0 cm /P Do Q")
    with pytest.raises(NoText) as caught:
        convert(save(tmp_path / "scan.pdf", page), tmp_path / "out", to=kind)
    assert "'ocr'" in caught.value.remedy


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    written, scanned = PageDraft(), PageDraft()
    written.text(72, 100, "words")
    source = save(tmp_path / "mixed.pdf", written, scanned, written, scanned)
    result, _ = convert(source, tmp_path / "out", to="txt")
    assert (result["pages"], result["words"], result["pages_without_text"]) == (4, 2, [2, 4])
    assert "ocr" in result["remedy"]


def test_text_that_no_font_explains_is_said(tmp_path: Path) -> None:
    page = PageDraft()
    page.operators.append("BT /HE 10 Tf 72 700 Td <0102030405060708> Tj ( a) Tj ET")
    result, _ = convert(save(tmp_path / "odd.pdf", page), tmp_path / "out", to="txt")
    assert result["pages_with_unmapped_text"] == [1]


def test_hostile_text_reaches_every_kind_harmlessly(tmp_path: Path) -> None:
    page = PageDraft()
    page.text(72, 100, "]]> <b onload=x> & \x01 \"quoted\" 'single' </svg></text>")
    # Half of a pair, a control character and a non-character, as hostile maps to Unicode give them.
    page.text(72, 130, "a b c", font="HE")
    source = save(tmp_path / "hostile.pdf", page, prepare=_hostile_map)
    for kind in EVERY_KIND:
        _, outputs = convert(source, tmp_path / kind, to=kind)
        (path,) = outputs.values()
        if kind == "html":
            assert "</svg></text>" in "".join(_svg(path).itertext())
        elif kind == "docx":
            assert zipfile.ZipFile(path).testzip() is None
            assert "</svg></text>" in "".join(each.text for each in docx.Document(str(path)).paragraphs)
        else:
            path.read_text("utf-8")


def _hostile_map(pdf: pikepdf.Pdf) -> None:
    cmap = pdf.pages[0].Resources.Font["/HE"].ToUnicode
    data = cmap.read_bytes()
    for code, value in ((b"61", b"d800"), (b"62", b"0007"), (b"63", b"ffff")):
        data = re.sub(b"<" + code + b"> <....>", b"<" + code + b"> <" + value + b">", data)
    cmap.write(data)


def test_encrypted_and_damaged_files_are_named_as_such(report: Path, tmp_path: Path) -> None:
    with pikepdf.open(report) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="secret", owner="owner"))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    with pytest.raises(EncryptedPdf):
        convert(tmp_path / "locked.pdf", tmp_path / "a", to="txt")
    with pytest.raises(DamagedFile):
        convert(tmp_path / "broken.pdf", tmp_path / "b", to="txt")
    with pytest.raises(PagesOutOfRange):
        convert(report, tmp_path / "c", to="txt", pages="2")
    folder = tmp_path / "d"
    folder.mkdir()
    for password, error in (("secret", None), ("wrong", WrongPassword)):
        task = Task((InputFile(tmp_path / "locked.pdf", "locked.pdf", PDF.name),), folder, password)
        if error is None:
            assert extract_text(task, ExtractTextOptions())["words"] > 50
        else:
            with pytest.raises(error):
                extract_text(task, ExtractTextOptions())


def test_extract_text_answers_with_the_text_of_each_page(tmp_path: Path) -> None:
    pages = []
    for name in ("one", "two"):
        page = PageDraft()
        page.text(72, 100, f"page {name}")
        pages.append(page)
    source = save(tmp_path / "two.pdf", *pages)
    folder = tmp_path / "out"
    folder.mkdir()
    task = Task((InputFile(source, "two.pdf", PDF.name),), folder)
    result = extract_text(task, ExtractTextOptions())
    assert result["text"] == [{"page": 1, "text": "page one\n"}, {"page": 2, "text": "page two\n"}]
    assert result["complete"] is True
    (output,) = task.outputs
    assert json.loads(output.path.read_text("utf-8"))["pages"] == result["text"]


def test_a_long_text_is_whole_in_the_file_and_cut_in_the_result(tmp_path: Path) -> None:
    page = PageDraft()
    page.draw(page.column(20, 20, prose_lines(100, 1, 200), size=5, step=7))
    source = save(tmp_path / "long.pdf", *[page] * 10)
    folder = tmp_path / "out"
    folder.mkdir()
    task = Task((InputFile(source, "long.pdf", PDF.name),), folder)
    result: Any = extract_text(task, ExtractTextOptions(text_order="stream"))
    assert result["complete"] is False
    assert 0 < len(result["text"]) < 10
    assert len(json.loads(task.outputs[0].path.read_text("utf-8"))["pages"]) == 10


def test_tables_are_extracted_over_http(platform: RunningPlatform, report: Path) -> None:
    with httpx.Client(base_url=platform.url, timeout=60) as client:
        files = {"file": ("report.pdf", report.read_bytes())}
        job = client.post("/v1/extract-tables", files=files, headers={"Prefer": "wait=60"}).json()
    assert job["status"] == "completed", job
    assert job["result"]["tables"][0]["rows"] == [["Year", "Books"], ["2023", "1500"], ["2024", "1750"]]


@pytest.mark.heavy
@pytest.mark.parametrize("kind", [*EVERY_KIND, "xlsx"])
def test_every_file_of_the_corpus_becomes_text_or_says_why_not(kind: str, corpus: Path, tmp_path: Path) -> None:
    codes = set()
    for number, source in enumerate(sorted(corpus.glob("*/*.pdf"))):
        try:
            convert(source, tmp_path / f"{number}", to=kind)
        except Exception as error:  # noqa: BLE001 - whatever comes must be one of the typed errors below
            codes.add(getattr(error, "code", repr(error)))
    assert codes <= {"no_text", "no_tables", "pdf_encrypted", "file_damaged"}

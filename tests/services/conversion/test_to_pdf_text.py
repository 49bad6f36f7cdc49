"""Text files, tables, Markdown and HTML become pages that say what they say, and nothing is fetched for them."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from services.conversion.to_pdf.text_files import encoding_of
from services.conversion.to_pdf.web_pages import PANGO_REMEDY
from shared.errors import TooComplex
from tests.services.conversion.conversion_task import converted

_SENTENCES = {
    "cp1252": "Ceci est un été à la plage, où l'on mange des crêpes. Voilà une phrase française.",
    "cp1250": "Zażółć gęślą jaźń, proszę państwa, dziękuję bardzo za miłe słowa.",
    "cp1251": "Привет, мир! Это обычный русский текст для проверки кодировки.",
    "shift_jis": "これは日本語のテキストです。文字コードを判定します。",
    "gb18030": "这是一个中文文本用来测试编码检测。",
    "utf-16": "Grüße aus Köln",
    "utf-8-sig": "Grüße aus Köln",
    "utf-8": "Grüße aus Köln",
}


def _pages(pdf: Path) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    document.close()
    return texts


def _written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("encoding", _SENTENCES)
def test_a_text_is_read_in_the_encoding_it_was_written_in(encoding: str):
    data = _SENTENCES[encoding].encode(encoding)
    assert data.decode(encoding_of(data)) == _SENTENCES[encoding].removeprefix("\ufeff")


def test_characters_of_many_scripts_can_be_read_back(tmp_path: Path):
    text = "Grüße, ελληνικά, Русский, ∑ € ½ é\nsecond line"

    pdf, told = converted(_written(tmp_path, "a.txt", text), tmp_path, to="pdf")

    assert _pages(pdf) == [text]
    assert told["characters_without_font"]["count"] == 0
    with pikepdf.open(pdf) as document:
        fonts = [font for font in document.objects if isinstance(font, pikepdf.Dictionary) and "/FontFile2" in font]
        assert fonts, "no font program is embedded"


def test_form_feeds_tabs_and_long_lines(tmp_path: Path):
    text = f"a\tb\n{'word ' * 40}\n{'x' * 100}\n\fnext page"

    pdf, told = converted(_written(tmp_path, "a.txt", text), tmp_path, to="pdf")

    first, second = _pages(pdf)
    lines = first.split("\n")
    assert "a       b" in first.replace("\n", " ") or lines[0].split() == ["a", "b"]
    assert max(len(line) for line in lines) <= 81
    assert "".join(first.split()) == "".join(text.partition("\f")[0].split())
    assert second.strip() == "next page"
    assert told["pages"] == 2


def test_right_to_left_text_is_laid_out_as_it_is_written(tmp_path: Path):
    pdf, told = converted(_written(tmp_path, "a.txt", "שלום עולם"), tmp_path, to="pdf")

    assert "WeasyPrint" in told["made_by"]
    document = pypdfium2.PdfDocument(pdf)
    boxes = document[0].get_textpage()
    # The first letter that a person reads stands right of the last one.
    assert boxes.get_charbox(0)[0] > boxes.get_charbox(boxes.count_chars() - 1)[0] or boxes.get_text_range()[0] != "ש"
    document.close()


def test_characters_that_no_font_has_are_named(tmp_path: Path):
    _, told = converted(_written(tmp_path, "a.txt", "a \U00012000 b"), tmp_path, to="pdf")

    assert told["characters_without_font"] == {"count": 1, "first": ["U+12000"]}


def test_an_endless_text_is_refused(tmp_path: Path):
    with pytest.raises(TooComplex, match="20000 pages"):
        converted(_written(tmp_path, "a.txt", "\f" * 20_001), tmp_path, to="pdf")


def test_markdown_keeps_structure_and_shows_html_as_text(tmp_path: Path):
    text = (
        "---\ntitle: hidden\n---\n# Title\n\n- [ ] open\n- [x] done\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "<script>x</script> [link](https://example.org) ~~gone~~\n\n## Second\n"
    )

    pdf, _ = converted(_written(tmp_path, "a.md", text), tmp_path, to="pdf")

    (page,) = _pages(pdf)
    assert "hidden" not in page
    assert all(word in page for word in ("Title", "\u2610", "\u2611", "<script>x</script>", "gone"))
    with pikepdf.open(pdf) as document:
        assert document.pages[0].Annots[0].A.URI == "https://example.org"
        assert document.Root.StructTreeRoot is not None
        with document.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Title"]
            assert [item.title for item in outline.root[0].children] == ["Second"]


def test_a_table_repeats_its_header_on_each_page(tmp_path: Path):
    rows = "\n".join(f"item {number};{number},5" for number in range(120))

    pdf, told = converted(_written(tmp_path, "a.csv", f"name;price\n{rows}"), tmp_path, to="pdf")

    assert (told["rows"], told["columns"]) == (121, 2)
    pages = _pages(pdf)
    assert len(pages) > 1
    assert all("name" in page for page in pages)


@pytest.fixture
def listening():
    """An address on this machine, and the connections that it got."""
    got: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                while True:
                    connection, address = server.accept()
                    got.append(address)
                    connection.close()
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", got
        server.shutdown(socket.SHUT_RDWR)


def test_html_reaches_neither_files_nor_the_network(tmp_path: Path, listening: tuple[str, list[object]]):
    url, got = listening
    secret = _written(tmp_path, "secret.txt", "the secret").as_uri()
    svg = f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{secret}'/><image href='{url}/svg'/></svg>"
    page = f"""<html><head><base href="{secret}"><link rel=attachment href="{secret}">
    <link rel=stylesheet href="{url}/a.css"><style>@import url({url}/b.css); @import url({secret});
    @font-face {{ font-family: x; src: url({url}/x.ttf) }} body {{ background: url({url}/c.png); font-family: x }}
    p::before {{ content: url({secret}) }}</style></head><body><p>Hello</p><img src="{url}/d.png"><img src="{secret}">
    <img src="relative.png"><object data="{url}/e"></object><embed src="{secret}"><iframe src="{url}/f"></iframe>
    <img src="data:image/svg+xml,{svg.replace("'", "%27").replace("<", "%3C").replace(">", "%3E")}">{svg}
    <a rel=attachment href="{secret}">attached</a></body></html>"""

    pdf, told = converted(_written(tmp_path, "a.html", page), tmp_path, to="pdf")

    assert got == []
    assert "Hello" in _pages(pdf)[0]
    assert told["not_fetched"]["count"] >= 6
    with pikepdf.open(pdf) as document:
        assert len(document.attachments) == 0
        streams = [bytes(one.read_bytes()) for one in document.objects if isinstance(one, pikepdf.Stream)]
    assert not any(b"the secret" in data for data in streams)


def test_an_image_inside_of_the_html_is_shown(tmp_path: Path):
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
    page = f'<img src="data:image/png;base64,{dot}" style="width: 300px; height: 300px">'

    pdf, told = converted(_written(tmp_path, "a.html", f"<html>{page}"), tmp_path, to="pdf")

    assert told["not_fetched"]["count"] == 0
    with pikepdf.open(pdf) as document:
        assert len(document.pages[0].Resources.XObject) == 1


def test_html_without_a_declared_encoding_is_still_read_right(tmp_path: Path):
    (tmp_path / "a.html").write_bytes("<html><body>Größe und Übung, schöne Grüße</body></html>".encode("cp1252"))

    pdf, _ = converted(tmp_path / "a.html", tmp_path, to="pdf")

    assert _pages(pdf)[0].strip() == "Größe und Übung, schöne Grüße"


def test_html_nested_without_end_ends_with_a_reason(tmp_path: Path):
    with pytest.raises(TooComplex, match="nested"):
        converted(_written(tmp_path, "a.html", "<html>" + "<div>" * 3_000), tmp_path, to="pdf")


def test_without_pango_the_packages_to_install_are_named(tmp_path: Path):
    # cffi finds no library: what a machine without Pango looks like to WeasyPrint.
    code = (
        "import cffi.api, sys\n"
        "def missing(*_): raise OSError('cannot load library')\n"
        "cffi.api.FFI.dlopen = missing\n"
        "from pathlib import Path\n"
        "from services.conversion.contracts.convert import PageSize\n"
        "from services.conversion.to_pdf.web_pages import html_to_pdf\n"
        "from shared.external_program import MissingProgram\n"
        "try: html_to_pdf(b'x', Path(sys.argv[1]), PageSize.FIT)\n"
        "except MissingProgram as error: print(error.remedy)\n"
    )

    told = subprocess.run([sys.executable, "-c", code, tmp_path / "x"], capture_output=True, text=True, timeout=60)

    assert told.stdout.splitlines()[-1] == PANGO_REMEDY, told.stderr
    assert "libpango-1.0-0" in PANGO_REMEDY

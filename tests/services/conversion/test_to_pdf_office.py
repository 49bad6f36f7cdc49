"""Office documents become pages inside the sandbox; what cannot be read says why, and so does a missing LibreOffice."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest

from services.conversion.contracts.convert import CONVERT
from services.conversion.to_pdf.office import LIBREOFFICE, EncryptedOfficeDocument, UnreadableOfficeDocument
from shared import settings
from shared.confinement import landlock_version
from shared.external_program import MissingProgram
from shared.media_types import SNIFFED_BYTES, recognise
from shared.operation import InputFile
from shared.sandbox import Ended, Sandbox
from tests.services.conversion.conversion_task import converted

needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None, reason=f"LibreOffice is not installed. {LIBREOFFICE.remedy}"
)


def _word(path: Path) -> Path:
    document = docx.Document()
    document.add_heading("Grüße", 0)
    document.add_paragraph("A paragraph of text.")
    document.save(str(path))
    return path


def _text(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\f".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


@pytest.fixture
def sandbox(settings_env: object) -> Iterator[Sandbox]:
    box = Sandbox(CONVERT.service)
    box.open()
    yield box
    box.close()


def _run_in(box: Sandbox, source: Path) -> Ended:
    folder = settings.current().scratch_location / source.name
    folder.mkdir(parents=True, mode=0o700)
    shutil.copyfile(source, folder / "input-0")
    kind = recognise(source.read_bytes()[:SNIFFED_BYTES], source.name)
    assert kind
    child = box.start(CONVERT, {"to": "pdf"}, [InputFile(folder / "input-0", source.name, kind.name)], folder, None)
    while not isinstance(told := child.wait(1), Ended):
        pass
    child.close()
    return told


@needs_libreoffice
def test_in_the_sandbox_a_word_and_an_excel_file_become_pages_and_nothing_is_left_outside(
    tmp_path: Path, sandbox: Sandbox
):
    book = openpyxl.Workbook()
    book.active.append(["cell", 42])
    book.save(tmp_path / "a.xlsx")
    before = set(Path("/tmp").iterdir())

    word, excel = _run_in(sandbox, _word(tmp_path / "a.docx")), _run_in(sandbox, tmp_path / "a.xlsx")

    assert word.error is None, (word.error, word.details)
    assert word.result
    assert "LibreOffice" in word.result["made_by"]
    assert "Grüße" in _text(word.outputs[0].path)
    assert excel.error is None, (excel.error, excel.details)
    assert "42" in _text(excel.outputs[0].path)
    assert not [name for name in set(Path("/tmp").iterdir()) - before if "OSL" in name.name]


def test_the_sandbox_reads_the_index_of_fonts_and_nothing_else_of_its_folder(tmp_path: Path):
    index = Path("/var/cache/fontconfig")
    if not landlock_version() or not index.is_dir():
        pytest.skip("this machine has no Landlock or no index of fonts")
    code = (
        "import os, sys; from pathlib import Path; from shared.confinement import confine_host\n"
        "confine_host(Path(sys.argv[1]))\n"
        "os.listdir('/var/cache/fontconfig')\n"
        "for folder in ('/var/cache', '/var/lib'):\n"
        "    try: os.listdir(folder)\n"
        "    except PermissionError: print('refused')\n"
        "try: open('/var/cache/fontconfig/written', 'w')\n"
        "except PermissionError: print('refused')\n"
    )

    told = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=60)

    assert told.stdout.split() == ["refused"] * 3, told.stderr


@needs_libreoffice
def test_linked_files_are_not_taken_into_the_pages(tmp_path: Path):
    (tmp_path / "secret.txt").write_text("the secret")
    link = (tmp_path / "secret.txt").as_uri()
    content = f"""<?xml version="1.0"?><office:document-content office:version="1.2"
      xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
      xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink">
      <office:body><office:text><text:p>Visible</text:p><text:section text:name="s">
      <text:section-source xlink:href="{link}" xlink:type="simple" text:filter-name="Text"/></text:section>
      </office:text></office:body></office:document-content>"""
    manifest = """<?xml version="1.0"?><manifest:manifest
      xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/"
      manifest:media-type="application/vnd.oasis.opendocument.text"/><manifest:file-entry
      manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"""
    with zipfile.ZipFile(tmp_path / "a.odt", "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", manifest)

    pdf, _ = converted(tmp_path / "a.odt", tmp_path, to="pdf")

    assert "Visible" in _text(pdf)
    assert "the secret" not in _text(pdf)


@needs_libreoffice
def test_a_torn_document_is_named_as_unreadable(tmp_path: Path):
    whole = _word(tmp_path / "a.docx").read_bytes()
    (tmp_path / "b.docx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "c.rtf").write_bytes(b"{\\rtf1" + b"{" * 100)
    with zipfile.ZipFile(tmp_path / "d.docx", "w") as package:
        package.writestr("[Content_Types].xml", "<nothing")
        package.writestr("word/document.xml", "<nothing")

    for name in ("b.docx", "d.docx"):
        with pytest.raises(UnreadableOfficeDocument):
            converted(tmp_path / name, tmp_path, to="pdf")
    with contextlib.suppress(UnreadableOfficeDocument):
        converted(tmp_path / "c.rtf", tmp_path, to="pdf")


def test_encrypted_documents_of_both_families_ask_for_a_copy_without(tmp_path: Path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "a.docx").write_bytes(ole)
    with zipfile.ZipFile(tmp_path / "b.odt", "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    if shutil.which("soffice") is None:
        pytest.skip(f"LibreOffice is not installed. {LIBREOFFICE.remedy}")

    for name in ("a.docx", "b.odt"):
        with pytest.raises(EncryptedOfficeDocument):
            converted(tmp_path / name, tmp_path, to="pdf")


def test_without_libreoffice_the_packages_to_install_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = _word(tmp_path / "a.docx")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingProgram, match="LibreOffice is not installed") as raised:
        converted(source, tmp_path, to="pdf")

    assert "apt-get install --no-install-recommends libreoffice-writer" in raised.value.remedy


def test_packages_that_remedies_name_stand_in_the_list_of_the_image():
    listed = Path("services/conversion/system_packages.txt").read_text()
    named = [word for word in LIBREOFFICE.remedy.split() if word.startswith(("libre", "fonts-"))]
    assert named
    assert all(f"\n{name} " in listed for name in named), json.dumps(named)

"""Repair opens what viewers open, keeps what can be kept, and counts what is lost."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from services.file_ops.contracts.protection import RepairOptions
from services.file_ops.protection.repair import repair_pdf
from shared.errors import DamagedFile, EncryptedPdf
from tests.services.file_ops.test_protection_locks import a_document, assert_sound, texts_of

_PAGES = tuple(f"Page number {number}" for number in range(1, 6))
_PLAIN = {"object_stream_mode": pikepdf.ObjectStreamMode.disable}


def _repair(folder: Path, data: bytes, **options: object) -> dict[str, object]:
    (folder / "damaged.pdf").write_bytes(data)
    return repair_pdf(folder / "damaged.pdf", folder / "repaired.pdf", RepairOptions(**options))


def _assert_repaired(folder: Path, pages: tuple[str, ...] = _PAGES) -> None:
    assert sorted(texts_of(folder / "repaired.pdf")) == sorted(pages)
    assert_sound(folder / "repaired.pdf")


def test_a_sound_file_is_said_to_be_sound(tmp_path: Path) -> None:
    result = _repair(tmp_path, a_document(tmp_path, *_PAGES).read_bytes())

    assert result["sound_already"] is True
    assert result["faults_left"] == 0
    _assert_repaired(tmp_path)


def test_the_table_of_objects_is_built_anew(tmp_path: Path) -> None:
    data = a_document(tmp_path, *_PAGES, **_PLAIN).read_bytes()

    result = _repair(tmp_path, data[: data.rindex(b"xref\n0")].replace(b"endobj", b""))

    assert result["pages"] == len(_PAGES)
    assert result["sound_already"] is False
    _assert_repaired(tmp_path)


def test_pages_are_found_when_catalogue_and_tree_are_gone(tmp_path: Path) -> None:
    data = a_document(tmp_path, *_PAGES, **_PLAIN).read_bytes()
    data = re.sub(rb"/Type /Catalog|/Type /Pages|/Root \d+ 0 R", b"", data)

    result = _repair(tmp_path, data)

    assert result["opened"] == "its objects found anew"
    _assert_repaired(tmp_path)


def test_pages_inside_of_object_streams_are_found_too(tmp_path: Path) -> None:
    packed = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
    data = a_document(tmp_path, *_PAGES, **packed).read_bytes()
    cut = data[: data.rindex(b" 0 obj", 0, data.index(b"/Type /XRef"))]

    result = _repair(tmp_path, cut)

    assert result["opened"] == "its objects found anew"
    _assert_repaired(tmp_path)


def test_a_branch_that_the_tree_lost_is_put_back(tmp_path: Path) -> None:
    source = a_document(tmp_path, *_PAGES, **_PLAIN)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        first, *others = list(pdf.Root.Pages.Kids)
        branch = Dictionary(Type=Name.Pages, Kids=Array(others), Count=4, MediaBox=[0, 0, 300, 200])
        branch = pdf.make_indirect(branch)
        for kid in others:
            kid.Parent = branch
            del kid["/MediaBox"]
        pdf.Root.Pages.Kids = Array([first, branch])
        pdf.save(source, **_PLAIN)
    of_branch = re.compile(rb"/Kids \[(?: \d+ 0 R){4} \]")
    data = source.read_bytes()
    assert len(of_branch.findall(data)) == 1

    result = _repair(tmp_path, of_branch.sub(lambda kids: b"/Lost" + kids[0][5:], data))

    assert result["pages"] == len(_PAGES)
    assert result["sound_already"] is False
    _assert_repaired(tmp_path)


def test_pages_are_gathered_when_the_root_of_their_tree_is_broken(tmp_path: Path) -> None:
    data = a_document(tmp_path, *_PAGES, **_PLAIN).read_bytes()

    result = _repair(tmp_path, data.replace(b"/Kids [", b"/Lost ["))

    assert result["pages"] == len(_PAGES)
    _assert_repaired(tmp_path)


def test_a_stream_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    source = a_document(tmp_path, *_PAGES)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        content = b"BT /F 14 Tf 20 100 Td (Still here) Tj ET\n" + bytes(range(1, 200)) * 50
        broken = zlib.compress(content)[:-30] + b"\xff" * 30
        pdf.pages[0].Contents.write(broken, filter=Name.FlateDecode)
        pdf.pages[1].Contents.write(b"no zlib at all", filter=Name.FlateDecode)
        pdf.save(source, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)

    result = _repair(tmp_path, source.read_bytes())

    assert (result["streams_cut_short"], result["streams_emptied"]) == (1, 1)
    assert texts_of(tmp_path / "repaired.pdf")[0].startswith("Still here")
    assert_sound(tmp_path / "repaired.pdf")


def test_a_file_that_only_viewers_open_is_saved_by_the_engine_of_a_viewer(tmp_path: Path) -> None:
    # A page tree whose root names itself again below a first page: libqpdf refuses it, pdfium shows the page.
    data = a_document(tmp_path, *_PAGES, **_PLAIN).read_bytes()
    data = re.sub(rb"(/Kids \[ \d+ 0 R) (\d+ 0 R)", rb"\1 2 0 R", data, count=1)

    result = _repair(tmp_path, data)

    assert result["pages"] >= 1
    assert result["sound_already"] is False
    assert_sound(tmp_path / "repaired.pdf")


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9, 0.98])
def test_a_truncated_file_keeps_the_pages_that_were_transferred(tmp_path: Path, share: float) -> None:
    data = a_document(tmp_path, *_PAGES, **_PLAIN).read_bytes()
    cut = data[: int(len(data) * share)]
    whole_pages = len(re.findall(rb"/Type /Page\b.*?endobj", cut, re.DOTALL))

    if not whole_pages:
        with pytest.raises(DamagedFile):
            _repair(tmp_path, cut)
        return
    assert _repair(tmp_path, cut)["pages"] >= whole_pages
    assert_sound(tmp_path / "repaired.pdf")


def test_what_nobody_can_open_is_damaged_and_what_is_locked_is_locked(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile):
        _repair(tmp_path, b"%PDF-1.4\n" + bytes(5000))
    locked = a_document(tmp_path, encryption=pikepdf.Encryption(owner="owner", user="user", R=6)).read_bytes()
    with pytest.raises(EncryptedPdf):
        _repair(tmp_path, locked)

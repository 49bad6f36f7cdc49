"""What is attached comes out again, under names that are safe."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, String

from services.file_ops.contracts.metadata import AttachOptions
from services.file_ops.metadata.attachments import (
    DescriptionsDoNotMatchFiles,
    FirstIsNoPdf,
    NothingToAttach,
    attach,
    extract_attachments,
)
from shared.errors import SignedPdf
from shared.operation import InputFile
from tests.running_platform import RunningPlatform
from tests.services.file_ops import assembled_documents
from tests.services.file_ops.assembled_documents import check, opened, rich_document, task_of, text_document


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return text_document(tmp_path / "source.pdf", "source")


def attached(source: Path, *files: tuple[str, bytes], **options: Any) -> tuple[Path, dict[str, Any]]:
    given = []
    for number, (name, data) in enumerate(files):
        path = source.with_name(f"file-{number}")
        path.write_bytes(data)
        given.append(InputFile(path, name, "application/octet-stream"))
    target = source.with_name("attached.pdf")
    (document,) = assembled_documents.given(source)
    result = attach(document, given, target, AttachOptions(**options))
    check(target)
    return target, result


def extracted(folder: Path, source: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    task = task_of(folder, source)
    result = extract_attachments(task)
    return {output.name: output.path.read_bytes() for output in task.outputs}, result


def test_files_of_any_kind_come_out_as_they_went_in(source: Path, tmp_path: Path) -> None:
    files = [("data.xml", b"<a/>"), ("ünïcode 日本.bin", bytes(range(256))), ("big", b"x" * 300_000)]

    target, result = attached(source, *files, descriptions=["The data", None, None], relationship="Data")

    found, told = extracted(tmp_path, target)
    assert found == dict(files)
    descriptions = {file["name"]: (file["description"], file["relationship"]) for file in told["files"]}
    assert descriptions["data.xml"] == ("The data", "Data")
    assert all(file["checksum_matches"] for file in told["files"])
    assert [file["bytes"] for file in result["attached"]] == [4, 256, 300_000]
    assert len(opened(target).Root.AF) == 3


def test_a_name_that_is_taken_gets_a_number_or_replaces(tmp_path: Path) -> None:
    source = rich_document(tmp_path / "rich.pdf", "rich")

    both, _ = attached(source, ("note.txt", b"new"), ("note.txt", b"newer"))
    assert extracted(tmp_path, both)[0] == {
        "note.txt": b"note of rich", "note (2).txt": b"new", "note (3).txt": b"newer"
    }  # fmt: skip

    replaced, result = attached(source, ("note.txt", b"new"), replace=True)
    assert extracted(tmp_path, replaced)[0] == {"note.txt": b"new"}
    assert result["replaced"] == ["note.txt"]


def test_what_a_request_lacks_is_said(source: Path, tmp_path: Path) -> None:
    (document,) = assembled_documents.given(source)
    picture = InputFile(source, "a.png", "image/png")
    with pytest.raises(FirstIsNoPdf):
        attach(picture, [document], tmp_path / "x.pdf", AttachOptions())
    with pytest.raises(NothingToAttach):
        attach(document, [], tmp_path / "x.pdf", AttachOptions())
    with pytest.raises(DescriptionsDoNotMatchFiles, match="2 entries for 1 files"):
        attach(document, [picture], tmp_path / "x.pdf", AttachOptions(descriptions=["a", "b"]))


def test_a_signed_file_is_left_alone(source: Path) -> None:
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.Root.Perms = Dictionary(DocMDP=Dictionary())
        pdf.save(source)

    with pytest.raises(SignedPdf):
        attached(source, ("a", b"a"))


def test_files_pinned_to_pages_and_associated_ones_come_out_too(source: Path, tmp_path: Path) -> None:
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pinned = AttachedFileSpec(pdf, b"pinned", filename="pinned.txt").obj
        pdf.pages[2].obj.Annots = Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[0, 0, 9, 9], FS=pinned)]
        )
        pdf.Root.AF = Array([pdf.make_indirect(AttachedFileSpec(pdf, b"source", filename="source.ods").obj)])
        pdf.attachments["listed.txt"] = b"listed"
        pdf.save(source)

    found, told = extracted(tmp_path, source)

    assert found == {"listed.txt": b"listed", "source.ods": b"source", "pinned.txt": b"pinned"}
    assert [file["page"] for file in told["files"]] == [None, None, 3]


def test_a_file_that_is_named_in_several_places_comes_out_once(source: Path, tmp_path: Path) -> None:
    target, _ = attached(source, ("a.txt", b"a"))

    assert list(extracted(tmp_path, target)[0]) == ["a.txt"]


_HOSTILE_NAMES = ["../../etc/passwd", "..\\..\\a.exe", "/abs", "a\x00b", "\u202egnp.exe", "", ".", "CON", "x" * 400]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    claimed=st.lists(
        st.sampled_from(
            ["../../etc/passwd", "..\\..\\a.exe", "/abs", "a\x00b", "\u202egnp.exe", "", ".", "CON", "x" * 400]
        )
        | st.text(max_size=30),
        min_size=1,
        max_size=6,
    )
)
def test_names_that_come_out_stay_in_their_folder_and_differ(source: Path, tmp_path: Path, claimed: list[str]) -> None:
    with pikepdf.open(source) as pdf:
        for number, name in enumerate(claimed):
            spec = pdf.make_indirect(AttachedFileSpec(pdf, b"%d" % number, filename="x").obj)
            spec.UF = spec.F = String(name.encode("utf-16", "surrogatepass"))
            pdf.attachments[f"key {number}"] = AttachedFileSpec(pdf, b"", filename="x")
            pdf.Root.Names.EmbeddedFiles = Dictionary(
                Names=Array([*pdf.Root.Names.EmbeddedFiles.get("/Names", []), String(f"k{number}"), spec])
            )
        pdf.save(tmp_path / "hostile.pdf")

    task = task_of(tmp_path, tmp_path / "hostile.pdf")
    extract_attachments(task)

    names = [output.name for output in task.outputs]
    assert len({name.casefold() for name in names}) == len(names) >= len(claimed)
    for name in names:
        assert "/" not in name
        assert "\\" not in name
        assert "\x00" not in name
        assert not name.startswith(".")
        assert 0 < len(name.encode()) <= 255
    assert {output.path.parent for output in task.outputs} == {task.folder}


def test_a_document_without_files_says_so_and_gives_none(source: Path, tmp_path: Path) -> None:
    found, told = extracted(tmp_path, source)

    assert found == {}
    assert told == {"files": [], "files_count": 0, "damaged": [], "message": "The document carries no files."}


def test_a_file_that_cannot_be_unpacked_is_named_and_the_others_come_out(source: Path, tmp_path: Path) -> None:
    target, _ = attached(source, ("good.txt", b"good"), ("bad.txt", b"bad"))
    with pikepdf.open(target, allow_overwriting_input=True) as pdf:
        bad = pdf.attachments["bad.txt"].obj.EF.F
        bad.write(zlib.compress(b"x" * 50)[:10] + b"garbage", filter=Name.FlateDecode)
        bad.Filter = Name.NoSuchDecode
        pdf.save(target)

    found, told = extracted(tmp_path, target)

    assert (found, told["damaged"]) == ({"good.txt": b"good"}, ["bad.txt"])


def test_attachments_over_http(platform: RunningPlatform, source: Path) -> None:
    with httpx.Client(base_url=platform.url, timeout=60) as client:
        files = [("file", ("a.pdf", source.read_bytes())), ("file", ("../b.dat", bytes(range(256))))]
        posted = client.post("/v1/attach", files=files, data={"descriptions": '["Bytes"]'})
        client.get(f"/v1/jobs/{posted.json()['id']}?wait=30")
        document = client.get(f"/v1/jobs/{posted.json()['id']}/result").content
        again = client.post("/v1/extract-attachments", files={"file": ("a.pdf", document)})
        job = client.get(f"/v1/jobs/{again.json()['id']}?wait=30").json()
        content = client.get(f"/v1/jobs/{job['id']}/result").content

    assert [file["name"] for file in job["result"]["files"]] == ["b.dat"]
    assert content == bytes(range(256))

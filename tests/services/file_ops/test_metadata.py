"""Info and XMP say the same after an edit, and nothing else of the document changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.file_ops.contracts.metadata import EditMetadataOptions
from services.file_ops.metadata.document_info import read_info
from services.file_ops.metadata.edit_metadata import edit_metadata
from shared.errors import SignedPdf
from tests.running_platform import RunningPlatform
from tests.services.file_ops.assembled_documents import (
    check,
    fields_of,
    link_targets,
    opened,
    outline_of,
    page_content,
    paragraphs_of,
    rich_document,
    text_document,
)

_NOON = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return rich_document(tmp_path / "source.pdf", "source")


def edited(source: Path, **options: Any) -> tuple[pikepdf.Pdf, dict[str, Any]]:
    target = source.with_name(f"edited-{sum(1 for _ in source.parent.iterdir())}.pdf")
    result = edit_metadata(source, target, EditMetadataOptions(**options))
    check(target)
    return opened(target), result


def test_info_and_xmp_say_the_same(source: Path) -> None:
    chosen = {
        "title": "Bücher & <Tags>",
        "author": "Ada; Grace",
        "subject": "日本語",
        "keywords": "a, b",
        "creator": "Writer",
        "producer": "Maker",
        "created": _NOON,
    }

    pdf, result = edited(source, **chosen, custom={"Order Nr.": "7 / ö"}, language="de")

    packet = pdf.open_metadata()
    info = {key: str(value) for key, value in pdf.docinfo.items()}
    assert (info["/Title"], packet["dc:title"]) == ("Bücher & <Tags>",) * 2
    assert (info["/Author"], packet["dc:creator"]) == ("Ada; Grace", ["Ada; Grace"])
    assert (info["/Subject"], packet["dc:description"]) == ("日本語",) * 2
    assert (info["/Keywords"], packet["pdf:Keywords"]) == ("a, b",) * 2
    assert (info["/Creator"], packet["xmp:CreatorTool"]) == ("Writer",) * 2
    assert (info["/Producer"], packet["pdf:Producer"]) == ("Maker",) * 2
    assert (info["/CreationDate"], packet["xmp:CreateDate"]) == (
        "D:20261122120000+01'00", "2026-11-22T12:00:00+01:00"
    )  # fmt: skip
    assert (info["/Order Nr."], packet["{http://ns.adobe.com/pdfx/1.3/}Order\u21820020Nr."]) == ("7 / ö",) * 2
    assert str(pdf.Root.Lang) == "de"
    assert read_info(pdf).disagreeing == []
    assert result["metadata"]["title"] == "Bücher & <Tags>"
    assert result["before"]["title"] == "Title of source"


def test_nothing_else_changes(source: Path) -> None:
    before = opened(source)

    after, _ = edited(source, title="Other")

    for read in (page_content, link_targets, outline_of, fields_of, paragraphs_of):
        assert read(after) == read(before)
    assert str(after.docinfo["/Author"]) == "Author of source"


def test_an_empty_text_removes_a_field_and_null_leaves_it(source: Path) -> None:
    first, _ = edited(source, custom={"Mine": "x", "Yours": "y"})
    first.save(source.with_name("first.pdf"))

    pdf, _ = edited(source.with_name("first.pdf"), title="", author=None, custom={"Mine": None})

    packet = pdf.open_metadata()
    assert "/Title" not in pdf.docinfo
    assert "dc:title" not in packet
    assert str(pdf.docinfo["/Author"]) == "Author of source"
    assert ("/Mine" in pdf.docinfo, "/Yours" in pdf.docinfo) == (False, True)
    assert [key for key in packet if "pdfx" in key] == ["{http://ns.adobe.com/pdfx/1.3/}Yours"]


def test_what_info_and_xmp_disagreed_on_is_told_and_settled(source: Path) -> None:
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        with pdf.open_metadata(update_docinfo=False) as packet:
            packet["dc:title"] = "Another"
            packet["dc:description"] = "Only here"
        pdf.save(source)

    pdf, result = edited(source, keywords="k")

    assert result["disagreed"] == ["title"]
    assert pdf.open_metadata()["dc:title"] == str(pdf.docinfo["/Title"]) == "Title of source"
    assert str(pdf.docinfo["/Subject"]) == "Only here"


def test_a_packet_that_cannot_be_read_is_replaced(source: Path) -> None:
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.Root.Metadata = pdf.make_stream(b"<not xml", Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        pdf.save(source, fix_metadata_version=False)

    pdf, result = edited(source, title="New")

    assert result["xmp_replaced"] is True
    assert pdf.open_metadata()["dc:title"] == "New"


def test_remove_all_removes_everything_of_document_and_pages(source: Path) -> None:
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Metadata = pdf.make_stream(b"<x/>", Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        with pdf.open_metadata() as packet:
            packet["dc:title"] = "Secret"
        pdf.save(source)

    pdf, result = edited(source, remove_all=True)
    assert "/Info" not in pdf.trailer
    assert "/Metadata" not in pdf.Root
    assert "/Metadata" not in pdf.pages[0].obj
    assert "/Lang" not in pdf.Root
    assert result["metadata"] == {"language": None, "custom": {}}

    only, _ = edited(source, remove_all=True, title="Only this")
    assert {key: str(value) for key, value in only.docinfo.items()} == {"/Title": "Only this"}


def test_the_date_of_change_is_now_unless_another_is_given(source: Path) -> None:
    now, _ = edited(source, title="x")
    assert abs(datetime.fromisoformat(now.open_metadata()["xmp:ModifyDate"]) - datetime.now(UTC)) < timedelta(minutes=5)

    given, _ = edited(source, modified=_NOON)
    assert str(given.docinfo["/ModDate"]) == "D:20261122120000+01'00"


def test_viewer_settings_are_written_as_the_standard_names_them(source: Path) -> None:
    viewer = {"page_layout": "two-columns-left", "panel": "outline", "show_title": True, "print_unscaled": True}

    pdf, _ = edited(source, viewer={**viewer, "direction": "right-to-left"})

    assert (str(pdf.Root.PageLayout), str(pdf.Root.PageMode)) == ("/TwoColumnLeft", "/UseOutlines")
    preferences = pdf.Root.ViewerPreferences
    assert (bool(preferences.DisplayDocTitle), str(preferences.PrintScaling)) == (True, "/None")
    assert str(preferences.Direction) == "/R2L"
    assert "/HideToolbar" not in preferences


def test_own_fields_take_back_the_claim_to_be_pdfa_and_other_fields_do_not(source: Path) -> None:
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        with pdf.open_metadata() as packet:
            packet["pdfaid:part"] = "2"
        pdf.save(source)

    kept, result = edited(source, title="x")
    assert (kept.open_metadata()["pdfaid:part"], result["claims_removed"]) == ("2", [])

    taken, result = edited(source, custom={"Mine": "x"})
    assert ("pdfaid:part" in taken.open_metadata(), result["claims_removed"]) == (False, ["pdfaid"])


def test_protection_stays_and_signatures_break_only_on_request(source: Path) -> None:
    locked = source.with_name("locked.pdf")
    opened(source).save(locked, encryption=pikepdf.Encryption(owner="owner", user="secret"))
    edit_metadata(locked, source.with_name("out.pdf"), EditMetadataOptions(title="x"), password="secret")
    with pikepdf.open(source.with_name("out.pdf"), password="owner") as pdf:
        assert str(pdf.docinfo["/Title"]) == "x"
        assert pdf.owner_password_matched

    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.Root.Perms = pikepdf.Dictionary(DocMDP=pikepdf.Dictionary())
        pdf.save(source)
    with pytest.raises(SignedPdf):
        edited(source, title="x")
    assert edited(source, title="x", break_signature=True)[1]["signatures_removed"] == 1


@pytest.mark.parametrize("wrong", [{"language": "not a language"}, {"custom": {"a/b": "x"}}, {"created": "tomorrow"}])
def test_wrong_values_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EditMetadataOptions(**wrong)


# Without control characters and those that are none, which XML cannot hold.
_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=40).map(str.strip)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=_TEXTS, author=_TEXTS, keywords=_TEXTS)
def test_any_text_comes_back_from_info_and_xmp_alike(tmp_path: Path, title: str, author: str, keywords: str) -> None:
    source, target = tmp_path / "source.pdf", tmp_path / "target.pdf"
    text_document(source, "source", pages=1)

    edit_metadata(source, target, EditMetadataOptions(title=title, author=author, keywords=keywords))

    with pikepdf.open(target) as pdf:
        info = read_info(pdf)
        assert info.disagreeing == []
        assert [info.values.get(name, "") for name in ("title", "author", "keywords")] == [title, author, keywords]


def test_metadata_over_http(platform: RunningPlatform, source: Path, tmp_path: Path) -> None:
    with httpx.Client(base_url=platform.url, timeout=60) as client:
        posted = client.post(
            "/v1/edit-metadata",
            files={"file": ("a.pdf", source.read_bytes())},
            data={"title": "Sent", "custom": '{"Mine": "x"}', "viewer": '{"panel": "outline"}'},
        )
        job = client.get(f"/v1/jobs/{posted.json()['id']}?wait=30").json()
        (tmp_path / "got.pdf").write_bytes(client.get(f"/v1/jobs/{job['id']}/result").content)

    assert job["result"]["metadata"]["title"] == "Sent"
    assert str(opened(tmp_path / "got.pdf").docinfo["/Mine"]) == "x"

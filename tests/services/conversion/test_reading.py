"""What `read-metadata` tells is what stands in the file, and broken values never stop it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from services.conversion.contracts.reading import ReadMetadataOptions
from services.conversion.reading.metadata import read_metadata
from services.conversion.reading.plain_values import date
from services.conversion.reading.xmp import MalformedXmp, read_xmp
from shared.errors import BinderyError, EncryptedPdf
from tests.running_platform import RunningPlatform


def _read(source: Path, password: str | None = None) -> dict[str, Any]:
    result = read_metadata(source, ReadMetadataOptions(), password=password)
    return dict(json.loads(json.dumps(result)))


def _rich(path: Path, **save: Any) -> Path:
    """A document with a bit of everything."""
    pdf = pikepdf.new()
    for size in ((595.28, 841.89), (595.28, 841.89), (612, 792)):
        pdf.add_blank_page(page_size=size)
    pdf.pages[2].Rotate = 90
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    pdf.pages[0].Resources = Dictionary(Font=Dictionary(F1=font))
    pdf.attachments["data.csv"] = b"a,b"
    field = pdf.make_indirect(Dictionary(FT=Name.Tx, T=pikepdf.String("name")))
    signed = Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), M=pikepdf.String("D:20260102030405+01'00'"))
    signature = pdf.make_indirect(Dictionary(FT=Name.Sig, T=pikepdf.String("sig"), V=pdf.make_indirect(signed)))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field, signature]), XFA=pdf.make_stream(b"<x/>"))
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    pdf.Root.Lang = pikepdf.String("de-DE")
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("one", 0))
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = "Grüße"
        metadata["dc:creator"] = ["A", "B"]
        metadata["pdfaid:part"] = "2"
        metadata["pdfaid:conformance"] = "B"
    pdf.save(path, **save)
    return path


def test_a_document_is_told_as_it_is(tmp_path: Path):
    told = _read(_rich(tmp_path / "a.pdf"))

    assert told["pages"]["count"] == 3
    sizes = {(size["sheet"], size["rotation_degrees"], size["pages"]) for size in told["pages"]["sizes"]}
    assert sizes == {("A4", 0, 2), ("Letter", 90, 1)}
    assert told["xmp"]["dc:title"] == told["info"]["Title"] == "Grüße"
    assert told["xmp"]["dc:creator"] == ["A", "B"]
    assert told["claims"]["pdfa"] == "PDF/A-2b"
    assert told["fonts"] == [{"name": "Helvetica", "kind": "Type1", "embedded": False, "subset": False}]
    assert told["form"] == {
        "kind": "acroform and xfa",
        "fields": 2,
        "fields_by_kind": {"text": 1, "signature": 1},
    }
    (signature,) = told["signatures"]
    assert signature["signed_at"] == "2026-01-02T03:04:05+01:00"
    assert not signature["covers_whole_file"]
    assert not signature["verified"]
    assert [one["name"] for one in told["attachments"]] == ["data.csv"]
    assert (told["tagged"], told["language"], told["outline_entries"]) == (True, "de-DE", 1)
    assert told["encryption"] == {"encrypted": False}


def test_encryption_and_permissions_are_told_to_who_has_the_password(tmp_path: Path):
    allow = pikepdf.Permissions(extract=False, print_highres=False)
    source = _rich(tmp_path / "a.pdf", encryption=pikepdf.Encryption(owner="o", user="u", R=6, allow=allow))

    with pytest.raises(EncryptedPdf):
        _read(source)
    told = _read(source, "u")["encryption"]

    assert (told["revision"], told["key_bits"], told["streams"]) == (6, 256, "aesv3")
    assert not told["opened_as_owner"]
    assert not told["permissions"]["extract"]
    assert told["permissions"]["print_lowres"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("D:20260102030405+01'00'", "2026-01-02T03:04:05+01:00"),
        ("D:20260102030405Z", "2026-01-02T03:04:05Z"),
        ("D:2026", "2026"),
        ("20260102", "2026-01-02"),
        ("last week", "last week"),
    ],
)
def test_dates_are_told_as_exactly_as_they_are_given(given: str, told: str):
    assert date(pikepdf.String(given)) == told


def test_xmp_entities_are_not_followed(tmp_path: Path):
    (tmp_path / "secret").write_text("the secret")
    packet = f"""<!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
    xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>a&e;b</dc:format></rdf:Description></rdf:RDF>"""

    assert "secret" not in str(read_xmp(packet.encode()))
    with pytest.raises(MalformedXmp):
        read_xmp(b"<x")


def test_values_of_the_wrong_kind_are_passed_over(tmp_path: Path):
    pdf = pikepdf.new()
    pdf.add_blank_page()
    for key in (
        "/AcroForm",
        "/Outlines",
        "/MarkInfo",
        "/Lang",
        "/OutputIntents",
        "/OCProperties",
        "/Names",
    ):
        pdf.Root[key] = Array([1, Name.X])
    pdf.pages[0].obj["/Rotate"] = Name.X
    pdf.pages[0].obj["/Resources"] = Dictionary(Font=Array([1]), XObject=3)
    pdf.save(tmp_path / "a.pdf")

    assert _read(tmp_path / "a.pdf")["pages"]["count"] == 1


def test_every_document_of_the_corpus_is_told_or_refused_with_a_reason(corpus: Path):
    refused: list[str] = []
    for source in sorted(corpus.rglob("*.pdf")):
        try:
            assert _read(source)["pages"]["count"] > 0
        except BinderyError as error:
            refused.append(error.code)
    assert set(refused) <= {"file_damaged", "pdf_encrypted", "too_complex", "no_pages"}
    assert len(refused) < 10


def test_over_http_the_answer_stands_in_the_result(platform: RunningPlatform, tmp_path: Path):
    with _rich(tmp_path / "a.pdf").open("rb") as document:
        posted = httpx.post(f"{platform.url}/v1/read-metadata", files={"file": document})
    job = httpx.get(f"{platform.url}/v1/jobs/{posted.json()['id']}?wait=30", timeout=40).json()

    assert job["status"] == "completed", job
    assert job["result"]["claims"]["pdfa"] == "PDF/A-2b"

"""One job in steps through the whole platform: real services, real workers, what a client sees of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pypdfium2
import pytest

from tests.end_to_end.pdf_documents import pdf_of
from tests.running_platform import RunningPlatform

_ENDED_S = 150


@pytest.fixture
def client(platform: RunningPlatform) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=platform.url, timeout=150) as found:
        yield found


def ended(client: httpx.Client, operation: str, document: bytes, **fields: str) -> dict[str, Any]:
    """Submit a document and wait for the end of its job."""
    answer = client.post(f"/v1/{operation}", files={"file": ("letter.pdf", document)}, data=fields)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    deadline_s = time.monotonic() + _ENDED_S
    while job["status"] in ("pending", "processing"):
        assert time.monotonic() < deadline_s, f"not ended within {_ENDED_S} s: {job['status']}, {job['waiting']}"
        job = client.get(job["links"]["self"], params={"wait": 60}).json()
    return job


def output(client: httpx.Client, job: dict[str, Any], suffix: str) -> bytes:
    """The only output of a job whose name ends so."""
    (found,) = (each for each in job["outputs"] if each["name"].endswith(suffix))
    return client.get(found["url"]).raise_for_status().content


def locked(document: bytes, password: str) -> bytes:
    """The document, encrypted."""
    written = BytesIO()
    with pikepdf.open(BytesIO(document)) as pdf:
        pdf.save(written, encryption=pikepdf.Encryption(owner=password, user=password))
    return written.getvalue()


def test_a_scan_becomes_a_small_searchable_archive_in_one_job(client: httpx.Client, samples: Path):
    scan = (samples / "scanned_letter.pdf").read_bytes()

    job = ended(client, "ocr", scan, optimise="true", output="pdfa-2b", sidecars='["txt"]')

    assert (job["status"], job["error"]) == ("completed", None)
    assert [(step["operation"], step["status"]) for step in job["steps"]] == [
        ("ocr", "completed"),
        ("compress", "completed"),
        ("convert", "completed"),
    ]
    archive, text = output(client, job, ".pdf"), output(client, job, ".txt").decode()
    words = pypdfium2.PdfDocument(archive)[0].get_textpage().get_text_bounded().split()
    assert len(words) > 20
    assert set(words) & set(text.split())
    with pikepdf.open(BytesIO(archive)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
    assert [each["operation"] for each in job["result"]["other_steps"]] == ["compress", "convert"]


def test_an_encrypted_document_goes_through_all_steps_with_one_password(client: httpx.Client):
    job = ended(client, "ocr", locked(pdf_of("one", "two"), "open sesame"), optimise="true", password="open sesame")

    assert (job["status"], job["error"]) == ("completed", None)
    made = output(client, job, ".pdf")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(made))
    assert len(pypdfium2.PdfDocument(made, password="open sesame")) == 2


def test_a_step_that_fails_tells_the_caller_what_to_do(client: httpx.Client):
    job = ended(client, "ocr", locked(pdf_of("one"), "open sesame"), optimise="true", password="wrong")

    assert job["status"] == "failed"
    assert (job["error"]["code"], job["error"]["step"]) == ("wrong_password", "ocr")
    assert [step["status"] for step in job["steps"]] == ["failed", "failed"]


def signed(document: bytes) -> bytes:
    """The document with a signature field, as far as readers look without checking it."""
    written = BytesIO()
    with pikepdf.open(BytesIO(document)) as pdf:
        value = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=pikepdf.Array([0, 1, 2, 3])))
        field = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=b"s", V=value))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]), SigFlags=3)
        pdf.save(written)
    return written.getvalue()


def test_a_signature_that_may_break_stops_no_later_step(client: httpx.Client):
    job = ended(client, "ocr", signed(pdf_of("one")), optimise="true", output="pdfa-2b", break_signature="true")

    assert (job["status"], job["error"]) == ("completed", None)


def test_a_scan_is_read_before_it_is_analysed(client: httpx.Client, samples: Path):
    scan = (samples / "scanned_letter.pdf").read_bytes()

    read = ended(client, "analyze", scan, engine="rules")
    straight = ended(client, "analyze", scan, engine="rules", skip_ocr="true")

    assert [(step["operation"], step["status"]) for step in read["steps"]] == [
        ("ocr", "completed"),
        ("analyze", "completed"),
    ]
    assert (read["status"], read["error"]) == ("completed", None)
    assert read["result"]["other_steps"][0]["operation"] == "ocr"
    assert straight["steps"] == []

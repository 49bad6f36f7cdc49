"""OCR as a caller meets it: over HTTP, with workers, sandboxes and the steps that follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest

from services.ocr.contracts.ocr import OCR
from services.ocr.contracts.preview import OCR_PREVIEW
from services.ocr.service import SERVICE
from tests.running_platform import RunningPlatform
from tests.services.ocr.scans import LINES, picture, scan, text_of

WORDS = " ".join(LINES).split()


@pytest.fixture
def client(platform: RunningPlatform) -> Any:
    """The gateway of the running platform."""
    with httpx.Client(base_url=platform.url, timeout=90) as opened:
        yield opened


def _submit(client: httpx.Client, operation: str, source: Path, **options: str) -> str:
    answer = client.post(f"/v1/{operation}", files={"file": (source.name, source.read_bytes())}, data=options)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def _ended(client: httpx.Client, job: str) -> dict[str, Any]:
    while True:
        told: dict[str, Any] = client.get(f"/v1/jobs/{job}", params={"wait": 60}).json()
        if told["status"] not in ("pending", "processing"):
            return told


def test_a_scan_comes_back_searchable_with_its_files(client: httpx.Client, tmp_path: Path) -> None:
    job = _ended(client, _submit(client, "ocr", scan(tmp_path / "a.pdf", picture()), sidecars='["txt"]'))

    assert job["status"] == "completed", job
    assert [output["name"] for output in job["outputs"]] == ["a.pdf", "a.txt"]
    (tmp_path / "out.pdf").write_bytes(client.get(job["outputs"][0]["url"]).content)
    assert text_of(tmp_path / "out.pdf") == WORDS
    assert job["result"]["words"] == len(WORDS)


def test_a_preview_is_there_while_documents_still_fill_every_slot(client: httpx.Client, tmp_path: Path) -> None:
    assert OCR_PREVIEW.quick
    assert not OCR.quick
    # Each of its own: a document that was read before is answered at once.
    long = [
        scan(tmp_path / f"{number}.pdf", *[picture((f"{number} {page}", *LINES)) for page in range(25)])
        for number in range(SERVICE.threads + 1)
    ]
    jobs = [_submit(client, "ocr", source) for source in long]
    try:
        while sum(_status(client, job) == "processing" for job in jobs) < SERVICE.threads:
            assert not any(_status(client, job) == "completed" for job in jobs), "the documents are too short"
        preview = _ended(client, _submit(client, "ocr-preview", scan(tmp_path / "p.pdf", picture(LINES[:1]))))

        assert preview["status"] == "completed", preview
        assert preview["result"]["words"] == len(LINES[0].split())
        assert [_status(client, job) for job in jobs] == ["processing"] * SERVICE.threads + ["pending"]
    finally:
        for job in jobs:
            client.post(f"/v1/jobs/{job}/cancel")
        # Nothing of them is left for the tests that come after.
        assert [_ended(client, job)["status"] for job in jobs] == ["cancelled"] * len(jobs)


def _status(client: httpx.Client, job: str) -> str:
    return str(client.get(f"/v1/jobs/{job}").json()["status"])


def test_the_text_outlives_compression_and_the_way_to_pdfa_and_files_beside_it_come_along(
    client: httpx.Client, tmp_path: Path
) -> None:
    source = scan(tmp_path / "a.pdf", picture())
    sent = _submit(client, "ocr", source, output="pdfa-2b", optimise="true", sidecars='["txt", "json"]')
    job = _ended(client, sent)

    assert job["status"] == "completed", job
    assert {Path(output["name"]).suffix for output in job["outputs"]} == {".pdf", ".txt", ".json"}
    (pdf,) = (output for output in job["outputs"] if output["media_type"] == "application/pdf")
    out = tmp_path / "out.pdf"
    out.write_bytes(client.get(pdf["url"]).content)
    assert text_of(out) == WORDS
    with pikepdf.open(out) as opened, opened.open_metadata() as about:
        assert about.pdfa_status == "2B"
    # Converting again finds nothing to correct: the layer's font is as the standard wants it.
    again = _ended(client, _submit(client, "convert", out, to="pdfa-2b"))
    assert again["status"] == "completed", again

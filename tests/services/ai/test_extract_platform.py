"""Extractions over the running platform: documents with text, scans and photographs come in, checked figures go out."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import httpx
import img2pdf
import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from tests.running_platform import RunningPlatform
from tests.services.ai.extractions import SAMPLES, STATEMENT

RULES = {"engine": "rules"}


def drawn(sample: str, *, turn_degrees: float = 0) -> Image.Image:
    """The page of a sample as a scanner sees it, with grain."""
    document = pypdfium2.PdfDocument(SAMPLES / sample)
    image = document[0].render(scale=200 / 72).to_pil().convert("L")
    document.close()
    tilted = image.rotate(turn_degrees, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    grain = np.random.default_rng(1).normal(0, 8, (tilted.height, tilted.width))
    return Image.fromarray((np.asarray(tilted) + grain).clip(0, 255).astype("uint8"))


def as_bytes(image: Image.Image, kind: str) -> bytes:
    """A picture file, or a PDF that is one picture."""
    out = io.BytesIO()
    image.save(out, "PNG" if kind == "pdf" else kind, dpi=(200, 200))
    return img2pdf.convert(out.getvalue()) if kind == "pdf" else out.getvalue()


def submit(platform: RunningPlatform, operation: str, name: str, content: bytes, **options: Any) -> dict[str, Any]:
    """The record of a job that has ended."""
    files, data = {"file": (name, content)}, {"options": json.dumps({**RULES, **options})}
    answer = httpx.post(
        f"{platform.url}/v1/{operation}", files=files, data=data, headers={"Prefer": "wait=60"}, timeout=90
    )
    record = answer.json()
    while record["status"] in ("pending", "processing"):
        record = httpx.get(f"{platform.url}/v1/jobs/{record['id']}?wait=30", timeout=60).json()
    return record


def amounts(record: dict[str, Any]) -> list[str]:
    """The amounts of all movements."""
    assert record["status"] == "completed", record["error"]
    return [line["amount"]["value"] for each in record["result"]["documents"] for line in each["movements"]]


AMOUNTS = ["-640.00", "1284.50", "-93.27", "-12.90"]


def test_a_statement_with_text_is_read_in_two_steps_that_the_caller_sees_as_one_job(
    platform: RunningPlatform,
) -> None:
    record = submit(platform, "extract-bank-statement", "march.pdf", STATEMENT.read_bytes(), formats=["json", "ofx"])

    assert amounts(record) == AMOUNTS
    assert record["result"]["status"] == "verified"
    assert [step["operation"] for step in record["steps"]] == ["ocr", "extract-bank-statement"]
    assert [output["name"] for output in record["outputs"]] == ["march.json", "march.ofx"]
    whole = httpx.get(f"{platform.url}{record['outputs'][0]['url']}").json()
    assert whole["documents"] == record["result"]["documents"]


@pytest.mark.parametrize("turn", [0, 1.5, 180])
def test_a_scan_gives_the_same_figures_as_the_document_itself(platform: RunningPlatform, turn: float) -> None:
    scan = as_bytes(drawn("extract-bank-statement.pdf", turn_degrees=turn), "pdf")
    record = submit(platform, "extract-bank-statement", "scan.pdf", scan, formats=["json", "marked-pdf"])

    assert amounts(record) == AMOUNTS
    assert record["result"]["status"] == "verified"
    assert [output["name"] for output in record["outputs"]] == ["scan.json", "scan-marked.pdf"]


def test_a_photograph_of_a_receipt_is_read(platform: RunningPlatform) -> None:
    photograph = as_bytes(drawn("extract-receipt.pdf", turn_degrees=-1), "png")
    record = submit(platform, "extract-receipt", "receipt.png", photograph, formats=["json", "marked-png"])

    (receipt,) = record["result"]["documents"]
    assert receipt["total"]["value"] == "7.37"
    assert receipt["total"]["status"] == "verified"
    assert "receipt-page-1.png" in [output["name"] for output in record["outputs"]]


def test_a_scan_whose_reading_was_left_out_fails_with_the_remedy(platform: RunningPlatform) -> None:
    scan = as_bytes(drawn("extract-bank-statement.pdf"), "pdf")
    record = submit(platform, "extract-bank-statement", "scan.pdf", scan, skip_ocr=True)

    assert record["status"] == "failed"
    assert record["error"]["code"] == "no_text"
    assert "skip_ocr" in record["error"]["remedy"]


def test_the_same_document_is_answered_at_once_and_with_other_options_anew(platform: RunningPlatform) -> None:
    content = (SAMPLES / "extract-trial-balance.pdf").read_bytes()
    first = submit(platform, "extract-trial-balance", "a.pdf", content)
    again = submit(platform, "extract-trial-balance", "a.pdf", content)
    other = submit(platform, "extract-trial-balance", "a.pdf", content, formats=["csv"])

    assert first["result"]["status"] == "verified"
    assert (again["cached"], other["cached"]) == (True, False)
    assert again["result"] == first["result"]
    assert again["id"] != first["id"]


def test_an_invoice_is_read_without_the_step_before_where_it_is_left_out(platform: RunningPlatform) -> None:
    content = (SAMPLES / "extract-invoice.pdf").read_bytes()
    record = submit(platform, "extract-invoice", "bill.pdf", content, skip_ocr=True, formats=["ubl", "xlsx"])

    (invoice,) = record["result"]["documents"]
    assert invoice["gross_total"]["value"] == "1165.70"
    assert {output["name"] for output in record["outputs"]} == {"bill.ubl.xml", "bill.xlsx"}


def test_the_password_opens_the_document_in_every_step(platform: RunningPlatform, tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    with pikepdf.open(STATEMENT) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(user="open sesame", owner="x", R=6))
    answer = httpx.post(
        f"{platform.url}/v1/extract-bank-statement",
        files={"file": ("locked.pdf", locked.read_bytes())},
        data={"options": json.dumps({**RULES, "formats": ["marked-pdf"]}), "password": "open sesame"},
        headers={"Prefer": "wait=60"},
        timeout=90,
    ).json()

    assert answer["status"] == "completed", answer["error"]
    marked = httpx.get(f"{platform.url}{answer['outputs'][0]['url']}").content
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(marked))

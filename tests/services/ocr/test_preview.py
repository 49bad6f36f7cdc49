"""A preview shows what an engine sees on one page, from the slot that only quick jobs may take."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from services.ocr.contracts.ocr import OCR
from services.ocr.contracts.preview import OCR_PREVIEW, OcrPreviewOptions
from services.ocr.preview import preview_page
from tests.running_platform import RunningPlatform
from tests.services.ocr.scans import LINES, picture, scan, task_for, text_of


def test_a_preview_gives_words_and_a_picture_with_their_boxes(tmp_path: Path) -> None:
    task = task_for(scan(tmp_path / "a.pdf", picture(("first",)), picture(LINES[:2])), tmp_path)

    result = preview_page(task, OcrPreviewOptions(page=-1, long_edge_pixels=500))

    words, drawn = task.outputs
    page = json.loads(words.path.read_text())
    assert [word["text"] for line in page["lines"] for word in line["words"]] == " ".join(LINES[:2]).split()
    with Image.open(drawn.path) as shown:
        assert max(shown.size) == 500
        colours = np.asarray(shown.convert("RGB")).astype(int)
    assert (colours[:, :, 1] - colours[:, :, 0] > 100).any(), "no green box"
    assert (result["page"], result["document_pages"], result["words"]) == (2, 2, len(page["lines"][0]["words"]) + 9)


def test_previews_never_wait_behind_documents() -> None:
    assert OCR_PREVIEW.quick
    assert not OCR.quick


def test_a_scan_sent_to_the_platform_comes_back_searchable(platform: RunningPlatform, tmp_path: Path) -> None:
    source = scan(tmp_path / "a.pdf", picture())
    with httpx.Client(base_url=platform.url, timeout=90) as client:
        answer = client.post(
            "/v1/ocr",
            files={"file": ("a.pdf", source.read_bytes())},
            data={"sidecars": '["txt"]'},
            headers={"Prefer": "wait=60"},
            follow_redirects=False,
        )
        job = client.get(f"/v1/jobs/{answer.headers['location'].split('/')[3]}", params={"wait": 60}).json()
        assert job["status"] == "completed", job
        assert [output["name"] for output in job["outputs"]] == ["a.pdf", "a.txt"]
        (tmp_path / "out.pdf").write_bytes(client.get(job["outputs"][0]["url"]).content)
    assert text_of(tmp_path / "out.pdf") == " ".join(LINES).split()
    assert job["result"]["words"] == len(" ".join(LINES).split())

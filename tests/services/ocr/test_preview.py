"""A preview shows what an engine sees on one page."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from services.ocr.contracts.preview import OcrPreviewOptions
from services.ocr.preview import preview_page
from tests.services.ocr.scans import LINES, picture, scan, task_for


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

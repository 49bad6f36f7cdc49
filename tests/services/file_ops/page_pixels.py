"""What a reader sees of a page: rendered pixels, where its ink lies, the text that can be found."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pypdfium2

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.int16]]


def pixels(path: Path, page: int = 0, *, scale: float = 1.0, forms: bool = False) -> Pixels:
    """The page in colour, one pixel a point at scale 1. `forms` draws fields as a viewer does."""
    document = pypdfium2.PdfDocument(path)
    try:
        if forms and document.get_formtype():
            document.init_forms()
        return document[page].render(scale=scale, rev_byteorder=True).to_numpy().astype(np.int16)
    finally:
        document.close()


def ink(picture: Pixels, *, darker_than: int = 128) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of everything dark."""
    rows, columns = np.nonzero(picture.min(axis=2) < darker_than)
    assert len(rows), "nothing is drawn"
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def text(path: Path, page: int = 0) -> str:
    """The text of a page as a search finds it."""
    document = pypdfium2.PdfDocument(path)
    try:
        return document[page].get_textpage().get_text_bounded().strip()
    finally:
        document.close()


def looks_alike(one: Pixels, other: Pixels) -> bool:
    """Whether two renderings show the same but for the smoothing of edges."""
    if one.shape != other.shape:
        return False
    height, width = (side // 4 * 4 for side in one.shape[:2])
    blocks = [
        picture[:height, :width].reshape(height // 4, 4, width // 4, 4, 3).mean(axis=(1, 3)) for picture in (one, other)
    ]
    return bool(np.abs(blocks[0] - blocks[1]).max() < 48)


def assert_opens(path: Path) -> None:
    """Fails unless qpdf finds no fault."""
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr

"""Pages with true text: scans of the corpus, and born-digital pages worn as a scanner wears them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from PIL import Image

from shared.pdf.text_page import open_text
from shared.pdf.words import words_of

#: Of one born-digital page: enough words to tell, nothing turned, no text that the page does not show.
_LEAST_WORDS, _MOST_WORDS = 120, 700


@dataclass(frozen=True)
class Condition:
    """How a page is worn: resolution, tilt, blur, ink and paper, noise, JPEG quality."""

    dpi: int
    tilt_degrees: float = 0.0
    blur_px: float = 0.0
    ink: int = 0
    paper: int = 255
    noise: float = 0.0
    jpeg: int = 95
    turn: int = 0


#: As in the notes that the targets stand on.
CONDITIONS = {
    "clean200": Condition(200),
    "scan200": Condition(200, 1.2, 0.7, 40, 235, 12, 50),
    "scan300": Condition(300, 1.2, 1.0, 40, 235, 12, 50),
    "hard200": Condition(200, 1.8, 1.1, 60, 220, 25, 30),
    "turned90": Condition(200, 1.2, 0.7, 40, 235, 12, 50, turn=90),
    "turned180": Condition(200, 1.2, 0.7, 40, 235, 12, 50, turn=180),
}


@dataclass(frozen=True)
class TruePage:
    """A page image on disk and its true text, line by line."""

    name: str
    image: Path
    text: str


def corpus_scans(folder: Path) -> Iterator[TruePage]:
    """Real scans with gold text beside them."""
    gold = folder / "ocr/phototest.gold.txt"
    for path in sorted((folder / "ocr").glob("phototest*.[pt][ni]*")):
        yield TruePage(path.stem, path, gold.read_text())
    yield TruePage("eurotext", folder / "ocr/eurotext.tif", (folder / "ocr/eurotext.txt").read_text())


def worn_pages(folder: Path, into: Path, condition: str, count: int, seed: int = 7) -> Iterator[TruePage]:
    """Pages of the corpus's born-digital documents, one of each, drawn and worn; one seed gives one set of pixels."""
    taken = 0
    for path in sorted((folder / "pdf").glob("*.pdf")):
        if taken == count:
            return
        if path.name.startswith("scan"):
            continue
        if page := _page(path, into, condition, seed + taken):
            taken += 1
            yield page


def _page(path: Path, into: Path, condition: str, seed: int) -> TruePage | None:
    how = CONDITIONS[condition]
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return None
    try:
        for index in range(min(len(document), 4)):
            page = document[index]
            with open_text(page.raw) as text:
                words = words_of(text)
            plain = all(word.direction == 0 and word.text.isascii() for word in words)
            if _LEAST_WORDS <= len(words) <= _MOST_WORDS and plain:
                image = page.render(scale=how.dpi / 72, grayscale=True).to_numpy()
                name = f"{path.stem}-{index + 1}"
                target = into / f"{condition}-{name}.jpg"
                Image.fromarray(_worn(np.squeeze(image), how, seed)).save(
                    target, quality=how.jpeg, dpi=(how.dpi, how.dpi)
                )
                return TruePage(name, target, " ".join(word.text for word in words))
    finally:
        document.close()
    return None


def _worn(page: np.ndarray, how: Condition, seed: int) -> np.ndarray:
    rows, columns = page.shape
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), how.tilt_degrees, 1.0)
    page = cv2.warpAffine(page, matrix, (columns, rows), flags=cv2.INTER_CUBIC, borderValue=255)
    if how.blur_px:
        page = cv2.GaussianBlur(page, (0, 0), how.blur_px)
    inked = how.ink + page.astype(np.float32) * ((how.paper - how.ink) / 255)
    inked += np.random.default_rng(seed).normal(0, how.noise, page.shape) if how.noise else 0
    return np.ascontiguousarray(np.rot90(inked.clip(0, 255).astype(np.uint8), -how.turn // 90))


_ALIKE = str.maketrans(
    {
        "\u2019": "'",
        "\u2018": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2022": "",
        "\u00ad": "",
    }
)


def plain(text: str) -> str:
    """Text as it is compared: one form of each letter, quote and dash, one space between words."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).translate(_ALIKE)).strip()

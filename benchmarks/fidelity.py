"""Says how far a compressed PDF still is the source: similarity and words of sampled pages, structure of the whole.

Similarity is the mean structural similarity (Wang et al. 2004: Gaussian window 11x11, sigma 1.5) of the luma of pages
rendered at 100 dpi with forms drawn, by PDFium for source and target alike.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pypdfium2

from benchmarks import structure

cv2.setNumThreads(1)

PAGES = 5
DPI = 100
#: A page larger than this at 100 dpi is rendered smaller.
MAX_PIXELS = 16_000_000


def describe(source: str) -> dict[str, Any]:
    """Return whether a viewer shows the file without a password, its pages, image share and structure."""
    try:
        document = pypdfium2.PdfDocument(source)
        pages = len(document)
        if not pages:
            return {"opens": False, "reason": "no pages"}
        _rendered(document, 0)
    except pypdfium2.PdfiumError as error:
        return {"opens": False, "reason": str(error)}
    facts: dict[str, Any] = {"opens": True, "pages": pages, "image_share": 0.0, "structure": {}}
    try:
        with pikepdf.open(source) as pdf:
            facts["structure"] = structure.counted(pdf)
            facts["image_share"] = structure.image_share(pdf, Path(source).stat().st_size)
    except pikepdf.PdfError as error:
        facts["reason"] = f"structure unknown: {error}"
    return facts


def compare(source: str, target: str) -> dict[str, Any]:
    """Return per sampled page the similarity, colour shift (mean levels of chroma) and words kept, and the structure.

    Raises ValueError when the target has other pages than the source, PdfiumError when a viewer cannot show it.
    """
    before, after = _opened(source), _opened(target)
    if len(before) != len(after):
        raise ValueError(f"{len(after)} pages instead of {len(before)}")
    pages = [_compare_page(before, after, index) for index in _sampled(len(before))]
    with pikepdf.open(target) as pdf:
        kept = structure.counted(pdf)
    return {"pages": pages, "structure": kept}


def _opened(path: str) -> Any:
    document = pypdfium2.PdfDocument(path)
    if document.get_formtype():
        document.init_forms()
    return document


def _sampled(pages: int) -> list[int]:
    """Return up to five page indices, evenly spread, first and last included."""
    count = min(PAGES, pages)
    return sorted({round(place * (pages - 1) / max(1, count - 1)) for place in range(count)})


def _rendered(document: Any, index: int) -> Any:
    page = document[index]
    width, height = page.get_size()
    scale = DPI / 72
    scale = min(scale, (MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    return page.render(scale=scale, may_draw_forms=True).to_numpy()[..., :3].copy()


def _compare_page(before: Any, after: Any, index: int) -> dict[str, Any]:
    first, second = _rendered(before, index), _rendered(after, index)
    identical = first.shape == second.shape and np.array_equal(first, second)
    if first.shape != second.shape:
        second = cv2.resize(second, (first.shape[1], first.shape[0]), interpolation=cv2.INTER_AREA)
    had, has = _words(before, index), _words(after, index)
    return {
        "page": index + 1,
        "identical": bool(identical),
        "similarity": 1.0 if identical else _similarity(_luma(first), _luma(second)),
        "colour_shift": 0.0 if identical else _colour_shift(first, second),
        "words": sum(had.values()),
        "words_kept": sum((had & has).values()),
    }


def _words(document: Any, index: int) -> Counter[str]:
    return Counter(document[index].get_textpage().get_text_range().split())


def _luma(pixels: Any) -> Any:
    grey = pixels[..., 0] if pixels.shape[2] == 1 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    return grey.astype(np.float32)


def _colour_shift(first: Any, second: Any) -> float:
    if first.shape[2] == 1 or second.shape[2] == 1:
        return 0.0
    chroma = [cv2.cvtColor(pixels, cv2.COLOR_BGR2YCrCb)[..., 1:].astype(np.float32) for pixels in (first, second)]
    # Blurred first: chroma subsampling of single pixels is no shift of colour.
    blurred = [cv2.blur(plane, (8, 8)) for plane in chroma]
    return float(np.abs(blurred[0] - blurred[1]).mean())


def _similarity(first: Any, second: Any) -> float:
    def window(values: Any) -> Any:
        return cv2.GaussianBlur(values, (11, 11), 1.5)

    mean_1, mean_2 = window(first), window(second)
    variance_1 = window(first * first) - mean_1 * mean_1
    variance_2 = window(second * second) - mean_2 * mean_2
    covariance = window(first * second) - mean_1 * mean_2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    luminance = (2 * mean_1 * mean_2 + c1) / (mean_1 * mean_1 + mean_2 * mean_2 + c1)
    contrast = (2 * covariance + c2) / (variance_1 + variance_2 + c2)
    return float((luminance * contrast).mean())

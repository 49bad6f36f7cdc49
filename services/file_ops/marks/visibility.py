"""See whether a mark under the content shows: pages that paint their whole area hide it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2

from shared.operation import Result

#: Pages that are looked at, spread evenly; one costs some 50 ms.
_PAGES = 5
#: Pixels of a rendered page's longer side.
_LONGER_SIDE_PIXELS = 300
#: A pixel that differs by so many steps of 256 shows a mark.
_STEPS = 3


def pages_without_mark(source: Path, target: Path, password: str | None, pages: list[int]) -> Result:
    """Compare some of the marked pages before and after; `hidden_on_pages` counts from 1 and may be a sample."""
    looked_at = sorted(
        {pages[number * len(pages) // min(len(pages), _PAGES)] for number in range(min(len(pages), _PAGES))}
    )
    try:
        hidden = [index + 1 for index in looked_at if _same(source, target, password, index)]
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return {"hidden_on_pages": None, "pages_looked_at": []}
    return {"hidden_on_pages": hidden, "pages_looked_at": [index + 1 for index in looked_at]}


def _same(source: Path, target: Path, password: str | None, index: int) -> bool:
    before, after = (_pixels(path, password, index) for path in (source, target))
    return before.shape == after.shape and not np.any(np.abs(before - after) > _STEPS)


def _pixels(path: Path, password: str | None, index: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    document = pypdfium2.PdfDocument(path, password=password)
    try:
        page = document[index]
        scale = _LONGER_SIDE_PIXELS / max(*page.get_size(), 1)
        return np.asarray(page.render(scale=scale).to_numpy(), dtype=np.int16)
    finally:
        document.close()

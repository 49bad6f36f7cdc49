"""See whether a mark under the content shows: pages that paint their whole area hide it."""

from __future__ import annotations

import faulthandler
import json
import os
import select
import signal
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
#: Looking may take this long; then it is not known what shows.
_LIMIT_S = 20


def pages_without_mark(source: Path, target: Path, password: str | None, pages: list[int]) -> Result:
    """Compare some of the marked pages before and after. `hidden_on_pages` counts from 1, and is null if unknown."""
    count = min(len(pages), _PAGES)
    looked_at = sorted({pages[number * len(pages) // count] for number in range(count)})
    hidden = _in_a_process_of_its_own(source, target, password, looked_at)
    return {
        "hidden_on_pages": hidden,
        "pages_looked_at": [] if hidden is None else [index + 1 for index in looked_at],
    }


def _in_a_process_of_its_own(source: Path, target: Path, password: str | None, pages: list[int]) -> list[int] | None:
    """Looking is a courtesy: PDFium aborts its process on some hostile pages, which must not cost the result."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # That it may abort is foreseen: no trace of the Python stack.
        faulthandler.disable()
        try:
            os.write(writer, json.dumps(_hidden(source, target, password, pages)).encode())
        finally:
            # Without the cleaning up of the process that it is a copy of.
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answers:
        if not select.select([answers], [], [], _LIMIT_S)[0]:
            os.kill(child, signal.SIGKILL)
        answer = answers.read()
    os.waitpid(child, 0)
    told: list[int] | None = json.loads(answer) if answer else None
    return told


def _hidden(source: Path, target: Path, password: str | None, pages: list[int]) -> list[int] | None:
    try:
        return [index + 1 for index in pages if _same(source, target, password, index)]
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return None


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

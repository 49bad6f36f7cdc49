"""Renders pages in a process of its own: pdfium aborts on a failed allocation and has no time limit of its own."""

from __future__ import annotations

import logging
import os
import select
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2

# It warns of every XFA form that it cannot run scripts for; pages are only looked at here.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)

_DPI = 100
#: A larger page is rendered at a lower resolution.
_MAX_RASTER_PIXELS = 4_000_000
#: All pages of one call together; ordinary pages take 35 ms each.
_TIME_LIMIT_S = 20.0

#: One page: rows, columns, and blue, green, red from 0 to 255.
Pixels = npt.NDArray[np.uint8]


def render_pages(path: Path, pages: list[int], password: str | None) -> dict[int, Pixels]:
    """Render pages, counted from 0, at 100 dpi with their forms.

    Pages that cannot be opened, or not within the time and memory there is, are missing in the answer.
    """
    if not pages:
        return {}
    with _made_apart(lambda folder: _render_into(folder, path, pages, password)) as folder:
        found = ((page, folder / f"{page}.npy") for page in pages)
        return {page: np.load(file) for page, file in found if file.exists()}


def read_pages(path: Path, pages: list[int], password: str | None) -> dict[int, str]:
    """Extract the text of pages, counted from 0, under the same conditions as `render_pages`."""
    if not pages:
        return {}
    with _made_apart(lambda folder: _read_into(folder, path, pages, password)) as folder:
        found = ((page, folder / f"{page}.txt") for page in pages)
        return {page: file.read_text("utf-8", "surrogatepass") for page, file in found if file.exists()}


@contextmanager
def _made_apart(make: Callable[[Path], None]) -> Iterator[Path]:
    """A folder in which a process of its own has made files. Only a file under its final name is whole."""
    with tempfile.TemporaryDirectory() as folder:
        pid = os.fork()
        if not pid:
            try:
                make(Path(folder))
            finally:
                # Never back into the caller's code, whatever happened.
                os._exit(0)
        _wait(pid)
        yield Path(folder)


def render_own(document: bytes) -> Pixels:
    """Render the first page of a document that we have just built, at 100 dpi, without the cost of a process."""
    opened = pypdfium2.PdfDocument(document)
    try:
        pixels = _render(opened, 0)
    finally:
        opened.close()
    assert pixels is not None, "a page of our own making opens"
    return pixels


def _wait(pid: int) -> None:
    handle = os.pidfd_open(pid)
    try:
        ended, _, _ = select.select([handle], [], [], _TIME_LIMIT_S)
        if not ended:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    finally:
        os.close(handle)


def _render_into(folder: Path, path: Path, pages: list[int], password: str | None) -> None:
    try:
        document = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError:
        return
    document.init_forms()
    for number in pages:
        if number < len(document):
            pixels = _render(document, number)
            if pixels is not None:
                np.save(folder / "unfinished.npy", pixels)
                (folder / "unfinished.npy").rename(folder / f"{number}.npy")


def _read_into(folder: Path, path: Path, pages: list[int], password: str | None) -> None:
    try:
        document = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError:
        return
    for number in pages:
        if number < len(document):
            try:
                text = document[number].get_textpage().get_text_bounded()
            except pypdfium2.PdfiumError:
                continue
            (folder / "unfinished.txt").write_text(text, "utf-8", "surrogatepass")
            (folder / "unfinished.txt").rename(folder / f"{number}.txt")


def _render(document: Any, number: int) -> Pixels | None:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return None
    width, height = page.get_size()
    scale = _DPI / 72
    scale *= min(1.0, (_MAX_RASTER_PIXELS / max(1.0, width * height * scale * scale)) ** 0.5)
    bitmap = page.render(scale=scale, no_smoothtext=False)
    pixels: Pixels = bitmap.to_numpy()[..., :3].copy()
    return pixels

"""Where images go: a file each, or all into one ZIP archive, written as they come."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import PurePath
from typing import BinaryIO, Protocol, cast

from shared.media_types import ZIP, MediaType
from shared.names import unique
from shared.operation import Task

#: More files than this come as one archive, whatever was asked for: each file is a row, a download and a line.
MOST_FILES = 1000


class Outputs(Protocol):
    """Takes one output after the other."""

    written_bytes: int

    def file(self, name: str, kind: MediaType) -> AbstractContextManager[BinaryIO]:
        """A new output to write to; it exists from here on."""


@contextmanager
def outputs_of(task: Task, *, zipped: bool, suffix: str) -> Iterator[Outputs]:
    """The outputs of a task, or one archive named as its input and `suffix`."""
    if not zipped:
        yield _Single(task)
        return
    archive = task.output(f"{stem_of(task)}{suffix}.zip", ZIP)
    # Images are compressed already.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        yield _Zipped(file)


class _Single:
    def __init__(self, task: Task) -> None:
        self._task = task
        self.written_bytes = 0

    @contextmanager
    def file(self, name: str, kind: MediaType) -> Iterator[BinaryIO]:
        path = self._task.output(name, kind)
        with path.open("wb") as target:
            yield target
        self.written_bytes += path.stat().st_size


class _Zipped:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.written_bytes = 0

    @contextmanager
    def file(self, name: str, kind: MediaType) -> Iterator[BinaryIO]:
        # No time of day in the archive: the same input gives the same bytes. Sizes are not known beforehand.
        entry = zipfile.ZipInfo(name)
        with self._archive.open(entry, "w", force_zip64=True) as target:
            yield cast(BinaryIO, target)
        self.written_bytes += entry.file_size


def stem_of(task: Task) -> str:
    """The name of the input without its suffix."""
    return PurePath(task.input.name).stem or "document"


def page_names(task: Task, pages: Sequence[int], page_count: int, kind: MediaType) -> list[str]:
    """Names of files for pages, counted from 0: `report-007.png`; a page that is chosen again is numbered."""
    digits, stem = len(str(page_count)), stem_of(task)
    return unique(f"{stem}-{page + 1:0{digits}}{kind.suffix}" for page in pages)

"""Where results go: a file, a folder, a zip, or stdout. Nothing that is there is replaced unasked."""

from __future__ import annotations

import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from cli.errors import FileInTheWay, NoSuchFile, UsageError
from cli.wishes import STREAM, Wishes
from shared import names

#: Results that are compressed in themselves gain nothing in a zip.
_STORED = zipfile.ZIP_STORED


@dataclass(frozen=True)
class Made:
    """One document that came of a command: its name, and what writes it to a path."""

    name: str
    write: Callable[[Path], object]


class Sort(Enum):
    """What a place is."""

    FILE = "file"
    FOLDER = "folder"
    ZIP = "zip"
    STDOUT = "stdout"


class Place:
    """The place that `--out` names."""

    def __init__(self, wishes: Wishes) -> None:
        """Find out before the work is done. Raises UsageError, NoSuchFile, FileInTheWay."""
        out = wishes.out or (STREAM if STREAM in wishes.files and not sys.stdout.isatty() else ".")
        self._overwrite = wishes.overwrite
        self.path = Path(out)
        self.sort = _sort(out)
        if not wishes.saves:
            return
        if self.sort is Sort.STDOUT and (sys.stdout.isatty() or wishes.as_json):
            other = "--json prints there" if wishes.as_json else "it is a terminal"
            raise UsageError(f"The result cannot go to stdout: {other}.", remedy="Name a file: -o result.pdf")
        if self.sort is Sort.FOLDER:
            _make(self.path)
        elif self.sort is not Sort.STDOUT and not self.path.parent.is_dir():
            folder = self.path.parent
            raise NoSuchFile(f"The folder {folder} does not exist.", remedy=f"mkdir -p {folder}")
        elif self.sort is not Sort.STDOUT and self.path.exists() and not self._overwrite:
            raise FileInTheWay(f"{self.path} is there already.")

    def save(self, made: Sequence[Made]) -> list[Path]:
        """Write documents and return where they are now. Raises NoSuchFile when they cannot be written."""
        try:
            if self.sort is Sort.FOLDER:
                safe = [names.safe(one.name, otherwise="output") for one in made]
                targets = [self.path / name for name in names.unique(safe)]
                return [self._write(one, target) for one, target in zip(made, targets, strict=True)]
            zipped_already = len(made) == 1 and made[0].name.lower().endswith(".zip")
            if self.sort is Sort.FILE or (self.sort is Sort.ZIP and zipped_already):
                targets = [self.path] if len(made) == 1 else [self._numbered(n, one) for n, one in enumerate(made, 1)]
                return [self._write(one, target) for one, target in zip(made, targets, strict=True)]
            if self.sort is Sort.STDOUT and len(made) > 1:
                raise UsageError(
                    f"There are {len(made)} results; stdout takes one.", remedy="Name a folder: -o results/"
                )
            return self._zip(made) if self.sort is Sort.ZIP else self._stream(made)
        except OSError as error:
            raise NoSuchFile(
                f"{self.path} cannot be written: {error.strerror}.", remedy="Choose another place."
            ) from error

    def _numbered(self, number: int, made: Made) -> Path:
        """Several results where one file was named: each beside it, with its own ending."""
        return self.path.with_name(f"{self.path.stem}-{number}{Path(made.name).suffix or self.path.suffix}")

    def _write(self, made: Made, target: Path) -> Path:
        free = target if self._overwrite else _free(target)
        made.write(free)
        return free

    def _zip(self, made: Sequence[Made]) -> list[Path]:
        unfinished = self.path.with_name(f".{self.path.name}.unfinished")
        kept = names.unique(names.safe(one.name, otherwise="output") for one in made)
        try:
            with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(unfinished, "w", _STORED) as archive:
                for one, name in zip(made, kept, strict=True):
                    one.write(path := Path(folder) / "document")
                    archive.write(path, name)
                    path.unlink()
            return [unfinished.replace(self.path)]
        finally:
            unfinished.unlink(missing_ok=True)

    def _stream(self, made: Sequence[Made]) -> list[Path]:
        with tempfile.TemporaryDirectory() as folder:
            for one in made:
                one.write(path := Path(folder) / "document")
                with path.open("rb") as file:
                    shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.flush()
        return []


def _sort(out: str) -> Sort:
    if out == STREAM:
        return Sort.STDOUT
    if out.endswith("/") or Path(out).is_dir():
        return Sort.FOLDER
    return Sort.ZIP if out.lower().endswith(".zip") else Sort.FILE


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Found out now, and not when the work is done.
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise NoSuchFile(f"{folder}: {error.strerror}.", remedy="Choose another place.") from error


def _free(target: Path) -> Path:
    """The name itself, or with the first number that is free: `a (2).pdf`."""
    free, number = target, 1
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem} ({number}){target.suffix}")
    return free

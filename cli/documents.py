"""Documents that a command names: files that are there, and stdin with a name that tells its kind."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cli.errors import NoSuchFile, UsageError
from cli.wishes import STREAM
from shared.media_types import SNIFFED_BYTES, recognise

#: What the document from stdin is called, before its ending.
_NAME = "stdin"


@contextmanager
def found(files: Sequence[str]) -> Iterator[list[Path]]:
    """The documents as files; what stdin brought is gone afterwards. Raises NoSuchFile, UsageError."""
    with tempfile.TemporaryDirectory(prefix="bindery-") as folder:
        yield [_from_stdin(Path(folder)) if name == STREAM else _checked(Path(name)) for name in files]


def _checked(path: Path) -> Path:
    try:
        with path.open("rb"):
            return path
    except IsADirectoryError as error:
        raise UsageError(f"{path} is a folder.", remedy=f"Name its files: {path}/*") from error
    except OSError as error:
        raise NoSuchFile(f"{path}: {error.strerror}.") from error


def _from_stdin(folder: Path) -> Path:
    if sys.stdin.isatty():
        raise UsageError("stdin is the keyboard.", remedy="Lead a document to it: bindery ... - < document.pdf")
    path = folder / _NAME
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    with path.open("rb") as file:
        kind = recognise(file.read(SNIFFED_BYTES))
    return path.rename(path.with_suffix(kind.suffix)) if kind else path

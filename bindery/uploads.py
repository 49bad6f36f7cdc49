"""Documents and options as the parts of a form, which can be sent again when a connection breaks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast


@dataclass(frozen=True)
class Url:
    """A document that the gateway fetches by itself: an http or https URL."""

    address: str


#: A path; the bytes with their name; an open binary file that can be rewound, with its name; or a URL.
Upload = str | Path | Url | tuple[str, bytes | IO[bytes]]


@dataclass(frozen=True)
class Form:
    """What one submission sends."""

    documents: tuple[Upload, ...]
    fields: Mapping[str, str]

    @contextmanager
    def parts(self) -> Iterator[list[tuple[str, Any]]]:
        """The parts as httpx takes them, each document from its beginning. Raises OSError for one that is not there."""
        with ExitStack() as opened:
            # Fields as parts too, so that a request without documents is a multipart form as well.
            found: list[tuple[str, Any]] = [(name, (None, value)) for name, value in self.fields.items()]
            found += [self._part(one, opened) for one in self.documents]
            yield found

    def _part(self, one: Upload, opened: ExitStack) -> tuple[str, Any]:
        if isinstance(one, Url):
            return "url", (None, one.address)
        return "file", self._file(one, opened)

    def _file(
        self, one: str | Path | tuple[str, bytes | IO[bytes]], opened: ExitStack
    ) -> tuple[str, bytes | IO[bytes]]:
        if isinstance(one, tuple):
            name, content = one
            if not isinstance(content, bytes):
                content.seek(0)
            return name, content
        path = Path(one)
        later = _OpenedLater(path)
        opened.callback(later.close)
        return path.name, cast("IO[bytes]", later)


class _OpenedLater:
    """A file that is open only while it is read: a thousand documents are more than a process may hold open."""

    def __init__(self, path: Path) -> None:
        """Raises OSError for a file that is not there or cannot be read."""
        self._path = path
        with path.open("rb") as file:
            self._bytes = os.fstat(file.fileno()).st_size
        self._file: IO[bytes] | None = None
        self._at_end = False

    def tell(self) -> int:
        """Where it is read next, as far as httpx wants to know before it reads."""
        return 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Tell how long it is, or go back to its beginning."""
        if whence == os.SEEK_END:
            return self._bytes
        self.close()
        self._at_end = False
        return offset

    def read(self, most_bytes: int) -> bytes:
        """The next piece."""
        if self._at_end:
            return b""
        if self._file is None:
            self._file = self._path.open("rb")
        piece = self._file.read(most_bytes)
        if not piece:
            self._at_end = True
            self.close()
        return piece

    def close(self) -> None:
        """Close it; reading goes on from the beginning."""
        if self._file:
            self._file.close()
            self._file = None


def form(documents: Upload | Sequence[Upload], options: Mapping[str, Any]) -> Form:
    """The form of a submission; options that are None are left to their defaults."""
    several = [documents] if isinstance(documents, str | Path | Url | tuple) else list(documents)
    return Form(tuple(several), {name: _text(value) for name, value in options.items() if value is not None})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)

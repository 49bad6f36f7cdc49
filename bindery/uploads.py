"""Documents and options as the parts of a form, which can be sent again when a connection breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

#: A path; the bytes with their name; or an open binary file that can be rewound, with its name.
Upload = str | Path | tuple[str, bytes | IO[bytes]]


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
            found += [("file", self._part(one, opened)) for one in self.documents]
            yield found

    def _part(self, one: Upload, opened: ExitStack) -> tuple[str, bytes | IO[bytes]]:
        if isinstance(one, tuple):
            name, content = one
            if not isinstance(content, bytes):
                content.seek(0)
            return name, content
        path = Path(one)
        return path.name, opened.enter_context(path.open("rb"))


def form(documents: Upload | Sequence[Upload], options: Mapping[str, Any]) -> Form:
    """The form of a submission; options that are None are left to their defaults."""
    several = [documents] if isinstance(documents, str | Path | tuple) else list(documents)
    return Form(tuple(several), {name: _text(value) for name, value in options.items() if value is not None})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)

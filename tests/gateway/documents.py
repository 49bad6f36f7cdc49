"""Small documents for requests: enough for the gateway, which looks at the first bytes only."""

from __future__ import annotations

PDF = b"%PDF-1.7\n% a document as far as the gateway looks\n" + b"x" * 1000
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


def files(*contents: bytes, names: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, bytes, str]]]:
    """The parts of a form: each content as `document-N.pdf`, or under the given names."""
    chosen = names or tuple(f"document-{number}.pdf" for number in range(len(contents)))
    return [("file", (name, content, "application/pdf")) for name, content in zip(chosen, contents, strict=True)]

"""PDF names as text and back: forms name their states in any encoding, many in Latin-1."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, String

OFF = "Off"


def text_of_name(name: Any) -> str:
    """The name without its slash: UTF-8 as PDF says, Latin-1 as many programs write."""
    return _decoded(bytes(name)[1:])


def keys_of(dictionary: Any) -> list[str]:
    """The keys of a dictionary as text, without slashes."""
    if not isinstance(dictionary, Dictionary):
        return []
    return [_decoded(key.encode("utf-8", "surrogateescape")[1:]) for key in dictionary.keys()]  # noqa: SIM118


def name_among(text: str, dictionary: Any) -> Any:
    """The key of the dictionary that reads as `text`, else a new name of this text in UTF-8."""
    for key in dictionary.keys() if isinstance(dictionary, Dictionary) else ():
        raw = key.encode("utf-8", "surrogateescape")[1:]
        if _decoded(raw) == text:
            return _name_of(raw)
    return _name_of(text.encode())


def text_of(value: Any) -> str | None:
    """Text of a string, a stream of text, or a name; None for anything else."""
    if isinstance(value, String):
        return str(value)
    if isinstance(value, Name):
        return text_of_name(value)
    if isinstance(value, pikepdf.Stream):
        try:
            return str(String(value.read_bytes()))
        except pikepdf.PikepdfError:
            return None
    return None


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _name_of(raw: bytes) -> Any:
    return pikepdf.Object.parse(b"/" + b"".join(b"#%02x" % byte for byte in raw))

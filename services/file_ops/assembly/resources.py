"""Take out of a page's resources what the page never names, so that a part does not carry the whole file's."""

from __future__ import annotations

import re
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from shared.pdf.inheritance import inherited

#: The kinds of resources that a content stream refers to by name (ISO 32000-2, 7.8.3).
_KINDS = ("/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties")
#: A name as a content stream writes it. Bytes of inline images and strings may look like names: then more is kept.
_NAME = re.compile(rb"/([^\x00\t\n\x0c\r /<>\[\](){}%]+)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
#: Colour spaces that stand in for the device's wherever those are meant: no content names them (ISO 32000-2, 8.6.5.6).
_UNNAMED = ("/DefaultGray", "/DefaultRGB", "/DefaultCMYK")


class ResourcePruner:
    """Prunes pages of one document in place, each once: the resources of a page depend on nothing else."""

    def __init__(self, pdf: pikepdf.Pdf, pages: list[Any]) -> None:
        self._pdf = pdf
        self._pages = pages
        self._done: set[int] = set()

    def prune(self, number: int) -> None:
        """Give the page a resource dictionary of its own, without what its content does not name.

        Left alone are pages whose content cannot be read and pages that draw forms or fonts without resources of
        their own, which may use the page's.
        """
        if number in self._done:
            return
        self._done.add(number)
        page = self._pages[number]
        resources = inherited(page, "/Resources")
        if not isinstance(resources, Dictionary):
            return
        try:
            named = names_in(_content(page))
        except pikepdf.PdfError:
            return
        kept = Dictionary()
        dropped = False
        for kind, entries in resources.items():
            if kind not in _KINDS or not isinstance(entries, Dictionary):
                kept[kind] = entries
                continue
            used = {name: entry for name, entry in entries.items() if _may_be_used(name, named)}
            if any(_leans_on_page(entry) for entry in used.values()):
                return
            dropped = dropped or len(used) < len(entries)
            kept[kind] = Dictionary(used) if len(used) < len(entries) else entries
        if dropped:
            page["/Resources"] = kept


def names_in(content: bytes) -> set[bytes]:
    """Every name in a content stream, escapes resolved, and perhaps more."""
    names = set(_NAME.findall(content))
    if b"#" in content:
        names |= {_ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), name) for name in names if b"#" in name}
    return names


def _may_be_used(name: str, named: set[bytes]) -> bool:
    return name in _UNNAMED or not name.isascii() or name[1:].encode() in named


def _leans_on_page(entry: Any) -> bool:
    if isinstance(entry, Stream):
        return bool(entry.get("/Subtype") == Name.Form) and "/Resources" not in entry
    return isinstance(entry, Dictionary) and entry.get("/Subtype") == Name.Type3 and "/Resources" not in entry


def _content(page: Any) -> bytes:
    content = page.get("/Contents")
    if isinstance(content, Array):
        return b"\n".join(part.read_bytes() for part in content if isinstance(part, Stream))
    return bytes(content.read_bytes()) if isinstance(content, Stream) else b""

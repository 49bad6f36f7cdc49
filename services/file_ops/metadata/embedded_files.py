"""Files that a PDF carries: those of its name tree, those it is associated with, those pinned to its pages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from services.file_ops.metadata.name_trees import read_names

#: Keys of a file specification that may hold its name, the best first (ISO 32000-2, table 43).
_NAME_KEYS = ("/UF", "/F", "/Unix", "/DOS", "/Mac")
#: Keys of /EF, which hold the stream under the same names.
_STREAM_KEYS = ("/UF", "/F", "/Unix", "/DOS", "/Mac")


@dataclass(frozen=True)
class EmbeddedFile:
    """One file that a document carries. Its name is as the document has it: not safe."""

    name: str
    specification: Any
    stream: Any
    #: The page that it is pinned to, from 0; None for a file of the whole document.
    page: int | None = None

    @property
    def description(self) -> str:
        """What the document says of the file."""
        found = self.specification.get("/Desc")
        return str(found) if isinstance(found, String) else ""

    @property
    def relationship(self) -> str | None:
        """How it belongs to the document (Source, Data, Alternative, ...), where that is said."""
        found = self.specification.get("/AFRelationship")
        return str(found)[1:] if isinstance(found, Name) else None

    @property
    def media_type(self) -> str | None:
        """The kind of file that the document claims."""
        found = self.stream.get("/Subtype")
        return str(found)[1:] if isinstance(found, Name) else None


def embedded_files(pdf: pikepdf.Pdf) -> Iterator[EmbeddedFile]:
    """Every embedded file once: the document's own in order of their keys, then those on pages."""
    seen = set[tuple[int, int]]()
    for name, specification, page in _specifications(pdf):
        stream = _stream_of(specification)
        if stream is None or stream.objgen in seen:
            continue
        seen.add(stream.objgen)
        yield EmbeddedFile(name_of_file(specification) or name, specification, stream, page)


def _specifications(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any, int | None]]:
    names = pdf.Root.get("/Names")
    if isinstance(names, Dictionary):
        for key, specification in read_names(names.get("/EmbeddedFiles")):
            yield str(String(key)), specification, None
    for specification in _entries(pdf.Root, "/AF"):
        yield "", specification, None
    for number, page in enumerate(pdf.pages):
        for specification in _entries(page.obj, "/AF"):
            yield "", specification, number
        for annotation in _entries(page.obj, "/Annots"):
            if annotation.get("/Subtype") == Name.FileAttachment:
                yield "", annotation.get("/FS"), number


def name_of_file(specification: Any) -> str:
    """The name that a file specification gives, empty where it gives none."""
    for key in _NAME_KEYS:
        found = specification.get(key)
        if isinstance(found, String) and str(found):
            return str(found)
    return ""


def _stream_of(specification: Any) -> Any:
    held = specification.get("/EF") if isinstance(specification, Dictionary) else None
    if not isinstance(held, Dictionary):
        return None
    found = (held.get(key) for key in _STREAM_KEYS)
    return next((stream for stream in found if isinstance(stream, Stream)), None)


def embed(pdf: pikepdf.Pdf, data: bytes, name: str, *, media_type: str, description: str, relationship: str) -> Any:
    """A new file specification of `pdf` that holds the data (ISO 32000-2, 7.11.4)."""
    now = String(f"D:{datetime.now(UTC):%Y%m%d%H%M%S}Z")
    stream = pdf.make_stream(data)
    stream["/Type"] = Name.EmbeddedFile
    if media_type:
        stream["/Subtype"] = Name("/" + media_type)
    # The checksum of the standard is MD5; it guards nothing.
    checksum = hashlib.md5(data, usedforsecurity=False).digest()
    stream["/Params"] = Dictionary(Size=len(data), ModDate=now, CheckSum=String(checksum))
    specification = Dictionary(Type=Name.Filespec, F=String(name), UF=String(name), EF=Dictionary(F=stream, UF=stream))
    if description:
        specification["/Desc"] = String(description)
    specification["/AFRelationship"] = Name("/" + relationship)
    return pdf.make_indirect(specification)


def _entries(owner: Any, key: str) -> list[Any]:
    entries = owner.get(key)
    return [entry for entry in entries if isinstance(entry, Dictionary)] if isinstance(entries, Array) else []

"""Find the XML files that a PDF carries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from services.ai.electronic.trees import MAX_XML_BYTES
from shared.errors import BinderyError
from shared.pdf.open_document import open_document

#: Names that the standards prescribe, best first: Factur-X and ZUGFeRD 2.1, XRechnung, ZUGFeRD 2.0 and 1.0.
_NAMES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml")
#: No honest document carries more; a hostile one may.
_MAX_ATTACHMENTS = 200
#: The first bytes tell XML from pictures and documents without reading a whole attachment.
_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")


@dataclass(frozen=True)
class Attachment:
    """An XML file inside a PDF. Its name is what the file says, and no path to write to."""

    name: str
    data: bytes


def attached_xml(source: Path, password: str | None) -> list[Attachment]:
    """The XML attachments of a PDF, those with a prescribed name first. An unreadable one is left out.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `open_document`.
    """
    found: list[Attachment] = []
    with open_document(source, password) as pdf:
        for name, stream in _embedded(pdf):
            data = _data(stream)
            if data.lstrip()[:4].startswith(_XML_STARTS):
                found.append(Attachment(name, data))
    return sorted(found, key=_preference)


def _preference(attachment: Attachment) -> int:
    name = attachment.name.lower()
    return _NAMES.index(name) if name in _NAMES else len(_NAMES)


def _embedded(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Names and streams of embedded files: of the name tree, and of the associated files of document and pages."""
    seen: set[tuple[int, int]] = set()
    for spec in _specifications(pdf):
        try:
            files = spec.get("/EF", {})
            stream = files.get("/F", files.get("/UF"))
            name = str(spec.get("/UF", spec.get("/F", "")))
            if not isinstance(stream, pikepdf.Stream) or (stream.is_indirect and stream.objgen in seen):
                continue
        except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError):
            continue
        seen.add(stream.objgen)
        if len(seen) > _MAX_ATTACHMENTS:
            return
        yield name, stream


def _specifications(pdf: pikepdf.Pdf) -> Iterator[Any]:
    # A broken name tree still leaves the associated files.
    with suppress(pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError):
        yield from [filespec.obj for _, filespec in pdf.attachments.items()]
    holders: list[Any] = [pdf.Root, *(page.obj for page in pdf.pages[:1])]
    for holder in holders:
        associated = holder.get("/AF")
        if isinstance(associated, pikepdf.Array):
            yield from (each for each in associated if isinstance(each, pikepdf.Dictionary))


def _data(stream: Any) -> bytes:
    try:
        data = stream.read_bytes()
    except (pikepdf.PdfError, BinderyError, RuntimeError):
        return b""
    return bytes(data) if len(data) <= MAX_XML_BYTES else b""

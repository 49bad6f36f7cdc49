"""Text outside of the pages: titles, outlines, names, tags, metadata, attached files, maps from glyphs to text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.protection.content.cmaps import read_cmap
from services.file_ops.protection.reachable import reachable
from services.file_ops.protection.redaction.finder import Finder

#: What stands in the place of removed text.
REPLACEMENT = "[redacted]"
#: Strings under these keys are bytes or names of fonts and colours, no text.
_NOT_TEXT = frozenset(
    {
        *("/ID", "/Registry", "/Ordering", "/CharSet", "/Panose", "/DA", "/FontFamily", "/Cert", "/ByteRange"),
        *("/CheckSum", "/O", "/U", "/OE", "/UE", "/Perms", "/Lookup", "/Style", "/Private"),
        *("/M", "/CreationDate", "/ModDate", "/LastModified"),
    }
)
_NOT_TEXT_DICTIONARIES = frozenset({"/Font", "/FontDescriptor", "/Encrypt", "/XRef", "/ObjStm"})
#: Streams that hold no text of their own: drawings are walked, the rest is binary.
_NOT_TEXT_STREAMS = frozenset({"/XObject", "/XRef", "/ObjStm", "/Pattern", "/CMap"})
_LONGEST_STREAM_BYTES = 64 << 20


def clean(pdf: pikepdf.Pdf, finder: Finder) -> Counter[str]:
    """Replace what is found in strings, and empty what is found in streams; count by kind."""
    counts: Counter[str] = Counter()
    drawn = _drawn_streams(pdf)
    for thing in reachable(pdf):
        if isinstance(thing, Stream) and thing.objgen not in drawn:
            _clean_stream(thing, finder, counts)
        for key, text in _texts(thing):
            changed = finder.without(text, REPLACEMENT)
            if changed != text:
                thing[key] = pikepdf.String(changed)
                counts[_kind(thing, key)] += 1
    counts["destinations"] += _drop_named_destinations(pdf, finder)
    return +counts


def _drop_named_destinations(pdf: pikepdf.Pdf, finder: Finder) -> int:
    """Destinations of the oldest kind are keys of a dictionary, which cannot be spelled otherwise."""
    named = pdf.Root.get("/Dests")
    told = [key for key, _ in named.items() if finder.holds(key[1:])] if isinstance(named, Dictionary) else []
    for key in told:
        del pdf.Root.Dests[key]
    return len(told)


def names_left(pdf: pikepdf.Pdf, finder: Finder) -> int:
    """How many names (of fonts, colours, tags, resources) hold what is searched for; they are not changed."""
    names: set[str] = set()
    for thing in reachable(pdf):
        names.update(str(value) for value in (thing if isinstance(thing, Array) else []) if isinstance(value, Name))
        if not isinstance(thing, Array):
            names.update(thing.keys())
            names.update(str(value) for _, value in thing.items() if isinstance(value, Name))
    return sum(finder.holds(name[1:]) for name in names)


def left(pdf: pikepdf.Pdf, finder: Finder) -> Counter[str]:
    """Count what `clean` would still find."""
    counts: Counter[str] = Counter()
    drawn = _drawn_streams(pdf)
    for thing in reachable(pdf):
        if isinstance(thing, Stream) and thing.objgen not in drawn and any(map(finder.holds, _readings(thing))):
            counts["streams"] += 1
        counts["strings"] += sum(finder.holds(text) for _, text in _texts(thing))
    return +counts


def _texts(thing: Any) -> list[tuple[Any, str]]:
    """The strings that stand in a container: key or index, and text."""
    if isinstance(thing, Array):
        if len(thing) and thing[0] in (Name.Indexed, Name.I):
            return []
        return [(index, str(value)) for index, value in enumerate(thing) if isinstance(value, pikepdf.String)]
    if str(thing.get("/Type", "")) in _NOT_TEXT_DICTIONARIES or "/ByteRange" in thing:
        return []
    return [
        (key, str(value)) for key, value in thing.items() if isinstance(value, pikepdf.String) and key not in _NOT_TEXT
    ]


def _kind(owner: Any, key: Any) -> str:
    if isinstance(owner, Dictionary):
        if key in ("/ActualText", "/Alt", "/E"):
            return "tags"
        if key == "/Title" and ("/Parent" in owner or "/Dest" in owner or "/A" in owner):
            return "outline"
        if key in ("/Title", "/Author", "/Subject", "/Keywords", "/Creator", "/Producer"):
            return "metadata"
    return "other_texts"


def _drawn_streams(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    """Content streams of pages: their text is what the walk reads."""
    found = set()
    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        for stream in contents if isinstance(contents, Array) else [contents]:
            if isinstance(stream, Stream):
                found.add(stream.objgen)
    return found


def _clean_stream(stream: Any, finder: Finder, counts: Counter[str]) -> None:
    if b"begincmap" in _head(stream):
        _clean_map(stream, finder, counts)
        return
    if any(map(finder.holds, _readings(stream))):
        kind = str(stream.get("/Type", ""))
        stream.write(b"")
        counts["metadata" if kind == "/Metadata" else "attachments" if kind == "/EmbeddedFile" else "streams"] += 1


def _head(stream: Any) -> bytes:
    if str(stream.get("/Type", "")) not in ("", "/CMap") or "/Subtype" in stream or "/Width" in stream:
        return b""
    try:
        return bytes(stream.read_bytes()[:4096])
    except pikepdf.PdfError:
        return b""


def _clean_map(stream: Any, finder: Finder, counts: Counter[str]) -> None:
    """A map from glyphs to text may spell out in one entry what its glyphs showed."""
    texts = {text for text in read_cmap(stream).texts.values() if len(text) > 1 and finder.holds(text)}
    if not texts:
        return
    data = stream.read_bytes()
    for text in texts:
        digits = text.encode("utf-16-be", "surrogatepass").hex()
        spread = r"\s*".join(digits).encode()
        data = re.sub(rb"<\s*" + spread + rb"\s*>", b"<FFFD>", data, flags=re.IGNORECASE)
    stream.write(data)
    if any(len(text) > 1 and finder.holds(text) for text in read_cmap(stream).texts.values()):
        stream.write(b"")
    counts["glyph_maps"] += 1


def _readings(stream: Any) -> Iterator[str]:
    """A stream's bytes as text in the encodings that text in a PDF has."""
    if str(stream.get("/Type", "")) in _NOT_TEXT_STREAMS or "/Width" in stream or "/FunctionType" in stream:
        return
    if any(key in stream for key in ("/Length1", "/Length2", "/ShadingType", "/PatternType", "/N", "/BBox")):
        return
    if str(stream.get("/Subtype", "")) in ("/Type1C", "/CIDFontType0C", "/OpenType", "/Image", "/Form"):
        return
    try:
        data = stream.read_bytes()
    except pikepdf.PdfError:
        return
    if not data or len(data) > _LONGEST_STREAM_BYTES or b"begincmap" in data[:4096]:
        return
    yield data.decode("utf-8", "replace")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:64]:
        yield data.decode("utf-16", "replace")
        yield data.decode("utf-16-be", "replace")

"""Finds which character codes of each font a PDF draws, on pages and in everything that pages can show.

Whatever is not certain counts as used: a code too many costs bytes, a code too few loses a letter.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from services.compression.flate import NotDecodable, TooLarge, read_bounded
from services.compression.fonts.shown_text import shown_text
from shared.pdf.inheritance import inherited

Id = tuple[int, int]

#: Content streams beyond this many bytes in all are not looked at: then all fonts are left alone.
_CONTENT_BUDGET_BYTES = 256 << 20
_DEEPEST_TREE = 64


class UsageUnknown(ValueError):
    """The PDF draws text in a way that was not understood, so that no font may be changed."""


@dataclass
class Usage:
    """What was found, by object number and generation of the font dictionaries."""

    #: Codes drawn: of one byte for simple fonts, of two for composite ones.
    codes: dict[Id, set[int]] = field(default_factory=lambda: defaultdict(set))
    fonts: dict[Id, Object] = field(default_factory=dict)
    #: Fonts in which a viewer may draw what a person types into a form.
    form_fonts: set[Id] = field(default_factory=set)
    #: Font programs of font dictionaries that are not objects of their own, and so cannot be told apart.
    unnamed_programs: set[Id] = field(default_factory=set)


def find_usage(pdf: pikepdf.Pdf) -> Usage:
    """Return the codes that `pdf` draws. Raises UsageUnknown when that cannot be told."""
    scan = _Scan()
    for page in pdf.pages:
        scan.content(_page_streams(page.obj), inherited(page.obj, "/Resources"), is_page=True)
        for annotation in _items(page.obj.get("/Annots")):
            scan.annotation(annotation)
    for item in pdf.objects:
        if isinstance(item, Stream):
            if item.get("/Subtype") == "/Form" or item.get("/PatternType") == 1:
                scan.content([item], item.get("/Resources"))
        elif isinstance(item, Dictionary) and item.get("/Subtype") == "/Type3":
            procedures = item.get("/CharProcs")
            for procedure in procedures.values() if isinstance(procedures, Dictionary) else ():
                if isinstance(procedure, Stream):
                    scan.content([procedure], item.get("/Resources"))
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary):
        scan.form_resources(form.get("/DR"))
    return scan.finish()


class _Scan:
    def __init__(self) -> None:
        self.usage = Usage()
        self._composite: dict[Id, bool] = {}
        self._named: dict[str, set[Id]] = defaultdict(set)
        #: Text drawn by a stream without resources, by name of the font; None where it sets no font either.
        self._unresolved: dict[str | None, set[bytes]] = defaultdict(set)
        self._budget_bytes = _CONTENT_BUDGET_BYTES

    def content(self, streams: Iterable[Stream], resources: Object | None, *, is_page: bool = False) -> None:
        """Note the text that `streams`, one after the other, draw with `resources`."""
        fonts = _entry(resources, "/Font")
        for name, font in fonts.items():
            self._register(name, font)
        has_state_font = False
        for state in _entry(resources, "/ExtGState").values():
            for font in _items(state.get("/Font") if isinstance(state, Dictionary) else None):
                self._register("", font)
                has_state_font = True
        data = self._read(streams)
        if b"T" not in data:
            return
        try:
            texts = shown_text(data)
        except (pikepdf.PdfError, ValueError) as error:
            raise UsageUnknown(f"content that cannot be parsed: {error}") from error
        for name, found in texts.items():
            drawn_in: Object | None = fonts.get(name) if name else None
            if isinstance(drawn_in, Dictionary) and not has_state_font:
                self._note(drawn_in.objgen, found)
            elif has_state_font:
                self._unresolved[None] |= found
            elif name or not is_page:
                # A font from before the stream, or a name that the resources lack: some viewers look for it in
                # those of the page.
                self._unresolved[name or None] |= found

    def annotation(self, annotation: Object) -> None:
        """Note the fonts of an annotation that can be edited: its text may become anything."""
        if not isinstance(annotation, Dictionary) or not (
            "/DA" in annotation or annotation.get("/Subtype") == "/Widget"
        ):
            return
        for appearance in _appearances(annotation.get("/AP"), _DEEPEST_TREE):
            self.form_resources(appearance.get("/Resources"))

    def form_resources(self, resources: Object | None) -> None:
        for name, font in _entry(resources, "/Font").items():
            if own := self._register(name, font):
                self.usage.form_fonts.add(own)

    def finish(self) -> Usage:
        for name, texts in self._unresolved.items():
            for own in self.usage.fonts if name is None else self._named.get(name, set()):
                self._note(own, texts)
        return self.usage

    def _register(self, name: str, font: Object) -> Id | None:
        if not isinstance(font, Dictionary):
            return None
        if not font.is_indirect:
            self.usage.unnamed_programs.update(_programs(font))
            return None
        own = font.objgen
        self.usage.fonts.setdefault(own, font)
        self._composite.setdefault(own, font.get("/Subtype") == "/Type0")
        self._named[name].add(own)
        return own

    def _read(self, streams: Iterable[Stream]) -> bytes:
        parts = []
        for stream in streams:
            try:
                parts.append(_decoded(stream, self._budget_bytes))
            except (NotDecodable, pikepdf.PdfError, TypeError, ValueError) as error:
                raise UsageUnknown(f"content that cannot be read: {error}") from error
            self._budget_bytes -= len(parts[-1])
        return b"\n".join(parts)

    def _note(self, own: Id, texts: Iterable[bytes]) -> None:
        codes = self.usage.codes[own]
        for text in texts:
            if self._composite.get(own):
                codes.update(struct.unpack(f">{len(text) // 2}H", text[: len(text) // 2 * 2]))
            else:
                codes.update(text)


def _decoded(stream: Stream, limit_bytes: int) -> bytes:
    try:
        return read_bounded(stream, limit_bytes)
    except TooLarge:
        raise
    except NotDecodable:
        return stream.read_bytes()  # what can be saved of damaged content, as viewers do


def _entry(resources: Object | None, kind: str) -> Object:
    found = resources.get(kind) if isinstance(resources, Dictionary) else None
    return found if isinstance(found, Dictionary) else Dictionary()


def _items(array: Object | None) -> list[Object]:
    return list(array) if isinstance(array, Array) else []


def _page_streams(page: Object) -> list[Stream]:
    contents = page.get("/Contents")
    return [
        item for item in ([contents] if isinstance(contents, Stream) else _items(contents)) if isinstance(item, Stream)
    ]


def _appearances(node: Object | None, depth: int) -> Iterator[Stream]:
    if isinstance(node, Stream):
        yield node
    elif isinstance(node, Dictionary) and depth:
        for item in node.values():
            yield from _appearances(item, 2 if depth == _DEEPEST_TREE else depth - 1)


def _programs(font: Object) -> Iterator[Id]:
    """Yield the font programs of a font dictionary."""
    descendants = _items(font.get("/DescendantFonts"))
    for owner in (font, *descendants):
        descriptor = owner.get("/FontDescriptor") if isinstance(owner, Dictionary) else None
        if isinstance(descriptor, Dictionary):
            for key in ("/FontFile", "/FontFile2", "/FontFile3"):
                if isinstance(descriptor.get(key), Stream):
                    yield descriptor[key].objgen

"""Stores streams, fonts and resources that are equal in every byte once, however often the PDF holds them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.compression.stream_dictionaries import move_out_large_entries

Id = tuple[int, int]

#: Dictionaries of these types are values: nothing in a PDF depends on which of two equal ones is meant. Pages,
#: annotations, fields, structure elements, layers, outlines and file specifications are not in the list.
_VALUE_TYPES = frozenset({"/Font", "/FontDescriptor", "/ExtGState", "/Encoding", "/Halftone", "/Mask", "/Group"})
_VALUE_KEYS = ("/FunctionType", "/ShadingType", "/PatternType", "/HalftoneType")
_RESOURCE_KINDS = frozenset({"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading"})
_RESOURCE_KEYS = _RESOURCE_KINDS | {"/ProcSet", "/Properties"}
_COLOUR_SPACES = frozenset(
    {"/ICCBased", "/Indexed", "/Separation", "/DeviceN", "/CalRGB", "/CalGray", "/Lab", "/Pattern"}
)
#: Entries that tie an object to its one place in the document.
_IDENTITY_KEYS = ("/StructParent", "/StructParents", "/Parent", "/P", "/OPI", "/Ref")
#: An array of numbers as short as a rectangle is not worth a look.
_SHORTEST_NUMBER_ARRAY = 12
#: Strings and names come first, so that "(5 0 R)" in a string is never taken for a reference.
_REFERENCE = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f]*>|/[^\s<>\[\]()/%]*|\b(\d+) (\d+) R\b", re.DOTALL)
_NUMBERS_ONLY = re.compile(rb"\[[\d.+\-\s]*\]")
_INDIRECT_LENGTH = re.compile(rb"/Length (\d+) (\d+) R")
_DEEPEST_NESTING = 60


def share_identical(pdf: pikepdf.Pdf) -> int:
    """Point all references to equal objects at one of them and return the bytes of the streams no longer needed.

    Objects are equal when their dictionaries are, and all bytes of their streams, where references to objects that
    were found equal count as equal; this goes on until nothing more is found. What is left over is unreachable and
    disappears when the PDF is saved. Takes time linear in the size of the file.
    """
    move_out_large_entries(pdf)
    return _Sharing(pdf).run()


class _Sharing:
    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.objects: dict[Id, pikepdf.Object] = {}
        self.text: dict[Id, bytes] = {}
        self.lengths: dict[Id, bytes] = {}
        self.referrers: dict[Id, list[Id]] = defaultdict(list)
        self.canonical: dict[Id, Id] = {}
        self.saved_bytes = 0
        self._first: dict[bytes, Id] = {}
        self._stream_digests: dict[Id, bytes] = {}
        self._waiting: dict[bytes, Id] = {}
        kept_apart = _appearances_of_changing_fields(pdf) | {pdf.Root.objgen}
        kept_apart |= {page.obj.objgen for page in pdf.pages}
        self.candidates = self._read(pdf, kept_apart)

    def _read(self, pdf: pikepdf.Pdf, kept_apart: set[Id]) -> list[Id]:
        resource_parts: set[Id] = set()
        shareable: list[Id] = []
        for item in pdf.objects:
            if not isinstance(item, (Stream, Dictionary, Array)):
                continue
            is_stream = isinstance(item, Stream)
            if not isinstance(item, Array) and _is_bookkeeping(item, is_stream):
                continue
            own = item.objgen
            self.objects[own] = item
            if is_stream and "/Length" not in item:
                item.stream_dict["/Length"] = len(item.read_raw_bytes())  # as in streams that came from the file
            text = (item.stream_dict if is_stream else item).unparse(resolved=True)
            self.text[own] = text
            if is_stream and (length := _INDIRECT_LENGTH.search(text)):
                self.lengths[int(length[1]), int(length[2])] = b"%d" % int(item["/Length"])
            for match in _REFERENCE.finditer(text):
                if match[1]:
                    self.referrers[int(match[1]), int(match[2])].append(own)
            if own not in kept_apart and _is_value(item, text):
                shareable.append(own)
            if b"/Resources" in text:
                resource_parts.update(_resource_parts(item))
        resource_parts -= kept_apart | set(shareable)
        return shareable + [own for own in resource_parts if isinstance(self.objects.get(own), (Dictionary, Array))]

    def run(self) -> int:
        candidates = set(self.candidates)
        work = self.candidates
        while work:
            merged = [own for own in work if own not in self.canonical and self._joins_an_equal(own)]
            # Whoever refers to a merged object may have become equal to something else by that.
            work = list(dict.fromkeys(by for own in merged for by in self.referrers[own] if by in candidates))
        for by in dict.fromkeys(by for own in self.canonical for by in self.referrers[own]):
            item = self.objects[by]
            self._redirect(item.stream_dict if isinstance(item, Stream) else item, 0)
        return self.saved_bytes

    def _joins_an_equal(self, own: Id) -> bool:
        """Note `own` as a copy of an equal object that came before it, if there is one."""
        key = self._key(own)
        if isinstance(self.objects[own], Stream):
            # The bytes of a stream are read only when its dictionary, which holds its length, is not unique.
            lonely = self._waiting.setdefault(key, own)
            if lonely == own:
                return False
            self._first.setdefault(key + self._stream_digest(lonely), lonely)
            key += self._stream_digest(own)
        first = self._first.setdefault(key, own)
        while first in self.canonical:
            first = self.canonical[first]
        if first == own:
            return False
        self.canonical[own] = first
        if isinstance(self.objects[own], Stream):
            self.saved_bytes += int(self.objects[own].get("/Length", 0))
        return True

    def _key(self, own: Id) -> bytes:
        kind = b"stream" if isinstance(self.objects[own], Stream) else b"value"
        return blake2b(kind + _REFERENCE.sub(self._canonical_reference, self.text[own]), digest_size=32).digest()

    def _canonical_reference(self, match: re.Match[bytes]) -> bytes:
        if not match[1]:
            return match[0]
        own = int(match[1]), int(match[2])
        return self.lengths.get(own) or b"%d %d R" % self._resolve(own)

    def _resolve(self, own: Id) -> Id:
        while own in self.canonical:
            own = self.canonical[own]
        return own

    def _stream_digest(self, own: Id) -> bytes:
        digest = self._stream_digests.get(own)
        if digest is None:
            stream = self.objects[own]
            assert isinstance(stream, Stream)
            try:
                digest = blake2b(stream.read_raw_bytes(), digest_size=32).digest()
            except pikepdf.PdfError:
                digest = b"unreadable %d %d" % own
            self._stream_digests[own] = digest
        return digest

    def _redirect(self, container: pikepdf.Object, depth: int) -> None:
        keys = list(container.keys()) if isinstance(container, Dictionary) else range(len(container))
        for key in keys:
            value = container[key]
            if not isinstance(value, (Stream, Dictionary, Array)):
                continue
            if value.is_indirect:
                target = self._resolve(value.objgen)
                if target != value.objgen:
                    container[key] = self.objects[target]
            elif depth < _DEEPEST_NESTING:
                self._redirect(value, depth + 1)


def _is_bookkeeping(item: pikepdf.Object, is_stream: bool) -> bool:
    """Tell whether `item` neither can be shared nor refers to anything that can.

    Structure elements are most of the objects of a tagged PDF, so that passing over them saves most of the time.
    """
    kind = item.get("/Type")
    if is_stream:
        return kind in ("/XRef", "/ObjStm")
    return kind == "/StructElem" or (kind is None and "/S" in item and "/P" in item)


def _is_value(item: pikepdf.Object, text: bytes) -> bool:
    """Tell whether equal copies of `item` mean the same: it has no identity, and nothing points back at it."""
    if isinstance(item, Array):
        if len(item) >= _SHORTEST_NUMBER_ARRAY and _NUMBERS_ONLY.fullmatch(text):
            return True
        return len(item) > 1 and isinstance(item[0], Name) and str(item[0]) in _COLOUR_SPACES
    if any(key in item for key in _IDENTITY_KEYS):
        return False
    if isinstance(item, Stream):
        return True
    kind = item.get("/Type")
    if kind is not None:
        return str(kind) in _VALUE_TYPES
    return any(key in item for key in _VALUE_KEYS)


def _resource_parts(item: pikepdf.Object) -> Iterator[Id]:
    """Yield the resource dictionary of `item` and the dictionaries by kind inside, where they are indirect."""
    resources = item.get("/Resources") if isinstance(item, (Dictionary, Stream)) else None
    if not isinstance(resources, Dictionary) or not set(resources.keys()) <= _RESOURCE_KEYS:
        return
    if resources.is_indirect:
        yield resources.objgen
    for kind in _RESOURCE_KINDS:
        part = resources.get(kind)
        if isinstance(part, Dictionary):
            if part.is_indirect:
                yield part.objgen
            if kind in ("/ExtGState", "/Shading"):
                yield from (value.objgen for value in part.values() if isinstance(value, Dictionary))


def _appearances_of_changing_fields(pdf: pikepdf.Pdf) -> set[Id]:
    """Return the appearance streams of fields that can be filled in.

    Editors write a new value into the stream that is there (PDFBox does): a shared one would show in all fields.
    The appearances of buttons, ticked and not, never change, so that equal ones may be shared.
    """
    apart: set[Id] = set()
    for page in pdf.pages:
        annotations = page.obj.get("/Annots")
        for annotation in annotations if isinstance(annotations, Array) else ():
            if not isinstance(annotation, Dictionary) or annotation.get("/Subtype") != "/Widget":
                continue
            if _field_type(annotation) == "/Btn":
                continue
            appearance = annotation.get("/AP")
            for state in appearance.values() if isinstance(appearance, Dictionary) else ():
                if isinstance(state, Stream):
                    apart.add(state.objgen)
                elif isinstance(state, Dictionary):
                    apart.update(stream.objgen for stream in state.values() if isinstance(stream, Stream))
    return apart


def _field_type(field: pikepdf.Object) -> str:
    for _ in range(_DEEPEST_NESTING):
        if "/FT" in field:
            return str(field["/FT"])
        parent = field.get("/Parent")
        if not isinstance(parent, Dictionary):
            break
        field = parent
    return ""

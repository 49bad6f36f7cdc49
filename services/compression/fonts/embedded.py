"""Finds the font programs embedded in a PDF with all fonts that use them, and puts a smaller program in their place."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

import pikepdf
from pikepdf import Dictionary, Name, Object, Stream

from services.compression.fonts.usage import Id, Usage

PROGRAM_KEYS = ("/FontFile", "/FontFile2", "/FontFile3")
_TAG_LETTERS = 6


@dataclass
class FontUser:
    """A font dictionary that draws with an embedded program, and the codes that it draws."""

    font: Object
    codes: set[int]
    is_form_font: bool = False

    @property
    def is_composite(self) -> bool:
        """Whether codes have two bytes and lead to CIDs."""
        return bool(self.font.get("/Subtype") == "/Type0")

    @property
    def inner(self) -> Object:
        """The dictionary that holds descriptor and widths: the CIDFont of a composite font, else the font."""
        return self.font.DescendantFonts[0] if self.is_composite else self.font

    @property
    def descriptor(self) -> Object:
        """The font descriptor."""
        return self.inner.FontDescriptor


@dataclass
class EmbeddedProgram:
    """One embedded font program and all its users."""

    stream: Stream
    key: str
    users: list[FontUser] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The PostScript name under which the PDF knows the font."""
        return str(self.users[0].font.get("/BaseFont", "/unnamed"))[1:]

    @property
    def subtype(self) -> str:
        """The kind of a /FontFile3: /Type1C, /CIDFontType0C or /OpenType; empty for the others."""
        return str(self.stream.get("/Subtype", ""))


@dataclass(frozen=True)
class Replacement:
    """A smaller program, packed, and what the dictionaries around it must say."""

    packed: bytes
    length: int
    key: str
    subtype: str = ""
    glyph_names: tuple[str, ...] = ()
    cids: tuple[int, ...] = ()


def find_programs(usage: Usage) -> list[EmbeddedProgram]:
    """Return the embedded programs of all fonts of `usage`. Those of damaged font dictionaries are passed over."""
    programs: dict[Id, EmbeddedProgram] = {}
    for own, font in usage.fonts.items():
        user = FontUser(font, usage.codes.get(own, set()), own in usage.form_fonts)
        try:
            descriptor = user.descriptor
        except (AttributeError, IndexError, KeyError, TypeError):
            continue
        if not isinstance(descriptor, Dictionary):
            continue
        for key in PROGRAM_KEYS:
            stream = descriptor.get(key)
            if isinstance(stream, Stream):
                programs.setdefault(stream.objgen, EmbeddedProgram(stream, key)).users.append(user)
    return list(programs.values())


def embed(replacement: Replacement, users: Iterable[FontUser]) -> None:
    """Put `replacement` into the stream that all `users` share and set the entries that depend on it.

    Widths, encodings and ToUnicode stay, so that layout and text are what they were.
    """
    users = list(users)
    tag = _subset_tag(replacement.packed)
    descriptors = list(_distinct(user.descriptor for user in users))
    stream = next(descriptors[0][key] for key in PROGRAM_KEYS if key in descriptors[0])
    for key in list(stream.keys()):
        if key not in ("/Length", "/Filter", "/DecodeParms"):
            del stream[key]
    stream.write(replacement.packed, filter=Name.FlateDecode)
    if replacement.subtype:
        stream.Subtype = Name(replacement.subtype)
    else:
        stream.Length1 = replacement.length
    for descriptor in descriptors:
        for key in PROGRAM_KEYS:
            if key in descriptor:
                del descriptor[key]
        descriptor[replacement.key] = stream
        if "/CharSet" in descriptor and replacement.glyph_names:
            descriptor.CharSet = pikepdf.String("".join(f"/{name}" for name in sorted(replacement.glyph_names)))
        if isinstance(descriptor.get("/CIDSet"), Stream):
            descriptor.CIDSet.write(_bits(replacement.cids))
    if not any(user.is_form_font for user in users):
        for user in users:
            for owner in (user.font, user.inner):
                _tag_name(owner, "/BaseFont", tag)
        for descriptor in descriptors:
            _tag_name(descriptor, "/FontName", tag)


def _distinct(objects: Iterable[Object]) -> Iterator[Object]:
    seen: set[Id] = set()
    for item in objects:
        if not item.is_indirect or item.objgen not in seen:
            seen.add(item.objgen)
            yield item


def _subset_tag(packed: bytes) -> str:
    """Return six capital letters that differ for different subsets (ISO 32000-1, 9.6.4)."""
    number = int.from_bytes(blake2b(packed, digest_size=8).digest(), "big")
    letters = ""
    for _ in range(_TAG_LETTERS):
        number, letter = divmod(number, 26)
        letters += string.ascii_uppercase[letter]
    return letters


def _tag_name(owner: Object, key: str, tag: str) -> None:
    name = owner.get(key)
    if not isinstance(name, Name):
        return
    plain = str(name)[1:]
    if plain[_TAG_LETTERS : _TAG_LETTERS + 1] != "+":
        owner[key] = Name(f"/{tag}+{plain}")


def _bits(cids: tuple[int, ...]) -> bytes:
    """Return a CIDSet: one bit per CID, the highest bit first."""
    table = bytearray(max(cids, default=0) // 8 + 1)
    for cid in cids:
        table[cid // 8] |= 0x80 >> cid % 8
    return bytes(table)

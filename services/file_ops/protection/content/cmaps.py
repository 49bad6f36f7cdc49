"""Character maps of PDF fonts: which bytes are one code, which glyph it selects, which text it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Name, Stream

_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])|(-?\d+)|/([^\s<>\[\]()/%]+)|([A-Za-z]+)")
#: A map that lists more codes than this is cut: no font has more glyphs.
_MOST_CODES = 200_000


@dataclass
class CMap:
    """One character map. Codes are (number of bytes, value)."""

    #: Bytes of a code, and its smallest and largest value byte by byte.
    codespaces: list[tuple[bytes, bytes]] = field(default_factory=list)
    cids: dict[tuple[int, int], int] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    vertical: bool = False

    def code_at(self, data: bytes, position: int) -> int:
        """How many bytes the code at `position` has (ISO 32000-2, 9.7.6.3)."""
        for length in range(1, 5):
            code = data[position : position + length]
            for low, high in self.codespaces:
                if len(low) == length == len(code) and all(
                    a <= byte <= b for a, byte, b in zip(low, code, high, strict=True)
                ):
                    return length
        shortest = min((len(low) for low, _ in self.codespaces), default=1)
        return max(1, min(shortest, len(data) - position))


def read_cmap(stream: Any, depth: int = 0) -> CMap:
    """Parse an embedded map (ToUnicode or Encoding). What is malformed is left out."""
    found = CMap()
    if not isinstance(stream, Stream):
        return found
    try:
        data = stream.read_bytes()
    except pikepdf.PdfError:
        return found
    base: Any = stream.get("/UseCMap")
    if isinstance(base, Stream) and depth < 4:
        found = read_cmap(base, depth + 1)
    elif isinstance(base, Name) and (named := named_cmap(str(base)[1:])):
        found = named
    found.vertical = stream.get("/WMode") == 1
    _Parser(found).read(data)
    return found


class _Parser:
    def __init__(self, found: CMap) -> None:
        self._found = found

    def read(self, data: bytes) -> None:
        section, values = "", list[Any]()
        for match in _TOKEN.finditer(data):
            hexadecimal, opened, closed, number, name, word = match.groups()
            if word is not None:
                text = word.decode()
                if text.startswith("begin"):
                    section, values = text[5:], []
                elif text.startswith("end") and text[3:] == section:
                    self._take(section, values)
                    section, values = "", []
                elif text == "usecmap" and values and isinstance(values[-1], str):
                    named = named_cmap(values[-1])
                    self._found.codespaces += named.codespaces if named else []
            elif hexadecimal is not None:
                digits = b"".join(hexadecimal.split())
                values.append(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()))
            elif opened:
                values.append("[")
            elif closed:
                values.append("]")
            elif number is not None:
                values.append(int(number))
            elif name is not None:
                values.append(name.decode("latin-1"))

    def _take(self, section: str, values: list[Any]) -> None:
        if section == "codespacerange":
            pairs = zip(values[0::2], values[1::2], strict=False)
            self._found.codespaces += [(a, b) for a, b in pairs if isinstance(a, bytes) and isinstance(b, bytes)]
        elif section in ("bfchar", "cidchar"):
            for code, target in zip(values[0::2], values[1::2], strict=False):
                if isinstance(code, bytes):
                    self._map(code, 0, target)
        elif section in ("bfrange", "cidrange"):
            self._ranges(values)

    def _ranges(self, values: list[Any]) -> None:
        position = 0
        while position + 2 < len(values):
            low, high, target = values[position : position + 3]
            position += 3
            if not isinstance(low, bytes) or not isinstance(high, bytes):
                continue
            count = min(int.from_bytes(high, "big") - int.from_bytes(low, "big") + 1, _MOST_CODES)
            if target == "[":
                end = next((at for at in range(position, len(values)) if values[at] == "]"), len(values))
                for offset, each in enumerate(values[position:end][: max(count, 0)]):
                    self._map(_plus(low, offset), 0, each)
                position = end + 1
            else:
                for offset in range(count):
                    self._map(_plus(low, offset), offset, target)

    def _map(self, code: bytes, offset: int, target: Any) -> None:
        key = (len(code), int.from_bytes(code, "big"))
        if len(self._found.texts) + len(self._found.cids) > _MOST_CODES:
            return
        if isinstance(target, int):
            self._found.cids[key] = target + offset
        elif isinstance(target, bytes):
            self._found.texts[key] = _plus(target, offset).decode("utf-16-be", "replace")


def _plus(data: bytes, offset: int) -> bytes:
    value = int.from_bytes(data, "big") + offset
    return value.to_bytes(max(len(data), (value.bit_length() + 7) // 8), "big")


_TWO_BYTES = [(b"\x00\x00", b"\xff\xff")]
#: Codes of one byte in the mixed encodings, by a part of the map's name; what follows them has two bytes.
_ONE_BYTE_RANGES = (
    ("RKSJ", [(b"\x00", b"\x80"), (b"\xa0", b"\xdf")]),
    ("EUC", [(b"\x00", b"\x80")]),
    ("GBK", [(b"\x00", b"\x80")]),
    ("GBpc", [(b"\x00", b"\x80")]),
    ("B5pc", [(b"\x00", b"\x80")]),
    ("ETen", [(b"\x00", b"\x80")]),
    ("HKscs", [(b"\x00", b"\x80")]),
    ("KSCms", [(b"\x00", b"\x80")]),
    ("KSCpc", [(b"\x00", b"\x84")]),
)


def named_cmap(name: str) -> CMap | None:
    """The codespace of a predefined map (ISO 32000-2, table 116); its glyph numbers only for Identity."""
    found = CMap(vertical=name.endswith("-V") or name == "V")
    for part, single in _ONE_BYTE_RANGES:
        if part in name:
            found.codespaces = [*single, (b"\x81\x00", b"\xff\xff")]
            return found
    if "UTF16" in name:
        found.codespaces = [(b"\xd8\x00\xdc\x00", b"\xdb\xff\xdf\xff"), *_TWO_BYTES]
    elif "UTF32" in name:
        found.codespaces = [(b"\x00\x00\x00\x00", b"\x00\x10\xff\xff")]
    else:
        found.codespaces = list(_TWO_BYTES)
    return found

"""Reads and writes bare CFF font programs (Adobe Technical Note 5176): INDEXes, DICTs, charset, encoding, FDSelect."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from fontTools.cffLib import cffISOAdobeStrings, cffStandardStrings

from services.compression.fonts.sfnt import FontDamaged

#: Operators, two-byte ones as 1200 + second byte.
CHARSET, ENCODING, CHAR_STRINGS, PRIVATE, SUBRS = 15, 16, 17, 18, 19
CHAR_STRING_TYPE, ROS, FD_ARRAY, FD_SELECT, FONT_NAME = 1206, 1230, 1236, 1237, 1238
#: Of the Top DICT only this changes what is drawn or how glyphs are found; notices, names and ids go.
_TOP_KEPT = (5, 1201, 1202, 1203, 1204, 1205, CHAR_STRING_TYPE, 1207, 1208, 1231, 1232, 1233, 1234)
_LONG_INTEGER = 29
_STANDARD_STRINGS: tuple[str, ...] = tuple(cffStandardStrings)
#: The id of the first string that a font brings itself.
FIRST_OWN_STRING = len(_STANDARD_STRINGS)

#: A DICT: operands as they are encoded, by operator, in the order of the file.
Dict = dict[int, bytes]


@dataclass
class Private:
    """A Private DICT (hint parameters) with the subroutines that its charstrings call."""

    entries: Dict = field(default_factory=dict)
    subrs: list[bytes] = field(default_factory=list)


@dataclass
class FontDict:
    """One font of the FDArray of a CID-keyed font."""

    entries: Dict
    private: Private


@dataclass
class CffFont:
    """One font program. In a CID-keyed one (`ros` is set) `charset` holds CIDs, in others SIDs of glyph names."""

    name: bytes
    top: Dict
    strings: list[bytes]
    global_subrs: list[bytes]
    char_strings: list[bytes]
    charset: list[int]
    #: Glyphs by code of the font's own encoding; None stands for a predefined one, named by `predefined_encoding`.
    encoding: dict[int, int] | None
    predefined_encoding: int
    private: Private
    ros: tuple[bytes, bytes, int] | None = None
    fonts: list[FontDict] = field(default_factory=list)
    fd_select: list[int] = field(default_factory=list)

    def glyph_name(self, glyph: int) -> str:
        """Return the name of a glyph of a font that is not CID-keyed."""
        return string_of(self.charset[glyph], self.strings) if glyph else ".notdef"


def string_of(sid: int, strings: Sequence[bytes]) -> str:
    """Return the string of a string id. Raises FontDamaged when there is none."""
    if sid < FIRST_OWN_STRING:
        return _STANDARD_STRINGS[sid]
    if sid - FIRST_OWN_STRING >= len(strings):
        raise FontDamaged("string id without a string")
    return strings[sid - FIRST_OWN_STRING].decode("latin-1")


def read_cff(data: bytes) -> CffFont:
    """Return the first font of a CFF program. Raises FontDamaged."""
    try:
        return _read(data)
    except (struct.error, IndexError) as error:
        raise FontDamaged("CFF cut short") from error


def _read(data: bytes) -> CffFont:
    if data[0] != 1:
        raise FontDamaged("not CFF version 1")
    names, at = _read_index(data, data[2])
    tops, at = _read_index(data, at)
    strings, at = _read_index(data, at)
    global_subrs, _ = _read_index(data, at)
    top = _read_dict(tops[0])
    if _integers(top.get(CHAR_STRING_TYPE, b"\x8d")) != [2]:
        raise FontDamaged("charstrings are not Type 2")
    if CHAR_STRINGS not in top:
        raise FontDamaged("no charstrings")
    char_strings, _ = _read_index(data, _offset(top[CHAR_STRINGS]))
    count = len(char_strings)
    font = CffFont(
        name=names[0],
        top={operator: top[operator] for operator in _TOP_KEPT if operator in top},
        strings=strings,
        global_subrs=global_subrs,
        char_strings=char_strings,
        charset=[],
        encoding=None,
        predefined_encoding=0,
        private=_read_private(data, top),
    )
    font.charset = _read_charset(data, _offset(top.get(CHARSET, b"\x8b")), count)
    if ROS in top:
        registry, ordering, supplement = _integers(top[ROS])
        font.ros = (
            string_of(registry, strings).encode("latin-1"),
            string_of(ordering, strings).encode("latin-1"),
            supplement,
        )
        for entry in _read_index(data, _offset(top[FD_ARRAY]))[0]:
            entries = _read_dict(entry)
            private = _read_private(data, entries)
            font.fonts.append(FontDict({key: entries[key] for key in (1207,) if key in entries}, private))
        font.fd_select = _read_fd_select(data, _offset(top[FD_SELECT]), count)
        if max(font.fd_select) >= len(font.fonts):
            raise FontDamaged("FDSelect beyond the FDArray")
    else:
        offset = _offset(top.get(ENCODING, b"\x8b"))
        font.predefined_encoding = offset
        if offset > 1:
            font.encoding = _read_encoding(data, offset, font)
    return font


def _read_index(data: bytes, at: int) -> tuple[list[bytes], int]:
    count = struct.unpack_from(">H", data, at)[0]
    if count == 0:
        return [], at + 2
    width = data[at + 2]
    if not 1 <= width <= 4:
        raise FontDamaged("INDEX with a wrong offset size")
    table = data[at + 3 : at + 3 + width * (count + 1)]
    if len(table) < width * (count + 1):
        raise FontDamaged("INDEX cut short")
    offsets = [int.from_bytes(table[k : k + width], "big") for k in range(0, len(table), width)]
    base = at + 2 + len(table)
    items = [data[base + first : base + last] for first, last in pairwise(offsets)]
    return items, base + offsets[-1]


def _read_dict(data: bytes) -> Dict:
    entries: Dict = {}
    at = start = 0
    while at < len(data):
        byte = data[at]
        if byte <= 21:
            length = 2 if byte == 12 else 1
            operator = 1200 + data[at + 1] if byte == 12 else byte
            entries[operator] = data[start:at]
            at += length
            start = at
        elif byte == 30:
            at += 1
            while data[at] & 0x0F != 0x0F and data[at] >> 4 != 0x0F:
                at += 1
            at += 1
        else:
            at += 3 if byte == 28 else 5 if byte == _LONG_INTEGER else 2 if 247 <= byte <= 254 else 1
    return entries


def _integers(operands: bytes) -> list[int]:
    values, at = [], 0
    while at < len(operands):
        byte = operands[at]
        if byte == 28:
            values.append(int.from_bytes(operands[at + 1 : at + 3], "big", signed=True))
            at += 3
        elif byte == _LONG_INTEGER:
            values.append(int.from_bytes(operands[at + 1 : at + 5], "big", signed=True))
            at += 5
        elif 32 <= byte <= 246:
            values.append(byte - 139)
            at += 1
        elif 247 <= byte <= 254:
            high = byte - 247 if byte <= 250 else byte - 251
            values.append((high * 256 + operands[at + 1] + 108) * (1 if byte <= 250 else -1))
            at += 2
        else:
            raise FontDamaged("a real number where an integer must be")
    return values


def _offset(operands: bytes) -> int:
    values = _integers(operands)
    if len(values) != 1 or values[0] < 0:
        raise FontDamaged("not an offset")
    return values[0]


def _read_private(data: bytes, owner: Dict) -> Private:
    if PRIVATE not in owner:
        return Private()
    size, offset = _integers(owner[PRIVATE])
    entries = _read_dict(data[offset : offset + size])
    subrs = _read_index(data, offset + _offset(entries.pop(SUBRS)))[0] if SUBRS in entries else []
    return Private(entries, subrs)


def _read_charset(data: bytes, offset: int, count: int) -> list[int]:
    if offset == 0:
        if count > len(cffISOAdobeStrings):
            raise FontDamaged("more glyphs than the predefined charset has")
        return list(range(count))
    if offset <= 2:
        raise FontDamaged("an expert charset")
    ids, form, at = [0], data[offset], offset + 1
    if form == 0:
        return [0, *struct.unpack_from(f">{count - 1}H", data, at)]
    layout = {1: ">HB", 2: ">HH"}.get(form)
    if layout is None:
        raise FontDamaged(f"charset format {form}")
    while len(ids) < count:
        first, left = struct.unpack_from(layout, data, at)
        ids.extend(range(first, first + left + 1))
        at += struct.calcsize(layout)
    return ids[:count]


def _read_fd_select(data: bytes, offset: int, count: int) -> list[int]:
    if data[offset] == 0:
        return list(data[offset + 1 : offset + 1 + count])
    if data[offset] != 3:
        raise FontDamaged(f"FDSelect format {data[offset]}")
    ranges = struct.unpack_from(">H", data, offset + 1)[0]
    selected: list[int] = []
    for number in range(ranges):
        first, font, after = struct.unpack_from(">HBH", data, offset + 3 + 3 * number)
        selected.extend([font] * (after - first))
    if len(selected) < count:
        raise FontDamaged("FDSelect cut short")
    return selected[:count]


def _read_encoding(data: bytes, offset: int, font: CffFont) -> dict[int, int]:
    form, entries, at = data[offset], data[offset + 1], offset + 2
    codes: dict[int, int] = {}
    glyph = 1
    for _ in range(entries):
        first, left = (data[at], 0) if form & 0x7F == 0 else (data[at], data[at + 1])
        at += 1 if form & 0x7F == 0 else 2
        for code in range(first, first + left + 1):
            codes[code] = glyph
            glyph += 1
    if form & 0x80:
        for number in range(data[at]):
            code, sid = struct.unpack_from(">BH", data, at + 1 + 3 * number)
            if sid in font.charset:
                codes[code] = font.charset.index(sid)
    return {code: glyph for code, glyph in codes.items() if glyph < len(font.char_strings)}


class _Strings:
    """Hands out string ids, standard ones where the string is standard."""

    def __init__(self) -> None:
        self.own: list[bytes] = []
        self._ids = {text: sid for sid, text in enumerate(_STANDARD_STRINGS)}

    def sid(self, text: str) -> int:
        if text not in self._ids:
            self._ids[text] = FIRST_OWN_STRING + len(self.own)
            self.own.append(text.encode("latin-1"))
        return self._ids[text]


def write_cff(font: CffFont) -> bytes:
    """Return `font` as a CFF program; all offsets take five bytes, so that sizes are known before places."""
    strings = _Strings()
    if font.ros:
        ids = font.charset
    else:
        ids = [0] + [strings.sid(font.glyph_name(glyph)) for glyph in range(1, len(font.charset))]
    head: Dict = {}
    if font.ros:
        registry, ordering, supplement = font.ros
        sids = [strings.sid(text.decode("latin-1")) for text in (registry, ordering)]
        head[ROS] = b"".join(map(encode_integer, (*sids, supplement)))
    head.update(font.top)
    charset, encoding = _charset_bytes(ids), _encoding_bytes(font, ids)
    char_strings = _index(font.char_strings)
    fd_select = _fd_select_bytes(font.fd_select) if font.ros else b""

    def top(*offsets: int) -> bytes:
        charset_at, encoding_at, select_at, strings_at, private_at, array_at = map(_long, offsets)
        entries = {**head, CHARSET: charset_at, CHAR_STRINGS: strings_at}
        if font.ros:
            entries |= {FD_SELECT: select_at, FD_ARRAY: array_at}
        else:
            size = _long(len(_dict_bytes(_private_entries(font.private))))
            entries |= {ENCODING: encoding_at, PRIVATE: size + private_at}
        return _index([_dict_bytes(entries)])

    start = b"\1\0\4\4" + _index([font.name])
    fixed = _index(strings.own) + _index(font.global_subrs)
    charset_at = len(start) + len(top(*[0] * 6)) + len(fixed)
    encoding_at = charset_at + len(charset)
    select_at = encoding_at + len(encoding)
    strings_at = select_at + len(fd_select)
    private_at = strings_at + len(char_strings)
    tail, array_at = b"", 0
    if font.ros:
        tail, array_at = _font_dicts_bytes(font.fonts, private_at)
    else:
        tail = _private_bytes(font.private)
    encoding_offset = encoding_at if encoding else font.predefined_encoding
    places = (charset_at, encoding_offset, select_at, strings_at, private_at, array_at)
    return start + top(*places) + fixed + charset + encoding + fd_select + char_strings + tail


def _font_dicts_bytes(fonts: list[FontDict], at: int) -> tuple[bytes, int]:
    """Return the Private DICTs and the FDArray that follow at offset `at`, and the offset of the FDArray."""
    privates, dicts = b"", []
    for entry in fonts:
        size = len(_dict_bytes(_private_entries(entry.private)))
        dicts.append(_dict_bytes({**entry.entries, PRIVATE: _long(size) + _long(at + len(privates))}))
        privates += _private_bytes(entry.private)
    return privates + _index(dicts), at + len(privates)


def _private_entries(private: Private) -> Dict:
    if not private.subrs:
        return private.entries
    size = len(_dict_bytes({**private.entries, SUBRS: _long(0)}))
    return {**private.entries, SUBRS: _long(size)}


def _private_bytes(private: Private) -> bytes:
    return _dict_bytes(_private_entries(private)) + (_index(private.subrs) if private.subrs else b"")


def _charset_bytes(ids: list[int]) -> bytes:
    """Return the shorter of charset formats 0 (all ids) and 2 (ranges)."""
    ranges: list[tuple[int, int]] = []
    for sid in ids[1:]:
        if ranges and sum(ranges[-1]) + 1 == sid:
            ranges[-1] = (ranges[-1][0], ranges[-1][1] + 1)
        else:
            ranges.append((sid, 0))
    if 4 * len(ranges) < 2 * (len(ids) - 1):
        return b"\2" + b"".join(struct.pack(">HH", *entry) for entry in ranges)
    return b"\0" + struct.pack(f">{len(ids) - 1}H", *ids[1:])


def _encoding_bytes(font: CffFont, ids: list[int]) -> bytes:
    """Return format 0 for the first glyphs that have a code, and all further codes as supplements."""
    if font.encoding is None:
        return b""
    first_codes: dict[int, int] = {}
    for code, glyph in sorted(font.encoding.items()):
        first_codes.setdefault(glyph, code)
    listed: list[int] = []
    while len(listed) + 1 in first_codes:
        listed.append(first_codes[len(listed) + 1])
    extra = [
        (code, ids[glyph])
        for code, glyph in sorted(font.encoding.items())
        if glyph and not (glyph <= len(listed) and listed[glyph - 1] == code)
    ]
    supplements = bytes((len(extra),)) + b"".join(struct.pack(">BH", *entry) for entry in extra) if extra else b""
    return bytes((0x80 if extra else 0, len(listed))) + bytes(listed) + supplements


def _fd_select_bytes(selected: list[int]) -> bytes:
    starts = [n for n, font in enumerate(selected) if n == 0 or font != selected[n - 1]]
    ranges = b"".join(struct.pack(">HB", n, selected[n]) for n in starts)
    return b"\3" + struct.pack(">H", len(starts)) + ranges + struct.pack(">H", len(selected))


def _dict_bytes(entries: Dict) -> bytes:
    return b"".join(
        operands + (bytes((12, operator - 1200)) if operator >= 1200 else bytes((operator,)))
        for operator, operands in entries.items()
    )


def _index(items: Iterable[bytes]) -> bytes:
    items = list(items)
    if not items:
        return b"\0\0"
    offsets, end = [1], 1
    for item in items:
        end += len(item)
        offsets.append(end)
    width = (end.bit_length() + 7) // 8
    table = b"".join(offset.to_bytes(width, "big") for offset in offsets)
    return struct.pack(">HB", len(items), width) + table + b"".join(items)


def _long(value: int) -> bytes:
    return struct.pack(">Bi", _LONG_INTEGER, value)


def encode_number(value: float) -> bytes:
    """Return a number as an operand of a DICT: an integer where it is one, else a real."""
    if value == int(value):
        return encode_integer(int(value))
    text = f"{value:.8g}".replace("e-", "c").replace("e", "b")
    nibbles = "".join({".": "a", "-": "e"}.get(letter, letter) for letter in text) + "f"
    return b"\x1e" + bytes.fromhex(nibbles + "f" * (len(nibbles) % 2))


def encode_integer(value: int) -> bytes:
    """Return an integer operand of a DICT in its shortest form."""
    if -107 <= value <= 107:
        return bytes((value + 139,))
    if 108 <= value <= 1131:
        return struct.pack(">H", value - 108 + (247 << 8))
    if -1131 <= value <= -108:
        return struct.pack(">H", -value - 108 + (251 << 8))
    return struct.pack(">Bh", 28, value) if -32768 <= value <= 32767 else _long(value)

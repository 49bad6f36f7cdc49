"""Reads Type 1 font programs (Adobe Type 1 Font Format 1.1): decrypts them and finds charstrings and hint values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np

from services.compression.fonts.sfnt import FontDamaged

Key = TypeVar("Key", int, str)

_EEXEC_KEY = 55665
_CHAR_STRING_KEY = 4330
_MULTIPLIER, _ADDEND = 52845, 22719
_HEX = re.compile(rb"[0-9A-Fa-f\s]*")
_SUBR = re.compile(rb"\bdup\s+(\d+)\s+(\d+)\s+(?:RD|-\||\S+) ")
_CHAR_STRING = re.compile(rb"/([^\s/{}\[\]()<>%]+)\s+(\d+)\s+(?:RD|-\||\S+) ")
_ENCODING_ENTRY = re.compile(rb"\bdup\s+(8#[0-7]+|\d+)\s*/([^\s/{}\[\]()<>%]+)\s+put\b")
_NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_ARRAY_KEYS = (
    "BlueValues",
    "OtherBlues",
    "FamilyBlues",
    "FamilyOtherBlues",
    "StdHW",
    "StdVW",
    "StemSnapH",
    "StemSnapV",
)
_NUMBER_KEYS = ("BlueScale", "BlueShift", "BlueFuzz", "LanguageGroup", "ExpansionFactor")


class CharStrings(Mapping[Key, bytes]):
    """Charstrings by name or number, decrypted when they are asked for: of most fonts few are."""

    def __init__(self, encrypted: dict[Key, bytes], skip: int) -> None:
        self._encrypted: dict[Key, bytes] = encrypted
        self._skip = skip
        self._decrypted: dict[Key, bytes] = {}

    def __getitem__(self, key: Key) -> bytes:
        if key not in self._decrypted:
            code = self._encrypted[key]
            # lenIV -1 stands for charstrings that are not encrypted.
            self._decrypted[key] = code if self._skip < 0 else _decrypt(code, _CHAR_STRING_KEY)[self._skip :]
        return self._decrypted[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._encrypted)

    def __len__(self) -> int:
        return len(self._encrypted)


@dataclass
class Type1Font:
    """One Type 1 font."""

    name: str
    matrix: list[float]
    bounding_box: list[float]
    #: Names by code; None stands for StandardEncoding.
    encoding: dict[int, str] | None
    subrs: CharStrings[int]
    char_strings: CharStrings[str]
    #: Hint parameters of the Private dictionary by their key; single numbers are lists of one.
    hints: dict[str, list[float]]


def read_type1(data: bytes) -> Type1Font:
    """Return the font. Raises FontDamaged when it is damaged, stroked, or a multiple master."""
    data = _without_pfb_headers(data)
    clear, mark, rest = data.partition(b"eexec")
    if not mark:
        raise FontDamaged("no eexec part")
    if re.search(rb"/WeightVector|/BlendDesignMap", clear):
        raise FontDamaged("multiple master")
    paint = re.search(rb"/PaintType\s+(\d+)", clear)
    if paint and int(paint[1]) != 0:
        raise FontDamaged("stroked font")
    private = _decrypted(rest)
    skipped = re.search(rb"/lenIV\s+(-?\d+)", private)
    skip = int(skipped[1]) if skipped else 4
    split = private.find(b"/CharStrings")
    if split < 0 or private.find(b"/CharStrings", split + 1) >= 0:
        raise FontDamaged("no CharStrings, or two")
    subrs: dict[int, bytes] = {}
    subrs_at = private.find(b"/Subrs", 0, split)
    for number, code in _entries(_SUBR, private[subrs_at:split]) if subrs_at >= 0 else ():
        subrs.setdefault(int(number), code)
    char_strings: dict[str, bytes] = {}
    for key, code in _entries(_CHAR_STRING, private[split + len(b"/CharStrings") :]):
        char_strings.setdefault(key.decode("latin-1"), code)
    if ".notdef" not in char_strings or len(char_strings) > 0xFFFF:
        raise FontDamaged("no .notdef")
    name = re.search(rb"/FontName\s*/([^\s/{}\[\]()<>%]+)", clear)
    return Type1Font(
        name=name[1].decode("latin-1") if name else "Font",
        matrix=_array(clear, "FontMatrix") or [0.001, 0, 0, 0.001, 0, 0],
        bounding_box=_array(clear, "FontBBox"),
        encoding=_encoding(clear),
        subrs=CharStrings(subrs, skip),
        char_strings=CharStrings(char_strings, skip),
        hints=_hints(private[:split]),
    )


def _without_pfb_headers(data: bytes) -> bytes:
    """Return the segments of a PFB file joined; other data as it is."""
    parts, at = [], 0
    while data[at : at + 1] == b"\x80" and data[at + 1 : at + 2] in (b"\1", b"\2"):
        length = int.from_bytes(data[at + 2 : at + 6], "little")
        parts.append(data[at + 6 : at + 6 + length])
        at += 6 + length
    return b"".join(parts) if parts else data


def _decrypted(rest: bytes) -> bytes:
    rest = rest.lstrip(b" \t\r\n") if rest[:1] in b" \t\r\n" else rest
    digits = _HEX.match(rest)
    if digits and digits.end() >= 8:
        text = b"".join(digits[0].split())
        rest = bytes.fromhex(text[: len(text) // 2 * 2].decode("ascii"))
    private = _decrypt(rest, _EEXEC_KEY)[4:]
    if b"/CharStrings" not in private:
        raise FontDamaged("the encrypted part holds no charstrings")
    return private


def _decrypt(cipher: bytes, key: int) -> bytes:
    """Return the plain bytes of Type 1 encryption.

    The key after n bytes is a linear recurrence modulo 2^16. Divided by the multiplier's n-th power it is a running
    sum, so that all keys come from one cumulative sum instead of a loop over the bytes.
    """
    values = np.frombuffer(cipher, np.uint8)
    powers, inverses = _powers(_power_of_two_above(len(values)))
    terms = (values.astype(np.uint16) * np.uint16(_MULTIPLIER) + np.uint16(_ADDEND)) * inverses[1 : len(values) + 1]
    sums = np.cumsum(terms, dtype=np.uint16)
    keys = np.empty(len(values), np.uint16)
    keys[:1] = key
    keys[1:] = powers[1 : len(values)] * (sums[:-1] + np.uint16(key))
    return (values ^ (keys >> 8).astype(np.uint8)).tobytes()


def _power_of_two_above(count: int) -> int:
    return 1 << (count + 1).bit_length()


@lru_cache(maxsize=4)
def _powers(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the powers of the multiplier and of its inverse modulo 2^16, from 0 to `count` - 1."""
    ones = np.ones(count, np.uint16)
    series = []
    for factor in (_MULTIPLIER, pow(_MULTIPLIER, -1, 1 << 16)):
        factors = ones * np.uint16(factor)
        factors[0] = 1
        series.append(np.cumprod(factors, dtype=np.uint16))
    return series[0], series[1]


def _entries(pattern: re.Pattern[bytes], part: bytes) -> list[tuple[bytes, bytes]]:
    """Return the encrypted charstrings of a part, each named by the first group of `pattern`, sized by the second."""
    found, at = [], 0
    while match := pattern.search(part, at):
        at = match.end() + int(match[2])
        found.append((match[1], part[match.end() : at]))
    return found


def _array(part: bytes, key: str) -> list[float]:
    match = re.search(rb"/%s\s*[\[{]([^\]}]*)[\]}]" % key.encode(), part)
    return [float(number) for number in _NUMBER.findall(match[1])] if match else []


def _encoding(clear: bytes) -> dict[int, str] | None:
    start = clear.find(b"/Encoding")
    if start < 0 or re.match(rb"/Encoding\s+StandardEncoding\b", clear[start:]):
        return None
    codes: dict[int, str] = {}
    for match in _ENCODING_ENTRY.finditer(clear, start):
        code = int(match[1][2:], 8) if match[1].startswith(b"8#") else int(match[1])
        if code < 256:
            codes[code] = match[2].decode("latin-1")
    return codes


def _hints(private: bytes) -> dict[str, list[float]]:
    hints = {key: values for key in _ARRAY_KEYS if (values := _array(private, key))}
    for key in _NUMBER_KEYS:
        match = re.search(rb"/%s\s+(%s)" % (key.encode(), _NUMBER.pattern), private)
        if match:
            hints[key] = [float(match[1])]
    if re.search(rb"/ForceBold\s+true", private):
        hints["ForceBold"] = [1.0]
    return hints

"""What the labels on invoices and receipts stand for, in many languages: the table is labels.toml."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from shared.pdf.words import Word

_TABLE: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("labels.toml").read_text("utf-8"))
#: Letters that Unicode does not take apart into a plain one and an accent.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "\u0131": "i", "ð": "d", "þ": "th"})
#: A label has no more words; one that OCR cut into pieces a few more.
_MAX_LABEL_WORDS = 8
_MAX_LABEL_CHARACTERS = 60
_MAX_JOINT = 3
_COLONS = (":", "\uff1a")
#: Labels that are common words as well: `An der Alster 1`, `De Boer`.
_COMMON_WORDS = frozenset(["de", "von", "an", "to", "aan", "le", "from", "vs", "due", "via", "order", "data", "name"])
#: Beyond this a text is prose and no label.
_MAX_TRAITS_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Label:
    """Words that are the label of a field, or of one of several."""

    fields: frozenset[str]
    #: How many words it has.
    count: int
    #: Letters and digits without spaces.
    key: str


def plain(text: str) -> str:
    """Small letters and digits without accents; everything else becomes one space."""
    text = text.replace("#", " no ").replace("№", " no ")
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in text if not unicodedata.combining(letter) and letter not in "°º")
        text = text.casefold().translate(_PLAIN)
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


@lru_cache(maxsize=8192)
def _key(text: str) -> str:
    return plain(text).replace(" ", "")


def label_at(words: Sequence[Word], index: int, table: str = "fields") -> Label | None:
    """The longest label of a table that begins with a word. Words need not be parted as in the table."""
    fields = _fields(table)
    found: Label | None = None
    key = raw = ""
    for count in range(1, min(_MAX_LABEL_WORDS, len(words) - index) + 1):
        text = words[index + count - 1].text
        key += _key(text[:_MAX_LABEL_CHARACTERS])
        raw += text[:_MAX_LABEL_CHARACTERS]
        if not key or len(key) > _MAX_LABEL_CHARACTERS:
            break
        known = fields.get(key) or (_joint(raw, fields) if "/" in raw else None)
        if known and not (key in _COMMON_WORDS and not _stands_alone(words, index, count)):
            found = Label(known, count, key)
        if text.endswith(_COLONS):
            break
    return found


def _joint(raw: str, fields: dict[str, frozenset[str]]) -> frozenset[str] | None:
    """The fields of several labels that share a value: `Invoice date/Delivery date`."""
    known = [fields.get(_key(part)) for part in raw.split("/")]
    if len(known) > _MAX_JOINT or not all(known):
        return None
    return frozenset(name for names in known if names for name in names)


def _stands_alone(words: Sequence[Word], index: int, count: int) -> bool:
    """Whether words are all there is, or a colon follows them."""
    rest = words[index + count :]
    return words[index + count - 1].text.endswith(_COLONS) or not rest or rest[0].text in _COLONS


@lru_cache(maxsize=4096)
def traits(text: str, table: str) -> frozenset[str]:
    """Which entries of a table (`amounts`, `columns`, `receipts`) have a phrase in a text."""
    if len(text) > _MAX_TRAITS_CHARACTERS:
        return frozenset()
    padded = f" {plain(text)} "
    return frozenset(name for name, pattern in _patterns(table).items() if pattern.search(padded))


@lru_cache(maxsize=4096)
def whole_traits(text: str, table: str) -> frozenset[str]:
    """Which entries of a table have a text as a phrase, from its beginning to its end."""
    if len(text) > _MAX_TRAITS_CHARACTERS:
        return frozenset()
    padded = f" {plain(text)} "
    return frozenset(name for name, pattern in _patterns(table).items() if pattern.fullmatch(padded))


@cache
def _fields(table: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, phrases in _TABLE[table].items():
        for phrase in phrases:
            found.setdefault(_key(phrase), set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}


@cache
def _patterns(table: str) -> dict[str, re.Pattern[str]]:
    """One pattern per entry over plain text with a space at both ends."""
    return {name: _pattern(phrases) for name, phrases in _TABLE[table].items()}


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    parts = []
    for phrase in sorted(set(phrases), key=len, reverse=True):
        inner = r"[^ ]*".join(re.escape(plain(part)) for part in phrase.strip("*").split("*"))
        before = r"[^ ]*" if phrase.startswith("*") else ""
        after = r"[^ ]*" if phrase.endswith("*") else ""
        parts.append(f"{before}{inner}{after}")
    return re.compile(f" (?:{'|'.join(parts)}) ")

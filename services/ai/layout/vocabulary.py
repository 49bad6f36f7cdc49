"""Phrases of many languages and what they mean, sought in the words of a row."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from shared.pdf.words import Word

#: Chinese and Japanese are written without spaces, and headings with a space behind each character: each is a part.
_PARTS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
#: Letters that have no accent to take off but are printed without it elsewhere.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ß": "ss"}
)
#: Longer phrases are no labels.
_MAX_TOKENS = 12


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase in a sequence of words, and what it may mean."""

    meanings: frozenset[str]
    #: Of the first word and behind the last one.
    first: int
    end: int
    text: str


class Vocabulary:
    """Phrases by their meaning. Capitals, accents and punctuation make no difference."""

    def __init__(self, meanings: Mapping[str, Sequence[str]]) -> None:
        self._phrases: dict[str, dict[tuple[str, ...], set[str]]] = {}
        for meaning, phrases in meanings.items():
            for phrase in phrases:
                tokens = tuple(tokens_of(phrase))[:_MAX_TOKENS]
                self._phrases.setdefault(tokens[0], {}).setdefault(tokens, set()).add(meaning)

    def matches(self, words: Sequence[Word]) -> list[Match]:
        """The longest phrases from left to right, none over another."""
        tokens = [(token, index) for index, word in enumerate(words) for token in tokens_of(word.text)]
        found = []
        at = 0
        while at < len(tokens):
            phrase = self._longest([token for token, _ in tokens[at : at + _MAX_TOKENS]])
            if phrase is None:
                at += 1
                continue
            first, last = tokens[at][1], tokens[at + len(phrase) - 1][1]
            meanings = frozenset(self._phrases[phrase[0]][phrase])
            found.append(Match(meanings, first, last + 1, " ".join(phrase)))
            at += len(phrase)
        return found

    def meanings_of(self, text: str) -> frozenset[str]:
        """What a whole text means; nothing where a part of it is no phrase."""
        tokens = tuple(tokens_of(text))
        if not tokens:
            return frozenset()
        return frozenset(self._phrases.get(tokens[0], {}).get(tokens, ()))

    def _longest(self, tokens: list[str]) -> tuple[str, ...] | None:
        candidates = self._phrases.get(tokens[0])
        if not candidates:
            return None
        for length in range(len(tokens), 0, -1):
            if tuple(tokens[:length]) in candidates:
                return tuple(tokens[:length])
        return None


@cache
def vocabulary_in(path: Path, *tables: str) -> Vocabulary:
    """The phrases of tables in a TOML file."""
    content = tomllib.loads(path.read_text("utf-8"))
    meanings: dict[str, list[str]] = {}
    for table in tables:
        for meaning, phrases in content[table].items():
            meanings.setdefault(meaning, []).extend(phrases)
    return Vocabulary(meanings)


@lru_cache(maxsize=50_000)
def tokens_of(text: str) -> tuple[str, ...]:
    """Letters and digits of a text in lower case without accents, parted by anything else."""
    if not text.isascii():
        split = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
        text = "".join(letter for letter in split if not unicodedata.combining(letter))
    return tuple(_PARTS.findall(text.lower()))

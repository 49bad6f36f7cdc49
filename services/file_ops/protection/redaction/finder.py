"""Searches texts for terms, regular expressions and kinds of data, within a limit of time.

Python's `re` backtracks, so that a pattern can take exponential time. It looks for signals while it matches: a timer
ends a search that takes too long, and the job with a typed error. Terms and kinds of data cannot backtrack far.
"""

from __future__ import annotations

import re
import signal
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from services.file_ops.contracts.protection import RedactOptions
from services.file_ops.protection.redaction import kinds
from services.file_ops.protection.redaction.page_text import Char
from shared.errors import FileProcessingError

#: All searching in one text together may take so long; ordinary pages take milliseconds.
_SEARCH_S = 20.0
#: Terms of at least so many letters are also found, as whole words, where spaces stand between their letters.
_SPACED_LETTERS = 5
_HYPHENS = "-\u00ad\u2010"
_HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f\s]{6,})>")
_BROKEN_WORD = re.compile(rf"[{_HYPHENS}]\s*[\r\n]\s*")


class PatternTooSlow(FileProcessingError):
    """A regular expression took too long on a page of the document."""

    code = "pattern_too_slow"
    remedy = "Simplify the pattern: avoid repetitions inside of repetitions, as in (a+)+."


@dataclass(frozen=True)
class Match:
    """One finding: what was searched for ("term 1", "pattern 2", "iban") and the characters by index."""

    label: str
    indexes: tuple[int, ...]


@dataclass(frozen=True)
class _Reading:
    """A normal form of a text, and of each of its characters the index in the text."""

    text: str
    indexes: list[int]


class Finder:
    """Everything that is searched for."""

    def __init__(self, options: RedactOptions) -> None:
        case: Any = 0 if options.match_case else re.IGNORECASE
        terms = [unicodedata.normalize("NFKC", term) for term in options.wanted_terms]
        self._terms = [
            (f"term {n}", re.compile(_whole(r"\s".join(map(re.escape, term.split())), options.whole_words), case))
            for n, term in enumerate(terms, start=1)
        ]
        self._spaced = [
            (f"term {n}", re.compile(_whole(r"\s?".join(map(re.escape, compact)), True), case))
            for n, term in enumerate(terms, start=1)
            if len(compact := "".join(term.split())) >= _SPACED_LETTERS and not options.whole_words
        ]
        self._patterns = [
            (f"pattern {n}", re.compile(pattern, case | re.MULTILINE))
            for n, pattern in enumerate(options.patterns, start=1)
        ]
        self._kinds = list(dict.fromkeys(options.kinds))
        self.labels = [label for label, _ in (*self._terms, *self._patterns)] + [kind.value for kind in self._kinds]

    def __bool__(self) -> bool:
        return bool(self.labels)

    def find(self, chars: list[Char]) -> list[Match]:
        """Everything that is found in a page's characters. Spaces and line ends count as one space.

        Raises:
            PatternTooSlow: the search took more than 20 s.
        """
        found: dict[tuple[str, tuple[int, ...]], Match] = {}
        if not self.holds("".join(char.text for char in chars)):
            return []
        with _limited(_SEARCH_S):
            for label, start, end, reading in self._spans([char.text for char in chars]):
                indexes = tuple(dict.fromkeys(reading.indexes[start:end]))
                found.setdefault((label, indexes), Match(label, indexes))
        return list(found.values())

    def holds(self, text: str) -> bool:
        """Whether a text holds anything that is searched for."""
        normal = text if text.isascii() else unicodedata.normalize("NFKC", text)
        joined = _BROKEN_WORD.sub("", normal)
        plain = {" ".join(form.split()) for form in (normal, joined)}
        with _limited(_SEARCH_S):
            return (
                any(
                    pattern.search(form)
                    for form in plain
                    for _, pattern in (*self._terms, *self._spaced, *self._patterns)
                )
                or any(pattern.search(normal) for _, pattern in self._patterns)
                or any(True for form in plain for kind in self._kinds for _ in kinds.spans(kind, form))
            )

    def spells_term(self, data: bytes) -> bool:
        """Whether bytes spell a term in one of the encodings of strings, or in hexadecimal digits."""
        texts = [data.decode("latin-1")]
        if b"\0" in data:
            texts += [data.decode("utf-16-be", "replace"), data[1:].decode("utf-16-be", "replace")]
        for digits in _HEXADECIMAL.findall(data):
            spelled = bytes.fromhex(b"".join(digits.split()).decode()[: len(b"".join(digits.split())) // 2 * 2])
            texts.append(spelled.decode("utf-16-be" if b"\0" in spelled else "latin-1", "replace"))
        return any(pattern.search(text) for text in texts for _, pattern in self._terms)

    def without(self, text: str, replacement: str) -> str:
        """The text with everything found replaced."""
        if not self.holds(text):
            return text
        taken = {index for match in self.find([Char(character) for character in text]) for index in match.indexes}
        kept = []
        for index, character in enumerate(text):
            if index not in taken:
                kept.append(character)
            elif index - 1 not in taken:
                kept.append(replacement)
        return "".join(kept)

    def _spans(self, texts: list[str]) -> Iterator[tuple[str, int, int, _Reading]]:
        plain, joined = _reading(texts), _reading(texts, joins_words=True)
        readings = [plain] if plain.text == joined.text else [plain, joined]
        for reading in readings:
            for kind in self._kinds:
                for start, end in kinds.spans(kind, reading.text):
                    yield kind.value, start, end, reading
            for label, pattern in (*self._terms, *self._spaced, *self._patterns):
                yield from _matches(label, pattern, reading)
        if self._patterns and any("\n" in text for text in texts):
            lines = _reading(texts, keeps_lines=True)
            for label, pattern in self._patterns:
                yield from _matches(label, pattern, lines)


def _whole(pattern: str, whole_words: bool) -> str:
    return rf"(?<!\w){pattern}(?!\w)" if whole_words else pattern


def _matches(label: str, pattern: re.Pattern[str], reading: _Reading) -> Iterator[tuple[str, int, int, _Reading]]:
    for match in pattern.finditer(reading.text):
        if match.end() > match.start():
            yield label, match.start(), match.end(), reading


def _reading(texts: list[str], *, joins_words: bool = False, keeps_lines: bool = False) -> _Reading:
    """The texts in Unicode's compatibility form with each run of white space as one space.

    `joins_words`: a hyphen at the end of a line is taken out with the line end.
    """
    written: list[str] = []
    indexes: list[int] = []
    for index, text in enumerate(texts):
        for character in text if text.isascii() else unicodedata.normalize("NFKC", text):
            if not character.isspace():
                written.append(character)
            elif joins_words and written and written[-1] in _HYPHENS and "\n" in text.replace("\r", "\n"):
                written.pop()
                indexes.pop()
                continue
            elif keeps_lines and character in "\r\n":
                written.append("\n")
            elif written and written[-1].isspace():
                continue
            else:
                written.append(" ")
            indexes.append(index)
    return _Reading("".join(written), indexes)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise PatternTooSlow when the block takes longer. Engines run in the main thread of their own process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise PatternTooSlow()

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

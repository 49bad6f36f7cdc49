"""What the labels of statements mean: balances, totals, titles, names of fields."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from services.ai.layout.rows import TextRow
from services.ai.layout.vocabulary import Vocabulary, tokens_of, vocabulary_in
from shared.pdf.words import Word

_LABELS = Path(__file__).with_name("labels.toml")
#: Words that stand between a label and its figure or date.
_FILLERS = frozenset(
    token for word in tomllib.loads(_LABELS.read_text("utf-8"))["words"]["fillers"] for token in tokens_of(word)
)


#: Words of titles that tell nothing.
_IN_TITLES = {"continued", "and", "und", "et", "y", "other"}


@cache
def lines_vocabulary() -> Vocabulary:
    """Labels of balances and totals."""
    return vocabulary_in(_LABELS, "balances", "totals")


@cache
def sections_vocabulary() -> Vocabulary:
    """Titles over a part of the movements."""
    return vocabulary_in(_LABELS, "sections", "totals")


@cache
def fields_vocabulary() -> Vocabulary:
    """Names of fields beside or over their values."""
    return vocabulary_in(_LABELS, "fields", "balances", "totals")


@cache
def words_vocabulary() -> Vocabulary:
    """Single words of periods and of the edges of pages."""
    return vocabulary_in(_LABELS, "words")


def line_label(row: TextRow) -> frozenset[str]:
    """What a row of a table is when it is no movement: it says nothing but a label and what belongs to that."""
    words = _letters(row)
    matches = lines_vocabulary().matches(words)
    if not matches:
        return frozenset()
    first = matches[0]
    covered = sum(match.end - match.first for match in matches)
    before = [word for word in words[: first.first] if not _is_filler(word)]
    others = [word for word in words if not _is_filler(word)]
    foreign = len(others) - sum(not _is_filler(word) for match in matches for word in words[match.first : match.end])
    strong = first.meanings & {"opening", "closing"} and covered >= 2
    if before or foreign > (2 if strong and len(first.text) > 9 else 0):
        return frozenset()
    return first.meanings


def title_of(row: TextRow) -> frozenset[str]:
    """What a row without figures and dates is a title of: `debit`, `credit`, `none`; empty when it is none."""
    if row.figures or row.dates or len(row.words) > 8:
        return frozenset()
    words = [
        word
        for word in _letters(row)
        if tokens_of(word.text) and tokens_of(word.text)[0] not in ("continued", "and", "und", "et", "y", "other")
    ]
    matches = sections_vocabulary().matches(words)
    if not matches or sum(match.end - match.first for match in matches) < len(words):
        return frozenset()
    meanings = frozenset().union(*(match.meanings for match in matches))
    renamed = {"total_debits": "debit", "total_credits": "credit"}
    return frozenset(renamed.get(meaning, meaning) for meaning in meanings) & {"debit", "credit", "none"}


def _letters(row: TextRow) -> list[Word]:
    """The words that are no figure and no date."""
    taken = {id(word) for printed in row.figures for word in printed.words}
    taken |= {id(word) for found in row.dates for word in found.words}
    return [word for word in row.words if id(word) not in taken]


def _is_filler(word: Word) -> bool:
    tokens = tokens_of(word.text)
    return not tokens or all(token in _FILLERS or token.isdigit() for token in tokens)

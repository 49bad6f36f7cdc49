"""The type of a document by what it is titled and what such documents say; none where that is not clear."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from services.ai.figures.value import Evidence
from services.ai.layout.line import Line
from services.ai.reading.document import Document, Page
from shared.pdf.lines import Row
from shared.pdf.words import Word

#: What a title counts: alone in a line at the top of the first page, at the begin of one, anywhere else.
_TITLE_ALONE, _TITLE_FIRST, _TITLE_ELSEWHERE = 4.0, 3.0, 1.0
_WORD, _MOST_WORDS = 0.7, 5
#: The top of the first page, where documents are named.
_TOP_SHARE = 0.5
#: Receipts are printed on rolls; nothing else is so narrow. In points: 110 mm.
_ROLL_WIDTH, _ROLL = 312, 2.5
#: Longer lines are sentences, in which a title is mentioned only.
_TITLE_LINE_WORDS = 12
#: Rows at the head of a page, where several things stand side by side.
_HEAD_ROWS = 3
#: Documents are told by their first pages.
_PAGES_LOOKED_AT = 3
#: Below these it is said that the type is not known.
_LEAST_POINTS, _LEAST_SCORE = 3.0, 0.55
_AMOUNT = re.compile(r"\d[.,]\d\d\D?$")
#: What the doubt weighs beside the points of the best two.
_DOUBT = 1.0


@dataclass
class Guess:
    """The type of a document."""

    #: None where it is not clear.
    document_type: str | None
    #: 0 to 1: how far the best type is ahead of the second and of nothing at all.
    score: float
    #: Types that come next, best first.
    others: list[str] = field(default_factory=list)
    #: What told it.
    evidence: list[Evidence] = field(default_factory=list)


@dataclass(frozen=True)
class _Cues:
    titles: tuple[str, ...]
    #: Titles that count only as a whole line.
    alone: frozenset[str]
    words: tuple[str, ...]


def known_types() -> list[str]:
    """All types that can be told."""
    return list(_cues())


def classify(document: Document) -> Guess:
    """Tell the type from titles and words. Pages that look like several documents count as one."""
    points = dict.fromkeys(_cues(), 0.0)
    shown: dict[str, list[Evidence]] = {name: [] for name in points}
    lines = list(_lines(document))
    text = " ".join(plain for _, _, plain, _ in lines)
    for name, cues in _cues().items():
        best, place = _title_points(cues, lines)
        present = [word for word in cues.words if _has(text, word)][:_MOST_WORDS]
        points[name] = best + _WORD * len(present)
        if name == "receipt" and document.pages and document.pages[0].width < _ROLL_WIDTH < document.pages[0].height:
            points[name] += _ROLL
        shown[name] = ([place] if place else []) + _places(present, lines)
    ranked = sorted(points, key=lambda name: -points[name])
    first, second = ranked[0], ranked[1]
    score = points[first] / (points[first] + points[second] / 2 + _DOUBT)
    sure = points[first] >= _LEAST_POINTS and score >= _LEAST_SCORE and points[first] > points[second]
    return Guess(
        first if sure else None,
        round(score, 2) if points[first] else 0.0,
        [name for name in (ranked[1:3] if sure else ranked[:3]) if points[name] >= _LEAST_POINTS / 2],
        shown[first][:4] if sure else [],
    )


_Told = tuple[Page, list[Word], str, bool]


def _lines(document: Document) -> Iterator[_Told]:
    """Runs of the first pages: where they are, what they say in plain letters, whether they may be a title."""
    for number, page in enumerate(document.pages[:_PAGES_LOOKED_AT]):
        for place, row in enumerate(page.rows):
            for run in row.runs:
                # A cell of a table is no title.
                alone = len(row.runs) <= 2 or (place < _HEAD_ROWS and not _has_amount(row))
                top = number == 0 and alone and run.top < _TOP_SHARE * page.height
                yield page, run.words, plain(Line(run.words).text), top


def _has_amount(row: Row) -> bool:
    return any(_AMOUNT.search(word.text) for run in row.runs for word in run.words)


def _title_points(cues: _Cues, lines: list[_Told]) -> tuple[float, Evidence | None]:
    best: tuple[float, Evidence | None] = (0.0, None)
    for page, words, text, top in lines:
        for title in cues.titles:
            if not _has(text, title):
                continue
            # What a colon follows names what stands beside it: the number of an order on an invoice.
            whole = text.strip(" .#") == title
            if title in cues.alone and not whole:
                continue
            short = len(words) <= _TITLE_LINE_WORDS
            points = _TITLE_ELSEWHERE
            if top and whole:
                points = _TITLE_ALONE
            elif top and short and (text.startswith(title) or (len(words) <= 3 and text.endswith(title))):
                points = _TITLE_FIRST
            elif not short and not top:
                points = _TITLE_ELSEWHERE / 2
            if points > best[0]:
                best = (points, page.evidence(words))
    return best


def _places(words: list[str], lines: list[_Told]) -> list[Evidence]:
    found = []
    for word in words:
        for page, there, text, _ in lines:
            if _has(text, word):
                found.append(page.evidence(there))
                break
    return found


def _has(text: str, cue: str) -> bool:
    """Whether a cue stands in a text as words of its own."""
    start = text.find(cue)
    while start >= 0:
        end = start + len(cue)
        before, after = text[start - 1 : start], text[end : end + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        start = text.find(cue, start + 1)
    return False


def plain(text: str) -> str:
    """Small letters without accents, single spaces; letters that are set apart (R E C H N U N G) as one word."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
    return bare.replace(" ", "") if re.fullmatch(r"(?:\w ){3,}\w", bare) else bare


@cache
def _cues() -> dict[str, _Cues]:
    told = tomllib.loads(Path(__file__).with_name("cues.toml").read_text("utf-8"))
    return {
        name: _Cues(
            tuple(title.removeprefix("=") for title in each["titles"]),
            frozenset(title[1:] for title in each["titles"] if title.startswith("=")),
            tuple(each["words"]),
        )
        for name, each in told.items()
    }

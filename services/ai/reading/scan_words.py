"""Figures and dates of a scan that recognition tore apart at their marks, put together again."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain

from shared.pdf.lines import Run, rows_of, runs_of
from shared.pdf.words import Word

#: No gap within a figure is wider, in heights of its line.
_WIDEST_HEIGHTS = 0.5
#: What may stand left and right of such a gap. A mark that begins a word belongs to the digits before it; one that
#: ends a word only where what follows is a rest of a figure, or a year after a day and month.
_TORN = (
    (re.compile(r"\d$"), re.compile(r"[.,'\u2019]\d")),
    (re.compile(r"\d[.,'\u2019]$"), re.compile(r"(?:\d{2}|\d{3}(?:[.,'\u2019]\d{2,3})*)(?:[-)%]|CR|DR)?$")),
    (re.compile(r"^\d{1,2}([./-])\d{1,2}\1$"), re.compile(r"(?:\d{2}|\d{4})$")),
    (re.compile(r"\d$"), re.compile(r"[./]\d{1,2}(?:[./](?:\d{2}|\d{4})?)?$")),
)


def rejoined(words: list[Word]) -> list[Word]:
    """The words, those of one figure or date as one."""
    runs = chain.from_iterable(row.runs for row in rows_of(runs_of(words)))
    return [word for run in runs for word in _of_run(run)]


def _of_run(run: Run) -> list[Word]:
    found: list[Word] = []
    for word in run.words:
        if found and _is_torn(found[-1], word):
            last = found[-1]
            found[-1] = replace(
                last,
                text=last.text + word.text,
                right=max(last.right, word.right),
                top=min(last.top, word.top),
                bottom=max(last.bottom, word.bottom),
            )
        else:
            found.append(word)
    return found


def _is_torn(one: Word, other: Word) -> bool:
    height = max(one.bottom - one.top, other.bottom - other.top)
    if other.left - one.right > _WIDEST_HEIGHTS * height:
        return False
    return any(before.search(one.text) and after.match(other.text) for before, after in _TORN)

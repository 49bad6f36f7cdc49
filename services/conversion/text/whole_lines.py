"""Runs of a page by whole lines: for plain text, where most lines need no look at their single words.

pdfium ends a line where the text goes on elsewhere, so that two boxes tell where a whole line stands. Lines that may
hold more than one run (cells of a table, two columns written row by row) are looked at word by word.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from shared.pdf.lines import Run, runs_of
from shared.pdf.text_page import TextPage
from shared.pdf.words import RIGHT_TO_LEFT, Word, keeps_hyphen, words_between

_LINE = re.compile("[^\r\n\ufffe]*[^\\s\ufffe]\ufffe?")
#: Shapes without a meaning, and spaces after letters whose ligatures often swallow them: words know better.
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u200b\ue020\uf020]|f[filt] (?=[a-z])")
#: Lines wider per character than the usual of their page by this factor have a gap inside.
_LOOSE = 1.2
#: So have lines with more line heights per character, whatever is usual; no alphabet is so wide.
_WIDEST_HEIGHTS = 0.65
#: Lines so much longer than the median may be those of two columns.
_WIDER = 1.1
#: Lines of such a share of the page's width may reach over two columns; so many of them are probed.
_WIDE_SHARE, _PROBED_EVERY = 0.55, 4
#: Where lines have fewer characters on average, they are labels and cells: words are needed anyway.
_SHORT_LINES = 20
#: With more doubtful lines the page is one of tables.
_DOUBTFUL_SHARE = 0.6


def whole_line_runs(page: TextPage) -> list[Run] | None:
    """The runs of a page, most of them of one word that is a whole line; None where words must be looked at."""
    text, rotation = page.text, page.frame.rotation
    if rotation or page.hidden_layers or RIGHT_TO_LEFT.search(text):
        return None
    spans = [found.span() for found in _LINE.finditer(text)]
    if not spans:
        return []
    if len(text) < _SHORT_LINES * len(spans):
        return None
    firsts = [end - len(text[first:end].lstrip()) for first, end in spans]
    broken = [text[end - 1] == "\ufffe" for _, end in spans]
    ends = [end - hyphen for (_, end), hyphen in zip(spans, broken, strict=True)]
    boxes = page.boxes(firsts + [end - 1 for end in ends])
    head, tail = boxes[: len(spans)], boxes[len(spans) :]
    doubtful = _doubtful(page, head, tail, np.array(ends) - np.array(firsts))
    low, high = np.minimum(head, tail), np.maximum(head, tail)
    edges: Any = page.frame.shown(low[:, 0], low[:, 3], high[:, 2], high[:, 1])  # type: ignore[arg-type]
    width, height = page.frame.size
    runs: list[Run] = []
    close: list[tuple[int, int]] = []
    for number, (left, top, right, bottom) in enumerate(zip(*(edge.tolist() for edge in edges), strict=True)):
        line = text[firsts[number] : ends[number]]
        if broken[number] and keeps_hyphen(text, ends[number]):
            line += "-"
        if doubtful[number] or _ODD.search(line):
            close.append((firsts[number], spans[number][1]))
        elif right > 0 < bottom and left < width and top < height:
            word = Word(line, left, top, right, bottom, rotation, broken[number], firsts[number])
            runs.append(Run([word], left, top, right, bottom))
    if len(close) > _DOUBTFUL_SHARE * len(spans) or _bridges(page, runs, width):
        return None
    words = words_between(page, close)
    if any(word.direction for word in words):
        return None
    return runs + runs_of(words)


def _doubtful(page: TextPage, head: Any, tail: Any, lengths: Any) -> Any:
    """Lines that do not simply run to the right, or are wider than their characters explain."""
    heights = np.maximum(head[:, 1] - head[:, 3], 0.1)
    widths = tail[:, 2] - head[:, 0]
    per_character = widths / (heights * lengths)
    long = lengths > 9
    usual = float(np.sort(per_character[long])[int(long.sum()) // 2]) if long.any() else 0.5
    slack = np.minimum(np.where(long, _LOOSE * usual, 2 * usual), _WIDEST_HEIGHTS)
    askew = np.abs(tail[:, 3] - head[:, 3]) > 0.5 * heights
    wider = widths > _WIDER * float(np.sort(widths)[len(widths) // 2])
    return askew | wider | (widths < 0) | ((per_character > slack) & (lengths > 1))


def _bridges(page: TextPage, runs: list[Run], width: float) -> bool:
    """Whether wide lines are several runs after all, as where columns were written row by row."""
    wide = [run.words[0] for run in runs if run.right - run.left > _WIDE_SHARE * width][::_PROBED_EVERY]
    probed = words_between(page, [(word.first, word.first + len(word.text)) for word in wide])
    return len(runs_of(probed)) > len(wide)

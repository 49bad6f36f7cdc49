"""Where a document is cut: which pages, by number from 0, each part has and what it is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.file_ops.assembly.outlines import OutlineIndex
from shared.errors import FileProcessingError

#: Longest piece of a title that becomes part of a file name, in characters.
_LONGEST_TITLE = 80
_SPACES = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[/\\]+")


class NoOutline(FileProcessingError):
    """The document has no outline to split it by."""

    code = "no_outline"
    remedy = "Split it by pages, ranges, size or blank pages instead."


class OnlyBlankPages(FileProcessingError):
    """Every page of the document is blank, so that no part is left."""

    code = "only_blank_pages"
    remedy = "Check that the right side was scanned, or split it by pages."


@dataclass(frozen=True)
class Cut:
    """One part: its pages and, where there is something to call it by, a title."""

    pages: list[int]
    title: str = ""


def every(pages: int, step: int) -> list[Cut]:
    """Parts of `step` pages; the last has what is left."""
    return [Cut(list(range(start, min(start + step, pages)))) for start in range(0, pages, step)]


def by_outline(outline: OutlineIndex, pages: int, level: int) -> list[Cut]:
    """A part from each page where an entry of this level or one above starts; pages before the first are one too.

    Raises:
        NoOutline: no entry down to this level leads to a page.
    """
    titles: dict[int, str] = {}
    for title, page in outline.starts(level):
        titles.setdefault(page, title)
    if not titles:
        raise NoOutline()
    starts = sorted({0, *titles})
    ends = [*starts[1:], pages]
    return [Cut(list(range(s, e)), titles.get(s, "")) for s, e in zip(starts, ends, strict=True)]


def at_blank_pages(pages: int, blank: Sequence[int], *, keep_blank: bool) -> list[Cut]:
    """Parts between blank pages, which are left out or end the part before them.

    Raises:
        OnlyBlankPages: nothing is left.
    """
    rows: list[list[int]] = [[]]
    separators = set(blank)
    for number in range(pages):
        if number not in separators:
            rows[-1].append(number)
            continue
        if keep_blank and rows[-1]:
            rows[-1].append(number)
        rows.append([])
    cuts = [Cut(row) for row in rows if row]
    if not cuts:
        raise OnlyBlankPages(f"All {pages} pages are blank, so that no part is left.")
    return cuts


def part_names(stem: str, cuts: Sequence[Cut]) -> list[str]:
    """A file name for each part: numbered so that they sort, with the title where there is one. Not yet safe."""
    digits = len(str(len(cuts)))
    return [_name(stem, number, digits, cut.title) for number, cut in enumerate(cuts, start=1)]


def _name(stem: str, number: int, digits: int, title: str) -> str:
    words = _SPACES.sub(" ", _SEPARATORS.sub("-", title)).strip()[:_LONGEST_TITLE].rstrip(" .")
    return f"{stem}-{number:0{digits}d}{f' {words}' if words else ''}.pdf"

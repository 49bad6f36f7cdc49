"""Page ranges as people write them: `1-3,5,-1`. Light: contracts check the syntax before a document is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.errors import FileProcessingError

#: What is said of the syntax wherever an option takes page ranges.
SYNTAX = "Pages count from 1; -1 is the last one. Examples: 1-3,5,-1; 7- (to the end); 5-1 (backwards); odd; even."
#: Longest text of ranges, in characters.
_LONGEST = 10_000
#: Most pages that ranges may name together: pages can be named again and again.
_MOST_PAGES = 100_000
_PART = re.compile(r"(?P<word>odd|even|all)|(?P<first>-?[1-9]\d{0,8})(?P<range>-(?P<last>-?[1-9]\d{0,8})?)?")


class PagesOutOfRange(FileProcessingError):
    """The document has not all the pages that were asked for."""

    code = "pages_out_of_range"
    remedy = "Name pages that the document has; the message says how many there are."


def _parts(text: str) -> Iterator[re.Match[str]]:
    for part in text.replace(" ", "").split(","):
        found = _PART.fullmatch(part)
        if not found:
            raise ValueError(f"{part[:40]!r} is no page or range. {SYNTAX}")
        yield found


def check_syntax(text: str) -> str:
    """The text itself. Raises ValueError when it is not a list of pages."""
    if len(text) > _LONGEST:
        raise ValueError(f"page ranges have at most {_LONGEST} characters")
    for _ in _parts(text):
        pass
    return text


#: The type of an option that takes page ranges.
PageRanges = Annotated[str, AfterValidator(check_syntax), Field(min_length=1)]


def chosen_pages(text: str | None, page_count: int) -> list[int]:
    """The pages that `text` names, counted from 0, in its order and as often as it names them; None: all.

    Raises:
        PagesOutOfRange: a page is not there, or more than 100,000 pages are named.
    """
    if text is None:
        return list(range(page_count))
    pages: list[int] = []
    for part in _parts(text):
        pages.extend(_pages_of(part, page_count))
        if len(pages) > _MOST_PAGES:
            raise PagesOutOfRange(f"The ranges name more than {_MOST_PAGES:,} pages.")
    return pages


def _pages_of(part: re.Match[str], page_count: int) -> range:
    if word := part["word"]:
        return range(1 if word == "even" else 0, page_count, 1 if word == "all" else 2)
    first = _index(part["first"], page_count)
    if not part["range"]:
        return range(first, first + 1)
    last = _index(part["last"], page_count) if part["last"] else page_count - 1
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _index(number: str, page_count: int) -> int:
    wanted = int(number)
    index = wanted - 1 if wanted > 0 else page_count + wanted
    if not 0 <= index < page_count:
        raise PagesOutOfRange(f"Page {wanted} was asked for; the document has {page_count} pages.")
    return index

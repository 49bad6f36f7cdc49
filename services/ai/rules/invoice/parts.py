"""Where one invoice ends and the next begins in a file of several."""

from __future__ import annotations

import re
from collections import Counter

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.layout.fields import chosen, code_in
from services.ai.layout.labelled import hits_of
from services.ai.layout.sheet import sheet_of
from services.ai.reading.document import Document, Page
from shared.pdf.lines import Row

_PAGE = re.compile(
    r"(?:page|seite|blatt|pagina|p\u00e1gina|strona|str\.?|strana|sida|side|sivu|oldal|sayfa|p\.|pag\.?)\s*:?\s*(\d{1,4})"
    r"(?:\s*(?:of|von|de|di|van|z|av|af|/|sur|su|din|\|)\s*(\d{1,4}))?",
    re.IGNORECASE,
)
#: Such rows at the top and at the bottom of a page may number it.
_EDGE_ROWS = 8
#: So large a share of the words of a copy are those of the page that it copies.
_SAME_SHARE = 0.97


def parts_of(document: Document, options: ExtractionOptions) -> list[list[Page]]:
    """The pages of each invoice, in order.

    A page begins a new one when it is numbered 1 and is not the first, when its labels give another number than the
    page before, or when it is a copy of it. Pages without any of that belong to what goes before.
    """
    parts: list[list[Page]] = []
    number: str | None = None
    for page in document.pages:
        own = _number_of(page, options)
        begins = _page_number(page) == 1 or (own is not None and number is not None and own != number)
        begins = begins or (bool(parts) and len(parts[-1]) == 1 and _is_copy(page, parts[-1][0]))
        if not parts or begins:
            parts.append([page])
            number = own
        else:
            parts[-1].append(page)
            number = number or own
    return parts


def _number_of(page: Page, options: ExtractionOptions) -> str | None:
    sheet = sheet_of([page], options)
    found = chosen(sheet, hits_of(sheet.rows), ("number",), code_in, lambda value: value.value)
    return found.value if found else None


def _is_copy(page: Page, other: Page) -> bool:
    """Whether nearly all words of two pages are the same."""
    one, two = Counter(word.text for word in page.words), Counter(word.text for word in other.words)
    most = max(one.total(), two.total())
    return most > 0 and (one & two).total() >= _SAME_SHARE * most


def _page_number(page: Page) -> int | None:
    rows = page.rows
    edges = rows if len(rows) <= 2 * _EDGE_ROWS else [*rows[:_EDGE_ROWS], *rows[-_EDGE_ROWS:]]
    found = {int(match[1]) for row in edges for match in _PAGE.finditer(_text(row)[:400])}
    return found.pop() if len(found) == 1 else None


def _text(row: Row) -> str:
    return " ".join(run.text for run in row.runs)

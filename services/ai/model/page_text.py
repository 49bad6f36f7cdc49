"""Pages as the model reads them: numbered rows between marks that no document can write."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from services.ai.model.ledger import estimated_tokens
from services.ai.reading.document import Document, Page

#: Control characters, and those that show nothing or turn the direction of text, in which instructions hide.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|[\U000e0000-\U000e007f]"
)
#: How servers mark who speaks: <|im_start|>, <|eot_id|>, [INST], <<SYS>>, <start_of_turn>, </s>.
_SPEAKERS = re.compile(
    r"<\|.{0,40}?\|>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>|</?s>|<\uff5c.{0,40}?\uff5c>", re.IGNORECASE
)
_LONGEST_ROW_CHARACTERS = 2000
#: Between cells, and where the last of them begins at most, in letters.
_LEAST_GAP, _MOST_COLUMNS = 2, 240
_SPACES = re.compile(" {3,}")
_FIGURE = re.compile(r"[^A-Za-z]{0,4}\d[\d.,' ]*[^A-Za-z]{0,3}(?:CR|DR|[A-Z]{3})?")


@dataclass(frozen=True)
class Rows:
    """Some rows of a page, by index from 0."""

    page: Page
    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first


def new_mark() -> str:
    """A mark for the data of one job."""
    return f"=={secrets.token_hex(8)}=="


def row_text(page: Page, index: int) -> str:
    """A row of a page with its number, counted from 1; its cells stand below those of other rows as on the page."""
    width, margin = _letter_width(page), min((word.left for word in page.words), default=0.0)
    line = ""
    for run in page.rows[index].runs:
        cell = neutral(run.text).strip()
        if not cell:
            continue
        # Figures stand below each other by their last digit.
        wanted = run.right - len(cell) * width if _FIGURE.fullmatch(cell) else run.left
        column = min(round((wanted - margin) / width), _MOST_COLUMNS)
        gap = max(_LEAST_GAP if line else 0, column - len(line))
        line += " " * gap + cell
    return f"{index + 1}| {line}"[:_LONGEST_ROW_CHARACTERS]


def _letter_width(page: Page) -> float:
    """Of most letters of a page, in points."""
    widths = sorted((word.right - word.left) / len(word.text) for word in page.words)
    return min(max(widths[len(widths) // 2], 2.0), 20.0) if widths else 5.0


def neutral(text: str) -> str:
    """Text without what is not shown, and without what a server could take for its own marks."""
    text = _UNSEEN.sub("", text)
    return _SPEAKERS.sub(lambda found: found[0].replace("<", "(").replace(">", ")").replace("[", "("), text)


def as_data(parts: Sequence[Rows], mark: str, *, context: Sequence[Rows] = (), following: Rows | None = None) -> str:
    """Rows as data; those of `context` and `following` are said to be there only for understanding the others."""
    lines: list[str] = []
    for rows, only in (
        *((each, True) for each in context),
        *((each, False) for each in parts),
        *(((following, True),) if following else ()),
    ):
        aside = ", for context only: report nothing that begins in these rows" if only else ""
        lines.append(f"{mark} page {rows.page.number}{aside}")
        lines += [row_text(rows.page, index) for index in range(rows.first, rows.end)]
    return "\n".join([*lines, f"{mark} end of the data"])


def tokens_of(page: Page, index: int) -> int:
    """About so many tokens has a row."""
    # A stretch of spaces is a token.
    return estimated_tokens(_SPACES.sub("  ", row_text(page, index))) + 1


def whole(document: Document) -> list[Rows]:
    """All rows of all pages."""
    return [Rows(page, 0, len(page.rows)) for page in document.pages]

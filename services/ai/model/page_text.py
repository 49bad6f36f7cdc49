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
    """A row of a page with its number, counted from 1."""
    cells = [neutral(run.text) for run in page.rows[index].runs]
    return f"{index + 1}| {' | '.join(cell for cell in cells if cell)}"[:_LONGEST_ROW_CHARACTERS]


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
    return estimated_tokens(row_text(page, index)) + 1


def whole(document: Document) -> list[Rows]:
    """All rows of all pages."""
    return [Rows(page, 0, len(page.rows)) for page in document.pages]

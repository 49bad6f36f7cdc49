"""Blocks of lines that stand below each other: addresses, letterheads, feet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ai.figures.value import TextValue
from services.ai.layout.identifiers import vat_ids
from services.ai.layout.labels import label_at
from services.ai.layout.sheet import SheetRow, text_value
from shared.pdf.lines import Run
from shared.pdf.words import Word

#: Lines of a block are no further apart, in heights of the larger line.
_GAP_HEIGHTS = 0.95
#: Their left edges, right edges or middles are in line, within so many points.
_IN_LINE_POINTS = 5.0
MAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}")
_PLACE = re.compile(
    r"\b\d{4,6}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{2}-\d{3}\b|\b\d{3} \d{2}\b|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b"
    "|\u3012|[\u90fd\u9053\u5e9c\u770c\u5e02\u533a\u753a]"
)
_STREET = re.compile(r"\d")
_WEB = re.compile(r"www\.|https?:|@", re.IGNORECASE)
_PHONE = re.compile(r"[+(]{0,2}\d[\d\s()/.\-]{6,20}")
_PHONE_WORD = re.compile(
    r"(?:tel|telefon|telephone|telefono|phone|fax|mobile|mobil|handy|gsm|e-?mail|mail|web|internet|url|portable|puh|tlf)\b\.?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Block:
    """Runs of neighbouring rows, from top to bottom."""

    lines: list[tuple[SheetRow, Run]] = field(default_factory=list)

    @property
    def left(self) -> float:
        """In points."""
        return min(run.left for _, run in self.lines)

    @property
    def top(self) -> float:
        """In points."""
        return self.lines[0][0].top

    @property
    def texts(self) -> list[str]:
        """Its lines."""
        return [run.text for _, run in self.lines]

    def has(self, words: Sequence[Word]) -> bool:
        """Whether words stand in it."""
        own = {id(word) for _, run in self.lines for word in run.words}
        return bool(words) and id(words[0]) in own

    @property
    def is_address(self) -> bool:
        """Whether a name is followed by a line with a number and one of them has the shape of a place."""
        body = self.address_texts
        return any(map(_PLACE.search, body)) or sum(_STREET.search(text) is not None for text in body) > 1

    @property
    def address_lines(self) -> list[tuple[SheetRow, Run]]:
        """The lines below the name up to the first that tells something else."""
        found = []
        for row, run in self.lines[1:]:
            if tells_contact(run.text) or label_at(run.words, 0) is not None or any(True for _ in vat_ids(run.words)):
                break
            found.append((row, run))
        return found

    @property
    def address_texts(self) -> list[str]:
        """Their texts."""
        return [run.text for _, run in self.address_lines]


def tells_contact(text: str) -> bool:
    """Whether a line has a telephone number, a mail or a web address and no postal one."""
    return bool(_WEB.search(text) or _PHONE_WORD.match(text) or _PHONE.fullmatch(text.strip()))


def blocks_of(rows: Sequence[SheetRow]) -> list[Block]:
    """The blocks of rows of one page, in the order of their first lines."""
    blocks: list[Block] = []
    open_blocks: list[Block] = []
    for row in rows:
        for run in row.runs:
            home = next((block for block in reversed(open_blocks) if _goes_on(block, row, run)), None)
            if home is None:
                home = Block()
                blocks.append(home)
                open_blocks.append(home)
            home.lines.append((row, run))
        open_blocks = [block for block in open_blocks if row.top - block.lines[-1][0].bottom < 3 * row.height]
    return blocks


def _goes_on(block: Block, row: SheetRow, run: Run) -> bool:
    last_row, last = block.lines[-1]
    if last_row is row or last_row.page is not row.page:
        return False
    if row.top - last.bottom > _GAP_HEIGHTS * max(run.height, last.height):
        return False
    edges = (last.left - run.left, last.right - run.right, (last.left + last.right - run.left - run.right) / 2)
    return min(map(abs, edges)) < _IN_LINE_POINTS


def lines_value(lines: Sequence[tuple[SheetRow, Run]]) -> TextValue | None:
    """Lines as one value, joined by line ends."""
    if not lines:
        return None
    parts = [text_value(row, run.words) for row, run in lines]
    return TextValue(
        value="\n".join(part.value for part in parts), evidence=tuple(each for part in parts for each in part.evidence)
    )

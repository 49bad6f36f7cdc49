"""Word by word: what was put in, taken out or replaced between two versions of a page."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from services.file_ops.comparing.read_pages import PageFacts, Word
from services.file_ops.protection.content.geometry import Rect
from services.file_ops.protection.redaction.page_text import merged


@dataclass(frozen=True)
class Change:
    """A run of words that differ: "inserted", "removed" or "replaced"."""

    kind: str
    first: tuple[Word, ...]
    second: tuple[Word, ...]
    #: The word of the second version before which the first one had more; None at the end of a page without words.
    anchor: Word | None = None

    @property
    def first_places(self) -> list[Rect]:
        """Where the words stand in the first version, one rectangle for each line."""
        return merged(word.place for word in self.first)

    @property
    def second_places(self) -> list[Rect]:
        """Where the words stand in the second version."""
        return merged(word.place for word in self.second)


_KINDS = {"insert": "inserted", "delete": "removed", "replace": "replaced"}


def changed_words(first: PageFacts, second: PageFacts, *, ignore_case: bool) -> list[Change]:
    """The differences in the order of the text. Words that only moved within their line are none."""

    def key(word: Word) -> str:
        return word.text.casefold() if ignore_case else word.text

    matcher = SequenceMatcher(None, [key(word) for word in first.words], [key(word) for word in second.words], False)
    return [
        Change(_KINDS[kind], first.words[a0:a1], second.words[b0:b1], _following(second, b0))
        for kind, a0, a1, b0, b1 in matcher.get_opcodes()
        if kind != "equal"
    ]


def _following(page: PageFacts, index: int) -> Word | None:
    return page.words[min(index, len(page.words) - 1)] if page.words else None

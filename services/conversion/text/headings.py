"""Which paragraphs are headings, told by the sizes and weights that the whole document uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from services.conversion.text.blocks import Block, Kind, Paragraph
from shared.pdf.styles import Style
from shared.pdf.words import Word

#: Text so much larger than the body is a heading; in bold less is enough.
_LARGER, _LARGER_BOLD = 1.2, 1.04
_DEEPEST_LEVEL = 6
#: A heading has at most so many words and lines.
_MOST_WORDS, _MOST_LINES = 25, 4
#: Sizes so close to each other are of one level.
_SAME_SIZE = 1.05


@dataclass
class TextSizes:
    """How much text a document sets in which size; gathered from some of its pages."""

    characters: Counter[float] = field(default_factory=Counter)
    headed: Counter[float] = field(default_factory=Counter)

    def add(self, words: Iterable[Word], style_of: Callable[[Word], Style]) -> None:
        """Count the words of a page."""
        for word in words:
            self.characters[style_of(word).size_points] += len(word.text)

    @property
    def body_points(self) -> float:
        """The size that most characters have; 0 without any."""
        return max(self.characters, key=lambda size: (self.characters[size], size), default=0.0)

    def levels(self) -> list[float]:
        """The sizes of headings from the largest, one for each level; nearly equal ones are one."""
        body, levels = self.body_points, list[float]()
        for size in sorted(self.characters, reverse=True):
            if size > body * _LARGER_BOLD and (not levels or levels[-1] > size * _SAME_SIZE):
                levels.append(size)
        return levels


def mark_headings(blocks: Iterable[Block], sizes: TextSizes, style_of: Callable[[Word], Style]) -> None:
    """Turn paragraphs that look like headings into such."""
    body, levels = sizes.body_points, sizes.levels()
    for block in blocks:
        if isinstance(block, Paragraph) and block.kind is not Kind.HEADING:
            level = _level(block, body, levels, style_of)
            if level:
                if block.marker:
                    # "1. Introduction" is a heading with a number, not the entry of a list.
                    block.lines[0].words.insert(0, _marker_word(block))
                    block.marker = ""
                block.kind, block.level = Kind.HEADING, level


def _marker_word(block: Paragraph) -> Word:
    first = block.lines[0].words[0]
    return Word(
        block.marker, block.lines[0].left, first.top, first.left, first.bottom, first.direction, False, first.first
    )


def _is_numbered_title(block: Paragraph) -> bool:
    """Whether a line is one like "II. METHODS": marked as an entry of a list, and in capitals."""
    letters = "".join(word.text for word in block.words if word.text.isalpha())
    return block.numbered and len(block.lines) == 1 and len(letters) > 3 and letters.isupper()


def _level(block: Paragraph, body: float, levels: list[float], style_of: Callable[[Word], Style]) -> int:
    words = block.words
    text_length = sum(len(word.text) for word in words)
    if not words or len(words) > _MOST_WORDS or len(block.lines) > _MOST_LINES or text_length < 2:
        return 0
    if not any(character.isalpha() for word in words for character in word.text) or words[0].direction:
        return 0
    sizes: Counter[float] = Counter()
    bold = 0
    for word in words:
        style = style_of(word)
        sizes[style.size_points] += len(word.text)
        bold += len(word.text) if style.bold else 0
    size = max(sizes, key=lambda each: sizes[each])
    heavy = bold > 0.8 * text_length or _is_numbered_title(block)
    if size > body * _LARGER or (heavy and size > body * _LARGER_BOLD):
        return min(1 + sum(1 for level in levels if level > size * _SAME_SIZE), _DEEPEST_LEVEL)
    if (
        heavy
        and size >= body * 0.98
        and len(block.lines) == 1
        and len(words) <= 12
        and (block.kind is Kind.TEXT or block.numbered)
    ):
        # A bold line on its own; with a colon or a full stop at the end it leads into text or is some.
        return min(len(levels) + 1, _DEEPEST_LEVEL) if words[-1].text[-1] not in ".:;," else 0
    return 0

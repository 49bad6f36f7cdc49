"""The words of a paragraph as stretches of one look, with broken words whole again: for Markdown and Word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.conversion.text.blocks import Paragraph
from services.conversion.text.page_layout import PageLayout
from shared.pdf.styles import Style


@dataclass(slots=True)
class Span:
    """Text of one look. A newline in it is a line break that someone wanted."""

    text: str
    style: Style
    link: str | None = None


def spans_of(paragraph: Paragraph, layout: PageLayout) -> list[Span]:
    """The spans of a paragraph, in order; spaces stand at the ends of spans, never twice."""
    spans: list[Span] = []
    for text, style, link in _pieces(paragraph, layout):
        last = spans[-1] if spans else None
        if last is not None and last.link == link and _same_look(last.style, style):
            last.text += text
        else:
            spans.append(Span(text, style, link))
    return spans


def _pieces(paragraph: Paragraph, layout: PageLayout) -> Iterator[tuple[str, Style, str | None]]:
    for number, line in enumerate(paragraph.lines, start=1):
        for position, word in enumerate(line.words, start=1):
            end = " "
            if position == len(line.words):
                end = "" if word.broken or number == len(paragraph.lines) else "\n" if line.forced else " "
            yield f"{word.text}{end}", layout.style_of(word), layout.link_of(word)


def _same_look(one: Style, other: Style) -> bool:
    return (one.bold, one.italic, one.color, one.monospaced) == (
        other.bold,
        other.italic,
        other.color,
        other.monospaced,
    ) and abs(one.size_points - other.size_points) < 0.6

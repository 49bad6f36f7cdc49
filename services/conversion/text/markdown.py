"""Markdown (CommonMark with GitHub's tables): headings, lists, tables, links, bold and italic."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.conversion.text.blocks import Kind, Paragraph
from services.conversion.text.inline import Span, spans_of
from services.conversion.text.page_layout import PageLayout
from services.conversion.text.tables import Table

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
#: What would begin a heading, a list, a quote or a rule at the start of a line.
_OPENING = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+=](?=[\s=-]|$)|\d{1,9}(?=[.)](\s|$)))", re.MULTILINE)
_NUMBERED = re.compile(r"\d{1,9}[.)]")


def markdown_of(layout: PageLayout) -> Iterator[str]:
    """The blocks of a page as Markdown, each ending with a newline; a blank line belongs between two."""
    for block in layout.blocks:
        if isinstance(block, Table):
            yield _table(block)
        elif isinstance(block, Paragraph):
            yield _paragraph(block, layout)


def _paragraph(paragraph: Paragraph, layout: PageLayout) -> str:
    spans = spans_of(paragraph, layout)
    if paragraph.kind is Kind.HEADING:
        # A heading is one line, and bold by itself.
        text = "".join(_marked(span, plain=True) for span in spans).replace("\n", " ")
        return f"{'#' * paragraph.level} {text}\n"
    text = "".join(_marked(span) for span in spans)
    if paragraph.kind is Kind.ITEM:
        marker = paragraph.marker if _NUMBERED.fullmatch(paragraph.marker) else "-"
        label = f"{escape(paragraph.marker)} " if paragraph.numbered and marker == "-" else ""
        indent = " " * (len(marker) + 1)
        return f"{marker} {label}{text.replace(chr(10), f'  {chr(10)}{indent}')}\n"
    return f"{_opened(text)}\n".replace("\n", "  \n", text.count("\n"))


def escape(text: str) -> str:
    """Text in which no character means more than itself, but for what stands at the start of a line."""
    return _SPECIAL.sub(r"\\\1", text)


def _opened(text: str) -> str:
    return _OPENING.sub(lambda found: f"{found[1]}\\{found[2]}" if not found[2].isdigit() else _digits(found), text)


def _digits(found: re.Match[str]) -> str:
    # "2019. A year": the backslash belongs before the dot, which follows.
    return f"{found[1]}{found[2]}\\"


def _marked(span: Span, *, plain: bool = False) -> str:
    core = span.text.strip()
    if not core:
        return span.text
    before, after = span.text[: len(span.text) - len(span.text.lstrip())], span.text[len(span.text.rstrip()) :]
    marks = "" if plain else "**" * span.style.bold + "*" * span.style.italic
    # Marks do not reach over a line break, and mean nothing around mere punctuation.
    if "\n" in core or not any(character.isalnum() for character in core):
        marks = ""
    text = f"{marks}{escape(core)}{marks[::-1]}"
    if span.link is not None:
        text = f"[{text}](<{span.link.replace('<', '%3C').replace('>', '%3E')}>)"
    return f"{before}{text}{after}"


def _table(table: Table) -> str:
    grid = [[escape(cell) or " " for cell in row] for row in table.grid()]
    rule = ["---"] * table.column_count
    return "".join(f"| {' | '.join(row)} |\n" for row in (grid[0], rule, *grid[1:]))

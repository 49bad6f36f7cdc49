"""Markdown as pages: CommonMark with tables, strike-through and task lists; HTML inside stays text."""

from __future__ import annotations

import html
import re
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.conversion.contracts.convert import PageSize
from services.conversion.to_pdf.text_files import read_text
from services.conversion.to_pdf.web_pages import html_to_pdf
from shared.operation import Report, Result, ignore

#: The block of settings that many tools keep above the text.
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:[^\n]*\n){0,100}?---[ \t]*(?:\n|\Z)")
_TASK = re.compile(r"\[([ xX])\] ")
_BOXES = {" ": "\u2610 ", "x": "\u2611 "}

_STYLE = """
body { font: 11pt/1.45 "Liberation Sans", "DejaVu Sans", sans-serif; color: #1a1a1a }
h1, h2, h3, h4, h5, h6 { line-height: 1.2; margin: 1.2em 0 .5em; break-after: avoid }
h1 { font-size: 1.9em } h2 { font-size: 1.5em; border-bottom: .5pt solid #ccc } h3 { font-size: 1.2em }
pre, code { font-family: "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: .88em }
pre { background: #f4f4f4; padding: .7em; white-space: pre-wrap; overflow-wrap: anywhere }
p, li, td, th, a { overflow-wrap: anywhere }
blockquote { margin: 0 0 0 1em; padding-left: 1em; border-left: 2pt solid #ccc; color: #444 }
table { border-collapse: collapse; margin: 1em 0 } tr { break-inside: avoid }
th, td { border: .5pt solid #999; padding: .3em .6em; vertical-align: top } th { background: #f0f0f0 }
img { max-width: 100% } a { color: #0b57d0 } li.task { list-style: none; margin-left: -1.2em }
"""


def markdown_to_pdf(source: Path, target: Path, page_size: PageSize, *, report: Report = ignore) -> Result:
    """Write a Markdown file as PDF. Raises as `html_to_pdf`, and TooComplex beyond 32 MB."""
    decoded = read_text(source)
    result = html_to_pdf(_as_html(decoded.text).encode(), target, page_size, style=_STYLE, report=report)
    return {**result, "encoding": decoded.encoding}


def _as_html(markdown: str) -> str:
    text = _FRONT_MATTER.sub("", markdown.replace("\r\n", "\n"), count=1)
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    _tick_tasks(tokens)
    title = next((tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"), "")
    body = parser.renderer.render(tokens, parser.options, {})
    return f"<!DOCTYPE html><html><head><title>{html.escape(title)}</title></head><body>{body}</body></html>"


def _tick_tasks(tokens: list[Token]) -> None:
    """Turn `[ ]` and `[x]` at the start of list items into boxes."""
    for at, token in enumerate(tokens):
        in_item = at >= 2 and tokens[at - 1].type == "paragraph_open" and tokens[at - 2].type == "list_item_open"
        if not (token.type == "inline" and in_item and token.children):
            continue
        first = token.children[0]
        if first.type == "text" and (found := _TASK.match(first.content)):
            first.content = _BOXES[found[1].lower()] + first.content[found.end() :]
            tokens[at - 2].attrJoin("class", "task")

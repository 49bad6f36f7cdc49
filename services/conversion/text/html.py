"""HTML of pages that look like the page: an SVG each, with text that can be selected, links and pictures.

One file that loads nothing: pictures are data URIs, and a content policy forbids scripts and requests.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html import escape

from services.conversion.text.blocks import Paragraph
from services.conversion.text.page_layout import PageLayout
from services.conversion.text.pictures import Picture
from services.conversion.text.tables import Table
from shared.pdf.lines import Run, runs_of
from shared.pdf.styles import Style
from shared.pdf.words import Word

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SERIF = re.compile(r"times|roman|serif(?!.*sans)|georgia|garamond|minion|palatino|cmr|nimbusrom|song|ming", re.I)
_HEAD = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 0; background: #ddd; }}
svg {{ display: block; margin: 1em auto; background: #fff; max-width: 100%; height: auto; }}
text {{ white-space: pre; }}
line {{ stroke: #000; stroke-width: 0.5; }}
@media print {{ body {{ background: none; }} svg {{ margin: 0; break-after: page; }} }}
</style>
</head>
<body>
"""
TAIL = "</body>\n</html>\n"


def head_of(title: str) -> str:
    """What stands before the first page."""
    return _HEAD.format(title=_safe(title))


def page_of(layout: PageLayout, pictures: list[tuple[object, Picture]]) -> Iterator[str]:
    """One page: filled areas below pictures, these below rules, text on top."""
    width, height = _points(layout.width), _points(layout.height)
    yield f'<svg id="page-{layout.number}" width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}">\n'
    for area in layout.areas:
        box = (area.left, area.top, area.right - area.left, area.bottom - area.top)
        yield '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>\n'.format(*map(_points, box), area.color)
    for placed, picture in pictures:
        yield _image(placed, picture)
    for rule, horizontal in layout.rules:
        if not rule.drawn:
            continue
        start, end, place = _points(rule.start), _points(rule.end), _points(rule.place)
        ends = (start, place, end, place) if horizontal else (place, start, place, end)
        yield '<line x1="{}" y1="{}" x2="{}" y2="{}"/>\n'.format(*ends)
    for words in _groups(layout):
        yield from _texts(words, layout)
    yield "</svg>\n"


def _groups(layout: PageLayout) -> Iterator[list[Word]]:
    """Words in reading order, so that selecting and copying follows it; at the end what no block holds."""
    seen: set[int] = set()
    by_first = {word.first: word for word in layout.words}
    for block in layout.blocks:
        if isinstance(block, Table):
            groups = [cell.words for cell in block.cells]
        elif isinstance(block, Paragraph):
            groups = [line.words for line in block.lines]
        else:
            continue
        for group in groups:
            # Blocks hold turned copies of words that do not run to the right: the page's own say where they stand.
            own = [by_first[word.first] for word in group if word.first in by_first and word.first not in seen]
            seen.update(word.first for word in own)
            if own:
                yield own
    rest = [word for word in layout.words if word.first not in seen]
    if rest:
        yield rest


def _texts(words: list[Word], layout: PageLayout) -> Iterator[str]:
    upright = [word for word in words if word.direction == 0]
    for run in runs_of(upright):
        stretch: list[Word] = []
        for word in run.words:
            if stretch and not _alike(stretch[-1], word, layout):
                yield _text(stretch, layout)
                stretch = []
            stretch.append(word)
        yield _text(stretch, layout)
    for word in words:
        if word.direction:
            yield _text([word], layout)


def _alike(one: Word, other: Word, layout: PageLayout) -> bool:
    return layout.style_of(one) == layout.style_of(other) and layout.link_of(one) == layout.link_of(other)


def _text(words: list[Word], layout: PageLayout) -> str:
    run = Run(words, *_hull(words))
    style = layout.style_of(words[0])
    direction = words[0].direction
    across, along = run.right - run.left, run.bottom - run.top
    length, height = (along, across) if direction in (90, 270) else (across, along)
    # Where the baseline begins: a line box has about four parts above it and one below.
    rise = 0.2 * height
    x, y = {
        0: (run.left, run.bottom - rise),
        90: (run.left + rise, run.top),
        180: (run.right, run.top + rise),
        270: (run.right - rise, run.bottom),
    }[direction]
    turn = f' transform="rotate({direction} {_points(x)} {_points(y)})"' if direction else ""
    shown = _safe(run.text)
    text = (
        f'<text x="{_points(x)}" y="{_points(y)}" textLength="{_points(max(length, 0.1))}"'
        f' lengthAdjust="spacingAndGlyphs"{turn} {_look(style)}>{shown}</text>'
    )
    link = layout.link_of(words[0])
    return f'<a href="{escape(link)}" rel="noopener noreferrer">{text}</a>\n' if link is not None else f"{text}\n"


def _look(style: Style) -> str:
    family = "monospace" if style.monospaced else "serif" if _SERIF.search(style.font) else "sans-serif"
    look = f'font-family="{family}" font-size="{_points(style.size_points)}"'
    if style.bold:
        look += ' font-weight="bold"'
    if style.italic:
        look += ' font-style="italic"'
    if style.invisible:
        # The text of OCR lies over its picture: there to be found and copied, not seen.
        return f'{look} fill-opacity="0"'
    return look if style.color == "#000000" else f'{look} fill="{style.color}"'


def _image(placed: object, picture: Picture) -> str:
    left, top, right, bottom = (getattr(placed, edge) for edge in ("left", "top", "right", "bottom"))
    data = base64.b64encode(picture.data).decode("ascii")
    return (
        f'<image x="{_points(left)}" y="{_points(top)}" width="{_points(right - left)}"'
        f' height="{_points(bottom - top)}" preserveAspectRatio="none"'
        f' href="data:image/{picture.kind};base64,{data}"/>\n'
    )


def _hull(words: list[Word]) -> tuple[float, float, float, float]:
    return (
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
    )


def _safe(text: str) -> str:
    return escape(_UNWRITABLE.sub("", text))


def _points(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")

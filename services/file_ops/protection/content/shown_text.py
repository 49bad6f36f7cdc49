"""Places the glyphs of a text operator on the page, and writes the operator again without some of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pikepdf

from services.file_ops.protection.content.areas import Placed
from services.file_ops.protection.content.fonts import Font, Glyph
from services.file_ops.protection.content.geometry import Matrix, Rect, times
from services.file_ops.protection.content.state import State, TextPosition

#: A string, or a movement in thousandths of an em against the direction of writing.
Item = bytes | float


def items_of(operand: Any) -> list[Item]:
    """The strings and numbers of an operand of Tj or TJ."""
    parts = operand if isinstance(operand, pikepdf.Array) else [operand]
    found: list[Item] = []
    for part in parts:
        if isinstance(part, pikepdf.String):
            found.append(bytes(part))
        elif not isinstance(part, pikepdf.Object):
            found.append(float(part))
    return found


def show(
    items: list[Item],
    state: State,
    position: TextPosition,
    erases: Callable[[Placed], bool],
) -> list[Item] | None:
    """Move `position` over the items; return them without the glyphs that `erases` takes, None where it takes none.

    What stays keeps its place: movements stand for what went. They are rounded to a thousandth of an em, and
    neighbouring ones are one number, so that their widths tell less of the letters that were there.
    """
    font = state.font
    if font is None or not state.size:
        return None
    kept: list[Item] = []
    erased_any = False
    for item in items:
        if isinstance(item, float | int):
            _move(position, state, font, -item / 1000 * state.size)
            kept.append(float(item))
            continue
        glyphs = font.glyphs(item)
        placed = _place(glyphs, state, position, font)
        taken = [erases(each) for each in placed]
        if not font.exact and any(taken):
            taken = [True] * len(taken)
        erased_any = erased_any or any(taken)
        for glyph, gone in zip(glyphs, taken, strict=True):
            kept.append(-1000 * _advance(glyph, state) / state.size if gone else glyph.code)
    return _joined(kept) if erased_any else None


def _advance(glyph: Glyph, state: State) -> float:
    """Movement after a glyph, without horizontal scaling (ISO 32000-2, 9.4.4)."""
    return glyph.advance * state.size + state.char_space + (state.word_space if glyph.is_space_code else 0.0)


def _move(position: TextPosition, state: State, font: Font, distance: float) -> None:
    if font.vertical:
        position.advance(0.0, distance)
    else:
        position.advance(distance * state.scale, 0.0)


def _place(glyphs: list[Glyph], state: State, position: TextPosition, font: Font) -> list[Placed]:
    placed = []
    gone = 0.0
    base = times(position.matrix, state.ctm)
    height = state.size * (base[2] ** 2 + base[3] ** 2) ** 0.5
    for glyph in glyphs:
        placed.append(_placed(glyph, state, font, base, gone, abs(height)))
        gone += _advance(glyph, state) * (1.0 if font.vertical else state.scale)
    if font.vertical:
        position.advance(0.0, gone)
    else:
        position.advance(gone, 0.0)
    return placed


def _placed(glyph: Glyph, state: State, font: Font, base: Matrix, gone: float, height: float) -> Placed:
    a, b, c, d, e, f = base
    if font.vertical:
        left, right = -glyph.shift * state.size, glyph.shift * state.size
        low, high = gone + glyph.advance * state.size, gone
        origin = (0.0, gone)
    else:
        left, right = gone, gone + glyph.advance * state.size * state.scale
        low, high = state.rise + font.descent * state.size, state.rise + font.ascent * state.size
        origin = (gone, state.rise)
    quad = (
        (a * left + c * low + e, b * left + d * low + f),
        (a * right + c * low + e, b * right + d * low + f),
        (a * right + c * high + e, b * right + d * high + f),
        (a * left + c * high + e, b * left + d * high + f),
    )
    at_page = (a * origin[0] + c * origin[1] + e, b * origin[0] + d * origin[1] + f)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    rect = Rect(min(x0, x1, x2, x3), min(y0, y1, y2, y3), max(x0, x1, x2, x3), max(y0, y1, y2, y3))
    return Placed(glyph.text, at_page, quad, rect, height)


def _joined(kept: list[Item]) -> list[Item]:
    joined: list[Item] = []
    for item in kept:
        last = joined[-1] if joined else None
        if type(last) is type(item):
            joined[-1] = last + item  # type: ignore[operator]
        else:
            joined.append(item)
    return [round(item) if isinstance(item, float) else item for item in joined]

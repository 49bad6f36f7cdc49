"""The order in which a line is drawn from left to right (a simple part of the Unicode bidirectional algorithm)."""

from __future__ import annotations

import unicodedata

_STRONG_RIGHT = ("R", "AL")
_NUMBERS = ("EN", "AN")
#: Signs that belong to a number when they stand in or at one (UAX #9, W4 and W5).
_INSIDE_NUMBERS = ("CS", "ES", "ET")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_MIRRORED = str.maketrans("()[]{}<>«»‹›≤≥", ")(][}{><»«›‹≥≤")  # noqa: RUF001 - these quotes are meant


def visual_order(line: str) -> str:
    """The characters of one line as they stand from left to right; left-to-right text is returned as it is.

    Source: UAX #9 without explicit embeddings and isolates: rules P2-P3, W4-W7, N0-N2, I1-I2, L2 and L4.
    """
    kinds = [unicodedata.bidirectional(character) for character in line]
    strong = [kind for kind in kinds if kind == "L" or kind in _STRONG_RIGHT]
    if not any(kind in _STRONG_RIGHT for kind in strong):
        return line
    base = 1 if strong[0] in _STRONG_RIGHT else 0
    levels = _levels(line, kinds, base)
    characters = [
        character.translate(_MIRRORED) if level % 2 else character
        for character, level in zip(line, levels, strict=True)
    ]
    for level in range(max(levels), 0, -1):
        _reverse_runs(characters, levels, level)
    return "".join(characters)


def mirrored(text: str) -> str:
    """The text with brackets turned round: characters that drawing it from right to left may ask for."""
    return text.translate(_MIRRORED)


def _levels(line: str, kinds: list[str], base: int) -> list[int]:
    base_side = "R" if base else "L"
    resolved = ["R" if kind in _STRONG_RIGHT else kind for kind in _resolve_numbers(kinds)]
    _resolve_brackets(line, resolved, base_side)
    index = 0
    while index < len(resolved):
        if _side(resolved[index]):
            index += 1
            continue
        end = index
        while end < len(resolved) and not _side(resolved[end]):
            end += 1
        before = _side(resolved[index - 1]) if index else base_side
        after = _side(resolved[end]) if end < len(resolved) else base_side
        resolved[index:end] = [before if before == after else base_side] * (end - index)
        index = end
    return [_level(kind, base) for kind in resolved]


def _resolve_numbers(kinds: list[str]) -> list[str]:
    """Signs within numbers become digits (W4, W5); digits after Latin letters count as letters (W7)."""
    resolved = list(kinds)
    for index, kind in enumerate(kinds):
        if kind not in _INSIDE_NUMBERS:
            continue
        before = resolved[index - 1] if index else ""
        after = kinds[index + 1] if index + 1 < len(kinds) else ""
        # A currency or percent sign joins at either side, a comma or sign only between two digits.
        if kind == "ET" and "EN" in (before, after):
            resolved[index] = "EN"
        elif before == after and before in _NUMBERS:
            resolved[index] = before
    last_strong = ""
    for index, kind in enumerate(resolved):
        if kind == "L" or kind in _STRONG_RIGHT:
            last_strong = kind
        elif kind == "EN" and last_strong == "L":
            resolved[index] = "L"
    return resolved


def _resolve_brackets(line: str, kinds: list[str], base_side: str) -> None:
    """Brackets follow what stands in them (N0): the line's own direction if any of it does."""
    open_at: list[int] = []
    for index, character in enumerate(line):
        if character in _BRACKETS:
            open_at.append(index)
        elif open_at and character == _BRACKETS[line[open_at[-1]]]:
            start = open_at.pop()
            inside = {_side(kind) for kind in kinds[start + 1 : index]} - {""}
            if not inside:
                continue
            before = next((_side(kind) for kind in reversed(kinds[:start]) if _side(kind)), base_side)
            side = base_side if base_side in inside else before
            kinds[start] = kinds[index] = side


def _side(kind: str) -> str:
    """The side that a letter or digit stands for (digits count as right, N1); empty for neutral characters."""
    return "L" if kind == "L" else "R" if kind in ("R", *_NUMBERS) else ""


def _level(kind: str, base: int) -> int:
    if kind == "R":
        return 1
    if kind in _NUMBERS:
        return 2
    return 2 if base else 0


def _reverse_runs(characters: list[str], levels: list[int], at_least: int) -> None:
    index = 0
    while index < len(characters):
        end = index
        while end < len(characters) and levels[end] >= at_least:
            end += 1
        if end > index:
            characters[index:end] = characters[index:end][::-1]
            levels[index:end] = levels[index:end][::-1]
        index = end + 1

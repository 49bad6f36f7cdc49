"""Answers about the pieces of a long document as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.ai.model.asking import Answer
from services.ai.model.chunks import Chunk

_PLACED = {"text", "page", "row"}


def merged(answers: Sequence[Answer]) -> dict[str, Any]:
    """One answer: of single values the first that is there, of lists all entries, each once.

    An entry of a list that stands in the rows around a piece belongs to its neighbour, which tells it too.
    """
    whole: dict[str, Any] = {}
    for answer in answers:
        whole = _joined(whole, _own(answer.content, _around(answer.chunk)))
    return whole


def _around(chunk: Chunk) -> set[tuple[int, int]]:
    others = [*chunk.context, *((chunk.following,) if chunk.following else ())]
    return _rows(others) - _rows(chunk.parts)


def _rows(parts: Sequence[Any]) -> set[tuple[int, int]]:
    return {(rows.page.number, index + 1) for rows in parts for index in range(rows.first, rows.end)}


def _own(thing: Any, around: set[tuple[int, int]]) -> Any:
    if isinstance(thing, list):
        return [_own(each, around) for each in thing if not _begins_in(each, around)]
    if isinstance(thing, dict) and not thing.keys() >= _PLACED:
        return {name: _own(each, around) for name, each in thing.items()}
    return thing


def _begins_in(entry: Any, around: set[tuple[int, int]]) -> bool:
    """Whether all values of an entry stand in the rows around."""
    places = list(_places(entry))
    return bool(places) and all(place in around for place in places)


def _places(thing: Any) -> Any:
    if isinstance(thing, list):
        for each in thing:
            yield from _places(each)
    elif isinstance(thing, dict):
        if thing.keys() >= _PLACED:
            yield thing["page"], thing["row"]
        else:
            for each in thing.values():
                yield from _places(each)


def _joined(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict) and not one.keys() >= _PLACED:
        return {name: _joined(one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *other]
    return other if one is None else one

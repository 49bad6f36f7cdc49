"""Answers about the pieces of a long document as one, without what two of them tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from services.ai.model.chunks import Chunk
from services.ai.model.shapes import Sort, sort_of

#: What tells one document from the next; where both have it, it must agree.
_IDENTITY = ("number", "account_number", "iban", "statement_number", "company")


def merged(shape: type[BaseModel], answers: Sequence[tuple[Chunk, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The documents of all answers, which are in the order of the pages.

    The first document of a piece goes on with the last one of the piece before, unless their numbers differ. Lines that
    stand in the rows around a piece belong to its neighbour, which tells them too.
    """
    found: list[dict[str, Any]] = []
    for number, (chunk, answer) in enumerate(answers):
        documents = [_without_foreign_rows(shape, each, chunk) for each in answer.get("documents") or []]
        for position, each in enumerate(documents):
            if number and position == 0 and found and _may_be_one(found[-1], each):
                found[-1] = _joined(shape, found[-1], each)
            else:
                found.append(each)
    return found


def _without_foreign_rows(shape: type[BaseModel], document: dict[str, Any], chunk: Chunk) -> dict[str, Any]:
    around = [*chunk.context, *((chunk.following,) if chunk.following else ())]
    foreign = {(rows.page.number, index + 1) for rows in around for index in range(rows.first, rows.end)}
    own = {(rows.page.number, index + 1) for rows in chunk.parts for index in range(rows.first, rows.end)}
    foreign -= own
    names = [name for name in shape.model_fields if sort_of(shape, name)[0] is Sort.ROWS]
    kept = {
        name: [row for row in document.get(name) or [] if (row.get("page"), row.get("row")) not in foreign]
        for name in names
    }
    return {**document, **kept}


def _may_be_one(one: dict[str, Any], other: dict[str, Any]) -> bool:
    for name in _IDENTITY:
        first, second = one.get(name), other.get(name)
        if first and second and _plain(first["text"]) != _plain(second["text"]):
            return False
    return True


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _joined(shape: type[BaseModel], one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for name in shape.model_fields:
        sort, inner = sort_of(shape, name)
        first, second = one.get(name), other.get(name)
        if sort is Sort.ROWS:
            joined[name] = [*(first or []), *(second or [])]
        elif sort is Sort.PART:
            joined[name] = _joined(inner, first or {}, second or {})
        elif sort in (Sort.FIGURE, Sort.ROW) and not name.startswith("opening"):
            # Totals that are carried from page to page count where the document ends.
            joined[name] = second or first
        else:
            joined[name] = first or second
    return joined

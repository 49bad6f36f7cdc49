"""Finds the places of values that came without one: what a model answered, what an XML invoice says."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from services.ai.figures.value import Value
from services.ai.figures.walk import values_of
from services.ai.reading.document import Document
from services.ai.reading.index import Index, Place

#: A value of the whole document that stands in more places has no place of its own; the first ones are told.
_MOST_PLACES = 5
#: An entry of a list goes over so many rows.
_ROWS_OF_ENTRY = 3
#: Shorter lines of an address are codes, which pages do not show.
_SHORTEST_LINE = 3


class Grounding:
    """Places on the pages of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def _index(self) -> Index:
        return Index(self._document)

    def ground(self, found: BaseModel) -> None:
        """Give the values their places. A value that stands nowhere stays without.

        Values of one entry of a list (a movement, a line) stand together: where one of them stands in several places,
        that which most of its siblings stand beside counts. Of values of the whole document all places are given, but
        those that are an entry's.
        """
        entries: dict[str, list[tuple[Value[Any], list[Place]]]] = defaultdict(list)
        others: list[tuple[Value[Any], list[Place]]] = []
        for path, value in values_of(found):
            if value.evidence:
                continue
            places = self._places(value.value)
            group = ".".join(path.split(".")[:2]) if any(part.isdigit() for part in path.split(".")) else ""
            if not group:
                others.append((value, places))
            elif places:
                entries[group].append((value, places))
        last_row: dict[str, int] = {}
        taken: set[int] = set()
        for group, values in entries.items():
            name = group.partition(".")[0]
            last_row[name] = _ground_entry(values, last_row.get(name, -1), taken)
        for value, places in others:
            free = [place for place in places if id(place.words[0]) not in taken]
            _give(value, (free or places)[:_MOST_PLACES])

    def _places(self, value: object) -> list[Place]:
        if isinstance(value, Decimal):
            return self._index.figure(value)
        if isinstance(value, date):
            return self._index.day(value)
        return self._text(value) if isinstance(value, str) else []

    def _text(self, value: str) -> list[Place]:
        """Where it stands in one piece; else the places of its lines, if all but codes of countries are there."""
        whole = self._index.text(value)
        lines = [line for line in value.splitlines() if len(line.strip()) >= _SHORTEST_LINE]
        if whole or len(lines) < 2:
            return whole
        places = [self._index.text(line) for line in lines]
        return [each[0] for each in places] if all(places) else []


def _ground_entry(values: list[tuple[Value[Any], list[Place]]], after: int, taken: set[int]) -> int:
    """Place one entry of a list; returns its row, which the next entry stands below.

    `taken` has the words that entries stand on, and gets those of this one.
    """
    votes: Counter[int] = Counter()
    for _, places in values:
        # A value votes once for each row that may be the entry's first.
        votes.update({row for place in places for row in range(place.row - _ROWS_OF_ENTRY + 1, place.row + 1)})
    most = max(votes.values())
    best = [row for row, count in votes.items() if count == most]
    # Entries follow each other down the pages; the last row that holds all is where the first of them stands.
    below = [row for row in best if row + _ROWS_OF_ENTRY - 1 > after]
    first = min(below or best)
    here = range(first, first + _ROWS_OF_ENTRY)
    rows = [place.row for _, places in values for place in places if place.row in here and place.row > after]
    anchor = min(rows, default=first)
    for value, places in values:
        # Two equal values of an entry (booked and valued on one day) stand in two places where there are two.
        best_place = min(places, key=lambda place: (abs(place.row - anchor), id(place.words[0]) in taken, place.row))
        taken.add(id(best_place.words[0]))
        _give(value, [best_place])
    return anchor


def _give(value: Value[Any], places: list[Place]) -> None:
    value.evidence = tuple(place.evidence for place in places)

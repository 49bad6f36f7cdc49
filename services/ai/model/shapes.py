"""What the model is asked for, derived from the typed documents: their values as printed text, and where it stands."""

from __future__ import annotations

from datetime import date
from enum import Enum, auto
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from services.ai.documents.bank_statement import Movement
from services.ai.figures.value import FigureValue, TextValue, Value

#: A text with its place.
_PLACED = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "page": {"type": "integer"}, "row": {"type": "integer"}},
    "required": ["text", "page", "row"],
    "additionalProperties": False,
}
_NULL = {"type": "null"}
_CELL = {"type": ["string", "null"]}
SIDE = "side"
#: What the printed text alone does not tell, by the part of the document that needs it.
_BESIDE: dict[type[BaseModel], dict[str, Any]] = {
    Movement: {SIDE: {"enum": ["debit", "credit", None], "type": ["string", "null"]}}
}


class Sort(Enum):
    """What a field of a typed document is."""

    TEXT = auto()
    FIGURE = auto()
    DATE = auto()
    #: One of a few words.
    CHOICE = auto()
    #: A part whose values stand anywhere: a party.
    PART = auto()
    #: A part whose values stand in one row: totals.
    ROW = auto()
    ROWS = auto()


@cache
def sort_of(shape: type[BaseModel], name: str) -> tuple[Sort, Any]:
    """The sort of a field, and the model of a part or the words of a choice."""
    annotation = shape.model_fields[name].annotation
    options = [each for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) is Literal:
        return Sort.CHOICE, options
    if get_origin(annotation) is list:
        return Sort.ROWS, options[0]
    optional = type(None) in get_args(annotation)
    kind = options[0] if optional else annotation
    simple = {TextValue: Sort.TEXT, FigureValue: Sort.FIGURE, Value[date]: Sort.DATE}
    if kind in simple:
        return simple[kind], None
    return (Sort.ROW if optional else Sort.PART), kind


@cache
def asked_for(shape: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of an answer: a list of documents of this shape, in the subset that strict servers take."""
    documents = {"type": "array", "items": _part(shape)}
    return {**_object({"documents": documents}), "$defs": {"placed": _PLACED}}


def _part(shape: type[BaseModel]) -> dict[str, Any]:
    return _object({name: _field(shape, name) for name in shape.model_fields})


def _field(shape: type[BaseModel], name: str) -> dict[str, Any]:
    sort, inner = sort_of(shape, name)
    if sort is Sort.CHOICE:
        return {"type": "string", "enum": list(inner)}
    if sort is Sort.PART:
        return _part(inner)
    if sort is Sort.ROWS:
        return {"type": "array", "items": _row(inner)}
    if sort is Sort.ROW:
        return {"anyOf": [_row(inner), _NULL]}
    return {"anyOf": [{"$ref": "#/$defs/placed"}, _NULL]}


def _row(shape: type[BaseModel]) -> dict[str, Any]:
    place = {"page": {"type": "integer"}, "row": {"type": "integer"}}
    return _object({**place, **dict.fromkeys(shape.model_fields, _CELL), **_BESIDE.get(shape, {})})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }

"""What the model is asked for by a caller's schema: the same shape, each value as printed and with its place."""

from __future__ import annotations

from typing import Any

_NULL = {"type": "null"}
_PLACE = {"text": {"type": "string"}, "page": {"type": "integer"}, "row": {"type": "integer"}}


def resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A part of the caller's schema without references and choices, and whether null is allowed in its place."""
    nullable = False
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
        else:
            nullable = nullable or _NULL in schema["anyOf"]
            schema = next(each for each in schema["anyOf"] if each != _NULL)
    return schema, nullable or "null" in _types(schema)


def kind_of(schema: dict[str, Any]) -> str:
    """The one type of a resolved part that is not null; `choice` where its values are listed."""
    if "enum" in schema or "const" in schema:
        return "choice"
    return next(kind for kind in _types(schema) if kind != "null")


def choices_of(schema: dict[str, Any]) -> list[Any]:
    """The values of a choice but null."""
    return [each for each in schema.get("enum", [schema.get("const")]) if each is not None]


def asked_for(schema: dict[str, Any]) -> dict[str, Any]:
    """The form of an answer: every value with its text, page and row, in the subset that strict servers take."""
    return _form(schema, schema.get("$defs", {}))


def _form(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    part, _ = resolved(schema, definitions)
    kind = kind_of(part)
    if kind == "object":
        return _object({name: _form(each, definitions) for name, each in part["properties"].items()}, part)
    if kind == "array":
        return {"type": "array", "items": _form(part["items"], definitions), **_said_of(part)}
    beside: dict[str, Any] = {}
    if kind == "boolean":
        beside = {"value": {"type": "boolean"}}
    elif kind == "choice":
        beside = {"value": {"type": "string", "enum": [str(each) for each in choices_of(part)]}}
    return {"anyOf": [_object({**beside, **_PLACE}, part), _NULL]}


def _object(properties: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **_said_of(told),
    }


def _said_of(schema: dict[str, Any]) -> dict[str, Any]:
    words = [str(schema[name]) for name in ("title", "description", "format", "pattern") if schema.get(name)]
    return {"description": "; ".join(words)[:1000]} if words else {}


def _types(schema: dict[str, Any]) -> list[str]:
    given = schema.get("type", [])
    return given if isinstance(given, list) else [given]

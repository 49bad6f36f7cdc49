"""Which JSON Schemas of callers are taken: small, flat enough to ask for, harmless to check against."""

from __future__ import annotations

import re
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

MAX_SCHEMA_BYTES = 32 * 1024
_MAX_DEPTH = 8
_MAX_PROPERTIES = 300
_MAX_ENUM = 200
_MAX_PATTERN_CHARACTERS = 200
#: Open repetitions in one pattern: each multiplies the time by the length of the text.
_MAX_OPEN_REPEATS = 2
_SIMPLE = {"string", "number", "integer", "boolean", "null"}
_KNOWN = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs"),
    *("title", "description", "default", "examples", "format", "pattern", "minLength", "maxLength", "minItems"),
    *("maxItems", "uniqueItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("$schema", "$id", "$comment"),
}
_NUMBERS = {"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum"}
_NUMBERS |= {"exclusiveMaximum", "multipleOf"}


class _Wrong(Exception):
    """What is wrong, and where."""


def problem_of(schema: dict[str, Any]) -> str | None:
    """What is wrong with a schema, in words; None when it can be asked for."""
    try:
        _check_root(schema)
    except _Wrong as wrong:
        return str(wrong)
    return None


def _check_root(schema: dict[str, Any]) -> None:
    if schema.get("type") != "object" or not schema.get("properties"):
        raise _Wrong('a schema of an object: {"type": "object", "properties": {...}}')
    definitions = schema.get("$defs", {})
    if not isinstance(definitions, dict):
        raise _Wrong("$defs: an object of schemas")
    counted = [0]
    _check(schema, definitions, "", 0, counted)


def _check(schema: Any, definitions: dict[str, Any], path: str, depth: int, counted: list[int]) -> None:
    where = path or "the schema"
    if not isinstance(schema, dict):
        raise _Wrong(f"{where}: a schema, which is an object")
    if depth > _MAX_DEPTH:
        raise _Wrong(f"{where}: at most {_MAX_DEPTH} levels, and no part that contains itself")
    if unknown := sorted(set(schema) - _KNOWN):
        raise _Wrong(f"{where}: the keyword {unknown[0][:40]!r} is not known here")
    if "$ref" in schema:
        target = _target(schema["$ref"], definitions, where)
        _check(target, definitions, path, depth + 1, counted)
        return
    _check_values(schema, where)
    if "anyOf" in schema:
        _check_choices(schema, definitions, path, depth, counted)
        return
    kinds = _kinds(schema, where)
    if "object" in kinds:
        _check_properties(schema, definitions, path, depth, counted)
    elif "array" in kinds:
        _check(schema.get("items"), definitions, f"{path}/items", depth + 1, counted)


def _target(reference: Any, definitions: dict[str, Any], where: str) -> Any:
    if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
        raise _Wrong(f"{where}: a $ref leads to '#/$defs/...' in the same schema, to nothing else")
    name = reference.removeprefix("#/$defs/")
    if name not in definitions:
        raise _Wrong(f"{where}: $defs has no {name[:40]!r}")
    return definitions[name]


def _check_choices(
    schema: dict[str, Any], definitions: dict[str, Any], path: str, depth: int, counted: list[int]
) -> None:
    choices = schema["anyOf"]
    where = path or "the schema"
    if not isinstance(choices, list) or not choices:
        raise _Wrong(f"{where}: anyOf is a list of schemas")
    there = [each for each in choices if each != {"type": "null"}]
    if len(there) != 1:
        raise _Wrong(f"{where}: anyOf is taken only for one schema or null")
    _check(there[0], definitions, path, depth + 1, counted)


def _check_properties(
    schema: dict[str, Any], definitions: dict[str, Any], path: str, depth: int, counted: list[int]
) -> None:
    where = path or "the schema"
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise _Wrong(f"{where}: an object has 'properties'")
    if schema.get("additionalProperties", False) not in (True, False):
        raise _Wrong(f"{where}: additionalProperties is true or false")
    required = schema.get("required", [])
    if not isinstance(required, list) or not set(required) <= set(properties):
        raise _Wrong(f"{where}: 'required' lists names of properties")
    counted[0] += len(properties)
    if counted[0] > _MAX_PROPERTIES:
        raise _Wrong(f"at most {_MAX_PROPERTIES} properties in all")
    for name, each in properties.items():
        if len(name) > 100 or "/" in name or "~" in name:
            raise _Wrong(f"{where}: names of properties are short and without / and ~")
        _check(each, definitions, f"{path}/{name}", depth + 1, counted)


def _kinds(schema: dict[str, Any], where: str) -> set[str]:
    given = schema.get("type")
    if given is None and ("enum" in schema or "const" in schema):
        return {"string"}
    kinds = set(given) if isinstance(given, list) else {given}
    there = {kind for kind in kinds if isinstance(kind, str)} - {"null"}
    if len(there) != len(kinds - {"null"}) or len(there) != 1 or not there <= {*_SIMPLE, "object", "array"}:
        raise _Wrong(f"{where}: one type (string, number, integer, boolean, object, array), with null beside it or not")
    return there


def _check_values(schema: dict[str, Any], where: str) -> None:
    for name in _NUMBERS & schema.keys():
        if isinstance(schema[name], bool) or not isinstance(schema[name], int | float):
            raise _Wrong(f"{where}: {name} is a number")
    if "multipleOf" in schema and schema["multipleOf"] <= 0:
        raise _Wrong(f"{where}: multipleOf is above 0")
    if "enum" in schema:
        values = schema["enum"]
        plain = isinstance(values, list) and all(isinstance(each, str | int | float | None) for each in values)
        if not plain or not 0 < len(values) <= _MAX_ENUM:
            raise _Wrong(f"{where}: enum is a list of up to {_MAX_ENUM} texts or numbers")
    for name in ("title", "description", "format", "pattern"):
        if not isinstance(schema.get(name, ""), str):
            raise _Wrong(f"{where}: {name} is a text")
    if "pattern" in schema and (problem := pattern_problem(schema["pattern"])):
        raise _Wrong(f"{where}: {problem}")


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with a regular expression; None when matching it takes no longer than its text is worth.

    Time is exponential only where a repetition repeats something of open length, or for what refers back: both are
    refused. Python's own parser tells; nothing public does.
    """
    if len(pattern) > _MAX_PATTERN_CHARACTERS:
        return f"a pattern of at most {_MAX_PATTERN_CHARACTERS} characters"
    try:
        parsed = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return "the pattern is no regular expression"
    open_repeats = [0]
    try:
        _look(parsed, open_repeats, repeated=False)
    except _Wrong as wrong:
        return str(wrong)
    return None if open_repeats[0] <= _MAX_OPEN_REPEATS else "the pattern has too many repetitions of open length"


def _look(parsed: Any, open_repeats: list[int], *, repeated: bool) -> None:
    for operator, argument in parsed:
        if operator in (_constants.GROUPREF, _constants.GROUPREF_EXISTS, _constants.ASSERT, _constants.ASSERT_NOT):
            raise _Wrong("a pattern that looks ahead or back, or refers to its own groups, is not taken")
        if operator in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
            least, most, inner = argument
            fixed = least == most
            if repeated and not fixed:
                raise _Wrong("a pattern that repeats a repetition is not taken")
            open_repeats[0] += most - least > 1
            _look(inner, open_repeats, repeated=repeated or most > 1)
        elif operator is _constants.SUBPATTERN:
            _look(argument[3], open_repeats, repeated=repeated)
        elif operator is _constants.ATOMIC_GROUP:
            _look(argument, open_repeats, repeated=repeated)
        elif operator is _constants.BRANCH:
            if repeated:
                raise _Wrong("a pattern that repeats a choice is not taken")
            for branch in argument[1]:
                _look(branch, open_repeats, repeated=repeated)

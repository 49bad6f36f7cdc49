"""The form of an answer, and an answer made to fit it, as far as that changes nothing of what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Who says what, as the API has it.
Message = dict[str, Any]

#: More problems than these say nothing new to the model.
_MOST_TOLD = 8


@dataclass(frozen=True)
class Form:
    """The form that an answer must have: a JSON Schema with a name."""

    name: str
    schema: dict[str, Any]


class _Misfit(Exception):
    """This part of an answer cannot be used."""


def fitted(answer: Any, schema: dict[str, Any]) -> tuple[Any, list[str]]:
    """The answer with what does not fit left out, and what that was, in sentences for the model.

    Missing parts become null or empty, numbers the text that they are written as; parts that nobody asked for go
    silently. Knows the keywords of `shapes.asked_for`.
    """
    problems: list[str] = []
    try:
        found = _fit(answer, schema, schema.get("$defs", {}), "", problems)
    except _Misfit as misfit:
        return None, [*problems, str(misfit)]
    return found, problems[:_MOST_TOLD]


def _fit(given: Any, schema: dict[str, Any], named: dict[str, Any], path: str, problems: list[str]) -> Any:
    if "$ref" in schema:
        schema = named[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return _fit_any(given, schema["anyOf"], named, path, problems)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if given is None and "null" in kinds:
        return None
    if "object" in kinds:
        return _fit_object(given, schema, named, path, problems)
    if "array" in kinds:
        return _fit_array(given, schema, named, path, problems)
    if "boolean" in kinds and isinstance(given, bool):
        return given
    if "integer" in kinds:
        if isinstance(given, int) or (isinstance(given, str) and given.isdigit() and len(given) < 10):
            return int(given)
    elif (
        isinstance(given, str | int) and not isinstance(given, bool) and str(given) in schema.get("enum", [str(given)])
    ):
        return str(given)
    raise _Misfit(f"{path or 'the answer'} must be {_described(schema)}")


def _fit_any(given: Any, choices: list[Any], named: dict[str, Any], path: str, problems: list[str]) -> Any:
    if given is None:
        return None
    return _fit(given, choices[0], named, path, problems)


def _fit_object(given: Any, schema: dict[str, Any], named: dict[str, Any], path: str, problems: list[str]) -> Any:
    if not isinstance(given, dict):
        raise _Misfit(f"{path or 'the answer'} must be an object")
    found = {}
    for name, each in schema["properties"].items():
        here = f"{path}/{name}"
        try:
            found[name] = _fit(given.get(name), each, named, here, problems)
        except _Misfit as misfit:
            problems.append(str(misfit) if name in given else f"{here} is missing")
            found[name] = _nothing(each)
    if all(value is None or value == [] for value in found.values()) and given and not set(given) & set(found):
        raise _Misfit(f"{path or 'the answer'} has none of the properties {', '.join(found)}")
    return found


def _fit_array(given: Any, schema: dict[str, Any], named: dict[str, Any], path: str, problems: list[str]) -> Any:
    if not isinstance(given, list):
        raise _Misfit(f"{path} must be a list")
    found = []
    for position, each in enumerate(given):
        try:
            found.append(_fit(each, schema["items"], named, f"{path}/{position}", problems))
        except _Misfit as misfit:
            problems.append(str(misfit))
    return found


def _nothing(schema: dict[str, Any]) -> Any:
    return [] if schema.get("type") == "array" else None


def _described(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join("null" if each is None else f'"{each}"' for each in schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(kinds)

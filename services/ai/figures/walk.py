"""Every value of a typed document, with the path that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from services.ai.figures.value import Value


def values_of(found: BaseModel, path: str = "") -> Iterator[tuple[str, Value[Any]]]:
    """The values that are there, in the order of the model: (`movements.3.amount`, its value)."""
    for name in type(found).model_fields:
        yield from _within(getattr(found, name), f"{path}{name}")


def _within(thing: Any, path: str) -> Iterator[tuple[str, Value[Any]]]:
    if isinstance(thing, Value):
        yield path, thing
    elif isinstance(thing, BaseModel):
        yield from values_of(thing, f"{path}.")
    elif isinstance(thing, list):
        for position, each in enumerate(thing):
            yield from _within(each, f"{path}.{position}")

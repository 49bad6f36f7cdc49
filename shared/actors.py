"""Binds operations to the functions that perform them; loaded only where engines run."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from shared.operation import Operation, Options, Result, Task

_Options = TypeVar("_Options", bound=Options)
Performer = Callable[[Task, Any], Result]

_PERFORMERS: dict[str, Performer] = {}


def performs(
    operation: Operation,
) -> Callable[[Callable[[Task, _Options], Result]], Callable[[Task, _Options], Result]]:
    """Declare the decorated function as the one that performs `operation`. Raises ValueError for a second one."""

    def bind(function: Callable[[Task, _Options], Result]) -> Callable[[Task, _Options], Result]:
        if operation.name in _PERFORMERS:
            raise ValueError(f"operation {operation.name!r} is performed by two functions")
        _PERFORMERS[operation.name] = function
        return function

    return bind


def load(service: str) -> dict[str, Performer]:
    """Import a service's actors and return them by operation. Raises ImportError when a dependency is missing."""
    importlib.import_module(f"services.{service}.actors")
    return dict(_PERFORMERS)

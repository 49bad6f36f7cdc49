"""`bindery pipeline`: documents through several operations, the steps given one by one or in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bindery import Client
from bindery.flows import Followed
from cli.errors import NoSuchFile, UsageError
from cli.operate import on_platform
from cli.wishes import Wishes

_EXAMPLE = "For example: --step ocr --step compress:preset=small"


def pipeline(steps: Sequence[str], file: Path | None, wishes: Wishes) -> int:
    """Lead documents through the steps and save the result. Returns the exit code."""
    if bool(steps) == bool(file):
        raise UsageError("The steps are wanted, each with --step or all in a file with --steps.", remedy=_EXAMPLE)
    wanted = steps_of(file) if file else [step_of(step) for step in steps]

    def send(client: Client, paths: Sequence[Path]) -> Followed:
        return client.submit_pipeline(wanted, list(paths), **wishes.form_options)

    return on_platform(send, wishes, together=True)


def step_of(text: str) -> dict[str, Any]:
    """A step as `compress:preset=small,grayscale=true`. Raises UsageError.

    A part without `=` belongs to the value before it, so that `rotate:pages=1-3,5` means what it says.
    """
    operation, _, rest = text.partition(":")
    options: dict[str, str] = {}
    last = ""
    for part in rest.split(",") if rest else ():
        name, equals, value = part.partition("=")
        if equals and name.replace("-", "_").isidentifier():
            last = name.replace("-", "_")
            options[last] = value
        elif last:
            options[last] += f",{part}"
        else:
            raise UsageError(f"The step {text!r} is not operation:name=value,...", remedy=_EXAMPLE)
    return {"operation": operation, "options": {name: _value(value) for name, value in options.items()}}


def _value(text: str) -> Any:
    """What stands as JSON in a value that is a list or an object; text as it is, which the gateway understands."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"This is not JSON: {text[:60]!r}.", remedy="Put the steps into a file: --steps FILE"
        ) from error


def steps_of(file: Path) -> list[dict[str, Any]]:
    """The steps in a file of JSON or YAML: a list, or an object with `steps`. Raises NoSuchFile, UsageError."""
    try:
        # JSON is YAML too.
        found = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise NoSuchFile(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{file} is neither JSON nor YAML.", remedy="See docs/command-line.md.") from error
    found = found.get("steps") if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(step, dict) for step in found):
        raise UsageError(f"{file} has no list of steps.", remedy='For example: [{"operation": "ocr"}]')
    return found

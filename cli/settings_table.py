"""`bindery settings`: every setting, its value in force, where that comes from, and what it means."""

from __future__ import annotations

import os

from pydantic import SecretStr
from rich.markup import escape

from cli.terminal import console, table
from shared.settings import Settings

_PREFIX = "BINDERY_"


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{_PREFIX}{name.upper()}"


def origin(name: str) -> str:
    """Where a setting's value comes from: `environment` or `default`."""
    return "environment" if variable(name) in {key.upper() for key in os.environ} else "default"


def shown(value: object) -> str:
    """A value as text, without secrets."""
    if isinstance(value, SecretStr):
        return "(secret)" if value.get_secret_value() else "(empty)"
    if isinstance(value, tuple):
        return ",".join(f"{part:g}" for part in value)
    return "(empty)" if value in (None, "") else str(value)


def print_settings(chosen: Settings) -> None:
    """Print them all."""
    out = table("variable", "value", "origin", "meaning", wraps="meaning")
    for name, declared in Settings.model_fields.items():
        value = shown(getattr(chosen, name))
        where = origin(name)
        style = "bold" if where == "environment" else ""
        out.add_row(variable(name), escape(value), where, escape(declared.description or ""), style=style)
    console().print(out)

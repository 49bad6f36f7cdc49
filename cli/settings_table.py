"""`bindery settings`: every setting, its value in force, where that comes from, and what it means."""

from __future__ import annotations

import os

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings
from rich.markup import escape

from cli.errors import SetUpError
from cli.terminal import console, table
from shared import catalogue, settings
from shared.settings import Settings


def declared() -> list[type[BaseSettings]]:
    """The settings of the platform, then those that a service declares for itself."""
    return [Settings, *(each.settings for each in catalogue.load().services.values() if each.settings)]


def variable(group: type[BaseSettings], name: str) -> str:
    """The environment variable of a setting."""
    return f"{group.model_config.get('env_prefix')}{name}".upper()


def in_force() -> Settings:
    """The settings of the platform. Raises SetUpError when the environment holds a wrong one, of a service too."""
    for group in declared():
        try:
            settings.current() if group is Settings else group()
        except ValidationError as error:
            wrong = "; ".join(f"{variable(group, '_'.join(map(str, e['loc'])))}: {e['msg']}" for e in error.errors())
            raise SetUpError(wrong, remedy="Correct these variables; docs/configuration.md lists all.") from error
    return settings.current()


def origin(name: str) -> str:
    """Where the value of a variable comes from: `environment` or `default`."""
    return "environment" if name in {key.upper() for key in os.environ} else "default"


def shown(value: object) -> str:
    """A value as text, without secrets."""
    if isinstance(value, SecretStr):
        return "(secret)" if value.get_secret_value() else "(empty)"
    if isinstance(value, tuple):
        return ",".join(f"{part:g}" for part in value)
    return "(empty)" if value in (None, "") else str(value)


def print_settings() -> None:
    """Print them all."""
    out = table("variable", "value", "origin", "meaning", wraps="meaning")
    for group in declared():
        chosen = in_force() if group is Settings else group()
        for name, field in group.model_fields.items():
            named = variable(group, name)
            where = origin(named)
            style = "bold" if where == "environment" else ""
            out.add_row(
                named, escape(shown(getattr(chosen, name))), where, escape(field.description or ""), style=style
            )
    console().print(out)

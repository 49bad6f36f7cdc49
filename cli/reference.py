"""Tables of docs/command-line.md that are made from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from cli.main import app
from cli.operation_commands import command_of
from shared import catalogue

Row = tuple[str, ...]
#: An operation whose command has every flag that all have.
_TYPICAL = "compress"


def commands() -> list[Row]:
    """Every command that is no operation, with what it takes."""
    return [(f"`{_usage(name, command)}`", _sentence(command)) for name, command in _own()]


def _own() -> Iterator[tuple[str, Any]]:
    root: Any = typer.main.get_command(app)
    for name, command in root.commands.items():
        below = getattr(command, "commands", None)
        if below is None:
            yield name, command
        else:
            yield from ((f"{name} {sub}", each) for sub, each in below.items())


def _usage(name: str, command: Any) -> str:
    arguments = [_argument(one) for one in command.params if not one.opts[0].startswith("-")]
    flags = [_flag(one) for one in command.params if one.opts[0].startswith("-")]
    return " ".join(["bindery", name, *arguments, *(f"[{flag}]" for flag in flags)])


def _argument(parameter: Any) -> str:
    word = parameter.metavar or parameter.name.upper()
    several = "..." if parameter.nargs == -1 or parameter.multiple else ""
    return f"{word}{several}" if parameter.required else f"[{word}{several}]"


def _flag(parameter: Any) -> str:
    longest = max((*parameter.opts, *parameter.secondary_opts[:0]), key=len)
    if parameter.is_flag:
        return "/".join((longest, *parameter.secondary_opts))
    return f"{longest} {parameter.metavar or parameter.name.upper()}"


def _sentence(command: Any) -> str:
    return str(command.help).split("\n\n")[0].replace("\n", " ").rstrip(".")


def common_flags() -> list[Row]:
    """The flags that every operation has, beside its own."""
    command = command_of(catalogue.load().operation(_TYPICAL))
    return [
        (", ".join(f"`{flag}`" for flag in (*one.opts, *one.secondary_opts)), str(one.help))
        for one in command.params
        if one.opts[0].startswith("-") and one.rich_help_panel
    ]


def operations() -> list[Row]:
    """The command of every operation, by service."""
    return [
        (f"`bindery {operation.name}`", operation.summary.rstrip("."), f"`{service.name}`")
        for service in catalogue.load().services.values()
        for operation in sorted(service.operations.values(), key=lambda each: each.name)
    ]

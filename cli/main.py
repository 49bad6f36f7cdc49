"""The `bindery` command. Each command's code is loaded when it is called, so that the command line starts quickly."""

from __future__ import annotations

from typing import Any

import typer

from cli.errors import SetUpError, leave
from shared.errors import BinderyError


class _CommandLine(typer.Typer):
    """Turns errors into two lines and an exit code."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            return super().__call__(*arguments, **named)
        except BinderyError as error:
            leave(error)


app = _CommandLine(
    help="Self-hosted document processing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _bindery() -> None:
    """Self-hosted document processing."""


@app.command()
def up() -> None:
    """Start the whole platform on this machine; Ctrl-C stops it."""
    from cli.up import up as start

    start(_settings())


def _settings() -> Any:
    from pydantic import ValidationError

    from shared import settings

    try:
        return settings.current()
    except ValidationError as error:
        wrong = "; ".join(f"BINDERY_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise SetUpError(wrong, remedy="Correct these variables; docs/configuration.md lists all.") from error


if __name__ == "__main__":
    app()

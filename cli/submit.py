"""`bindery submit`: an operation that the gateway knows and this installation does not; options as they are given."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from cli.connection import connected
from cli.errors import UsageError
from cli.flags import from_file
from cli.operate import operate
from cli.wishes import Wishes


def submit(operation: str, options: Sequence[str], wishes: Wishes) -> int:
    """Do it as the operation's own command would. Returns the exit code."""
    chosen = named(options)
    with connected() as client:
        declared = client.get(f"/v1/operations/{quote(operation, safe='')}")
    return operate(operation, chosen, wishes, together=declared["inputs"] == "many")


def named(options: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE`, each. Raises UsageError; NoSuchFile where a value names a file."""
    chosen = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise UsageError(f"The option {option!r} is not name=value.", remedy="For example: --option preset=small")
        chosen[name.replace("-", "_")] = from_file(value)
    return chosen

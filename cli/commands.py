"""The commands of `bindery`: those of main.py, and one for each operation, which is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.core import TyperGroup

#: Summaries are cut off here in the list of commands.
_WIDTH = 110


class Commands(TyperGroup):
    """Reads the contracts of the operations only for their commands and for the list of all."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name; an operation that is called as a command of main.py is reached by `submit`."""
        if found := super().get_command(ctx, cmd_name):
            return found
        from cli.operation_commands import command_of
        from shared import catalogue

        operation = catalogue.load().operations.get(cmd_name)
        return command_of(operation) if operation else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands: those that every platform has, then the operations of each service."""
        for title, rows in self._sections():
            with formatter.section(title):
                formatter.write_dl(rows)

    def _sections(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        from shared import catalogue

        own = [(name, each) for name, each in self.commands.items() if not each.hidden]
        for panel in dict.fromkeys(each.rich_help_panel or "Commands" for _, each in own):  # type: ignore[attr-defined]
            chosen = [(n, each) for n, each in own if (each.rich_help_panel or "Commands") == panel]  # type: ignore[attr-defined]
            yield panel, [(name, each.get_short_help_str(_WIDTH)) for name, each in chosen]
        for service in catalogue.load().services.values():
            operations = sorted(service.operations.values(), key=lambda operation: operation.name)
            rows = [(each.name, each.summary) for each in operations if each.name not in self.commands]
            yield f"Operations of {service.name} ({service.summary.rstrip('.')})", rows

"""How the command line writes: tables that fit a terminal, and whole lines where nobody sits before one."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

#: Width of what goes into a file or another program: nothing is cut or wrapped.
_PIPE_COLUMNS = 500
_COLOURS = {"completed": "green", "failed": "red", "cancelled": "yellow", "processing": "cyan", "pending": "blue"}


def console(*, stderr: bool = False) -> Console:
    """Where to write; colours only on a terminal."""
    found = Console(stderr=stderr, highlight=False, soft_wrap=True)
    if not found.is_terminal:
        found.width = _PIPE_COLUMNS
    return found


def table(*names: str, wraps: str) -> Table:
    """An empty table without lines, of whose columns only `wraps` gives way on a narrow terminal."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        made.add_column(name, no_wrap=name != wraps, overflow="fold")
    return made


def coloured(status: str) -> str:
    """A status as rich markup."""
    return f"[{_COLOURS.get(status, 'white')}]{status}[/]"

"""`bindery cancel` and `retry`: end what is under way, try again what failed."""

from __future__ import annotations

from rich.markup import escape

from cli.connection import connected
from cli.terminal import coloured, console


def cancel(wanted: str) -> None:
    """Ask to end a job, or every job of a batch or a pipeline."""
    with connected() as client:
        record = client.cancel(client.find(wanted))
    note = "" if record.status == "cancelled" else ", ends within seconds"
    console().print(f"{escape(record.id)}  {coloured(record.status)}{note}")


def retry(wanted: str) -> None:
    """Try again a job or a pipeline that failed or was cancelled."""
    with connected() as client:
        record = client.retry(client.find(wanted))
    console().print(f"{escape(record.id)}  {coloured(record.status)}")

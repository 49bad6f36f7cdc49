"""`bindery queues`: what waits in each queue, and who works on it."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from bindery.records import Raw
from cli.connection import connected
from cli.results import print_json
from cli.terminal import console, table
from shared.durations import duration


def list_queues(*, as_json: bool) -> None:
    """Print every queue and who consumes it."""
    with connected() as client:
        answer = client.get("/v1/queues")
    if as_json:
        print_json(answer)
        return
    shown = table("queue", "ready", "oldest", "scheduled", "processing", "slots", "workers", "note", wraps="note")
    for queue in answer["queues"]:
        live = [one for one in queue["consumers"] if one["live"]]
        shown.add_row(
            escape(queue["name"]),
            str(queue["ready"]),
            duration(queue["oldest_age_seconds"]) if queue["ready"] else "",
            str(queue["scheduled"]),
            str(queue["processing"]),
            f"{sum(one['busy'] for one in live)}/{sum(one['slots'] for one in live)}",
            str(len(live)),
            _note(queue, live),
        )
    console().print(shown)


def _note(queue: Raw, live: list[dict[str, Any]]) -> str:
    if queue["paused"]:
        return "[yellow]paused[/]"
    if not live:
        return "[red]no worker: start one with `bindery worker " + escape(queue["name"]) + "`[/]"
    failing = {f"{name}: {text}" for one in live for name, text in one["operations"].items() if text}
    return "[red]" + escape("; ".join(sorted(failing))) + "[/]" if failing else "[green]ok[/]"

"""`bindery queues`: what waits in each queue, how fast it goes, and who works on it."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bindery.records import Raw
from cli.connection import connected
from cli.results import print_json
from cli.terminal import console, table

_NONE = "[dim]-[/]"


def list_queues(*, as_json: bool) -> None:
    """Print every queue and who consumes it."""
    with connected() as client:
        answer = client.get("/v1/queues")
    if as_json:
        print_json(answer)
        return
    show(answer["queues"], console())


def show(queues: list[Raw], out: Console) -> None:
    """Print what the gateway tells of queues, and what is wrong with them in sentences."""
    out.print(_queues(queues))
    out.print()
    out.print(_workers(queues))
    for sentence in filter(None, (problem for queue in queues for problem in _problems(queue))):
        out.print(sentence)


def _queues(queues: list[Raw]) -> Table:
    names = ("queue", "ready", "oldest", "later", "busy", "/min", "failed 1h", "wait", "p95", "run", "p95", "state")
    shown = table(*names, wraps="state")
    for column in shown.columns[1:-1]:
        column.justify = "right"
    for queue in queues:
        failed = sum(queue["failures_last_hour"].values())
        live = _live(queue)
        shown.add_row(
            escape(queue["name"]),
            _number(queue["ready"], "red" if queue["waiting_for_consumer"] else "yellow"),
            short(queue["oldest_age_seconds"]) if queue["ready"] else _NONE,
            _number(queue["scheduled"], "blue"),
            f"{queue['processing']}/{sum(one['slots'] for one in live)}",
            _number(queue["ended_per_minute"]["last_5_minutes"], "green"),
            _number(failed, "red"),
            *(
                short(queue[what][part]) if queue[what] else _NONE
                for what in ("wait_seconds", "run_seconds")
                for part in ("p50", "p95")
            ),
            _state(queue, live),
        )
    return shown


def _workers(queues: list[Raw]) -> Table:
    shown = table("queue", "worker", "version", "busy", "self-tests", wraps="worker")
    for queue in queues:
        for one in queue["consumers"]:
            failing = sum(1 for failure in one["operations"].values() if failure)
            tests = f"[red]{failing} of {len(one['operations'])} failed[/]" if failing else "[green]passed[/]"
            shown.add_row(
                escape(queue["name"]),
                escape(f"{one['host']}, process {one['pid']}"),
                escape(one["version"]),
                f"{one['busy']}/{one['slots']}",
                tests if one["live"] else "[dim]gone[/]",
            )
    return shown


def _live(queue: Raw) -> list[dict[str, Any]]:
    return [one for one in queue["consumers"] if one["live"]]


def _state(queue: Raw, live: list[dict[str, Any]]) -> str:
    if queue["paused"]:
        return "[yellow]paused[/]"
    if not live:
        return "[red]no worker[/]"
    failing = any(failure for one in live for failure in one["operations"].values())
    return "[red]self-test[/]" if failing else "[green]ok[/]"


def _problems(queue: Raw) -> list[str]:
    """What an operator should know, a sentence each."""
    name, live = escape(queue["name"]), _live(queue)
    found = []
    if queue["paused"]:
        found.append(f"[yellow]{name}: paused by {escape(queue['paused_by'])}.[/]")
    if not live:
        found.append(f"[red]{name}: no worker; start one with `bindery worker {name}`.[/]")
    elif queue["waiting_for_consumer"]:
        found.append(f"[red]{name}: jobs are ready that no live worker can take.[/]")
    texts = {f"{operation}: {text}" for one in live for operation, text in one["operations"].items() if text}
    found += [f"[red]{name}: the self-test of {escape(text)}[/]" for text in sorted(texts)]
    codes = ", ".join(f"{count} x {escape(code)}" for code, count in queue["failures_last_hour"].items())
    return [*found, *([f"{name}: failed in the last hour: {codes}."] if codes else [])]


def _number(value: float, colour: str) -> str:
    return f"[{colour}]{value:g}[/]" if value else "[dim]0[/]"


def short(seconds: float) -> str:
    """A length of time in few characters: 0.35s, 45s, 12m, 3.5h, 2d."""
    for unit, size_s in (("d", 86400.0), ("h", 3600.0), ("m", 60.0)):
        if seconds >= 2 * size_s:
            return f"{seconds / size_s:.3g}{unit}"
    return f"{seconds:.2g}s" if seconds < 10 else f"{seconds:.0f}s"

"""`bindery retry` and `cancel` with filters: all jobs that have something in common, request after request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from rich.markup import escape

from cli.connection import connected
from cli.results import print_json
from cli.terminal import coloured, console
from cli.times import moment

#: Jobs of a dry run that are shown one by one.
_SHOWN = 20
_DONE = {"retry": "tried again", "cancel": "cancelled"}


@dataclass(frozen=True)
class Filters:
    """What the jobs have in common; None: anything."""

    status: str | None
    owner: str | None
    operation: str | None
    queue: str | None
    code: str | None
    since: str | None
    before: str | None

    @property
    def named(self) -> bool:
        """Whether there is any."""
        return any(value is not None for value in vars(self).values())

    @property
    def body(self) -> dict[str, str]:
        """As the gateway takes them. Raises UsageError for what is no time."""
        given = {
            "status": self.status,
            "owner": self.owner,
            "operation": self.operation,
            "queue": self.queue,
            "error_code": self.code,
            "created_after": moment(self.since).isoformat() if self.since else None,
            "created_before": moment(self.before).isoformat() if self.before else None,
        }
        return {name: value for name, value in given.items() if value is not None}


def change(action: Literal["retry", "cancel"], filters: Filters, *, dry_run: bool, as_json: bool) -> None:
    """Retry or cancel all jobs that match, and print how many; a dry run prints which."""
    changed = 0
    with connected() as client:
        while True:
            told = client.ask("POST", f"/v1/jobs/{action}", {**filters.body, "dry_run": dry_run})
            changed += told["changed"]
            if as_json:
                print_json(told)
            # What could not be changed would come again and again.
            if dry_run or not told["more"] or not told["changed"]:
                break
    if dry_run and not as_json:
        _print_dry_run(told, _DONE[action])
    elif not as_json:
        console().print(f"{changed} {_DONE[action]}" if changed else "no job matches")


def _print_dry_run(told: dict[str, Any], done: str) -> None:
    out, shown = console(), told["jobs"][:_SHOWN]
    for job in shown:
        out.print(f"{job['id']}  {escape(job['operation'])}  {coloured(job['status'])}")
    if left := told["matching"] - len(shown):
        out.print(f"... and {left} more")
    out.print(f"{told['matching']} would be {done}")

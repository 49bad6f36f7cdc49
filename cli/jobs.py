"""`bindery jobs`, `explain`, `cancel`, `retry`, `queues`: what is there, why it waits, and what to do with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from rich.markup import escape

from cli.follow import find
from cli.gateway_client import Gateway, Record
from cli.terminal import console, table
from shared.explain import duration

_COLOURS = {"completed": "green", "failed": "red", "cancelled": "yellow", "processing": "cyan", "pending": "blue"}


def _coloured(status: str) -> str:
    return f"[{_COLOURS.get(status, 'white')}]{status}[/]"


def _age(at: str | None) -> str:
    if at is None:
        return ""
    return duration((datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds())


def list_jobs(status: str | None, limit: int) -> None:
    """Print the newest jobs."""
    with Gateway() as gateway:
        found = gateway.get("/v1/jobs", status=status, limit=limit)
    shown = table("id", "operation", "status", "%", "age", "document", wraps="document")
    for job in found["jobs"]:
        files = ", ".join(stored["name"] for stored in job["inputs"])
        shown.add_row(
            job["id"],
            escape(job["operation"]),
            _coloured(job["status"]),
            str(job["progress"]["percent"]),
            _age(job["created_at"]),
            escape(": ".join(filter(None, (files, _note(job))))),
        )
    console().print(shown if found["jobs"] else "no jobs")
    if found["next_cursor"]:
        console().print(f"only the newest {limit}; --limit shows more")


def _note(job: Record) -> str:
    if job["error"]:
        return f"[{job['error']['code']}] {job['error']['message']}"
    return str(job["waiting"]["message"]) if job["waiting"] else ""


def explain(job_id: str) -> None:
    """Print why a job is where it is, and its journal."""
    out = console()
    with Gateway() as gateway:
        job = gateway.get(_path(job_id))
        journal = gateway.get(job["links"]["journal"])["journal"]
    out.print(f"{job['id']}  {escape(job['operation'])}  {_coloured(job['status'])}")
    if job["waiting"]:
        out.print(escape(job["waiting"]["message"]))
    for error in filter(None, (job["error"], job["last_error"])):
        out.print(f"[red]{escape(error['message'])}[/] Remedy: {escape(error['remedy'])}")
    shown = table("at", "event", "attempt", "by", "details", wraps="details")
    for line in journal:
        # Of a job that is done in steps: which one this is about.
        of_step = {"step": line["step"]} if line["step"] else {}
        details = ", ".join(f"{name}={value}" for name, value in {**of_step, **line["details"]}.items())
        shown.add_row(
            line["at"], _coloured(line["event"]), str(line["attempt"]), escape(line["actor"]), escape(details)
        )
    out.print(shown)


def cancel(job_id: str) -> None:
    """Ask to end a job, or every job of a batch."""
    with Gateway() as gateway:
        path = find(gateway, job_id)["links"]["self"]
        record = gateway.post(f"{path}/cancel")
    note = "" if record["status"] == "cancelled" else ", ends within seconds"
    console().print(f"{record['id']}  {_coloured(record['status'])}{note}")


def retry(job_id: str) -> None:
    """Try a failed or cancelled job again."""
    with Gateway() as gateway:
        record = gateway.post(f"{_path(job_id)}/retry")
    console().print(f"{record['id']}  {_coloured(record['status'])}")


def _path(job_id: str) -> str:
    return f"/v1/jobs/{quote(job_id, safe='')}"


def list_queues() -> None:
    """Print every queue and who consumes it."""
    with Gateway() as gateway:
        queues = gateway.get("/v1/queues")["queues"]
    shown = table("queue", "ready", "oldest", "scheduled", "processing", "slots", "workers", "note", wraps="note")
    for queue in queues:
        live = [one for one in queue["consumers"] if one["live"]]
        shown.add_row(
            escape(queue["name"]),
            str(queue["ready"]),
            duration(queue["oldest_age_seconds"]) if queue["ready"] else "",
            str(queue["scheduled"]),
            str(queue["processing"]),
            f"{sum(one['busy'] for one in live)}/{sum(one['slots'] for one in live)}",
            str(len(live)),
            _queue_note(queue, live),
        )
    console().print(shown)


def _queue_note(queue: Record, live: list[dict[str, Any]]) -> str:
    if queue["paused"]:
        return "[yellow]paused[/]"
    if not live:
        return "[red]no worker: start one with `bindery worker " + escape(queue["name"]) + "`[/]"
    failing = {f"{name}: {text}" for one in live for name, text in one["operations"].items() if text}
    return "[red]" + escape("; ".join(sorted(failing))) + "[/]" if failing else "[green]ok[/]"

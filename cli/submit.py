"""`bindery submit` and `bindery watch`: documents in, a progress bar, results out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from cli.errors import EXIT_JOB_FAILED, NoSuchFile, UsageError
from cli.follow import find, follow, is_ended
from cli.gateway_client import Gateway, Record
from cli.terminal import console
from shared import names


def submit(
    operation: str,
    files: Sequence[Path],
    options: Sequence[str],
    *,
    password: str | None,
    priority: int | None,
    output: Path | None,
    wait: bool,
) -> int:
    """Submit documents; wait for the result and save it when asked to. Returns the exit code."""
    fields = _fields(options)
    if password is not None:
        fields["password"] = password
    if priority is not None:
        fields["priority"] = str(priority)
    _check_place(output)
    with Gateway() as gateway:
        record = gateway.submit(operation, files, fields)
        sys.stdout.write(f"{record['id']}\n")
        sys.stdout.flush()
        return _see_through(gateway, record, output) if wait or output else 0


def watch(wanted: str, output: Path | None) -> int:
    """Show the progress of a job or a batch until it ends; save its result when asked to. Returns the exit code."""
    _check_place(output)
    with Gateway() as gateway:
        return _see_through(gateway, find(gateway, wanted), output)


def _fields(options: Sequence[str]) -> dict[str, str]:
    fields = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise UsageError(f"The option {option!r} is not name=value.", remedy="For example: --option preset=small")
        fields[name.replace("-", "_")] = value
    return fields


def _check_place(output: Path | None) -> None:
    """Find out before the work is done. Raises NoSuchFile."""
    if output and not output.is_dir() and not output.parent.is_dir():
        raise NoSuchFile(f"The folder {output.parent} does not exist.", remedy=f"mkdir -p {output.parent}")


def _see_through(gateway: Gateway, record: Record, output: Path | None) -> int:
    ended = record if is_ended(record) else _show(gateway, record)
    jobs: list[Record] = ended.get("jobs", [ended])
    out = console(stderr=True)
    for job in jobs:
        out.print(_line(job))
    if output and any(job["status"] == "completed" for job in jobs):
        _save(gateway, ended, jobs, output, out)
    return 0 if all(job["status"] == "completed" for job in jobs) else EXIT_JOB_FAILED


def _show(gateway: Gateway, record: Record) -> Record:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console(stderr=True)) as shown:
        bar = shown.add_task(escape(record["operation"]), total=100, note="")

        def tell(now: Record) -> None:
            shown.update(bar, completed=now["progress"]["percent"], note=escape(_note(now)))

        return follow(gateway, record["links"]["self"], tell)


def _note(record: Record) -> str:
    if record["status"] == "pending" and record.get("waiting"):
        return str(record["waiting"]["message"])
    return f"{record['status']} {record['progress']['message']}".strip()


def _line(job: Record) -> str:
    """What became of a job, in one line of rich markup."""
    name = escape(", ".join(stored["name"] for stored in job["inputs"]))
    if job["status"] == "completed":
        before = sum(stored["bytes"] for stored in job["inputs"])
        after = sum(stored["bytes"] for stored in job["outputs"])
        share = f", {100 * after / before:.0f} %" if before and after else ""
        return f"[green]completed[/] {name}: {before:,} -> {after:,} bytes{share}, {job['run_seconds'] or 0:.1f} s"
    if job["error"]:
        error = job["error"]
        told = f"{escape(error['message'])} Remedy: {escape(error['remedy'])}"
        return f"[red]{job['status']}[/] {name}: {escape('[' + error['code'] + ']')} {told}"
    return f"[yellow]{job['status']}[/] {name}"


def _save(gateway: Gateway, ended: Record, jobs: list[Record], output: Path, out: Console) -> None:
    if not output.is_dir():
        sha256 = jobs[0]["outputs"][0]["sha256"] if len(jobs) == len(jobs[0]["outputs"]) == 1 else None
        count = gateway.download(f"{ended['links']['self']}/result", output, sha256=sha256)
        out.print(f"saved {escape(str(output))} ({count:,} bytes)")
        return
    made: list[dict[str, Any]] = [stored for job in jobs for stored in job["outputs"]]
    # The server says how a file is called, not where it goes.
    kept = names.unique(names.safe(stored["name"], otherwise="output") for stored in made)
    for stored, name in zip(made, kept, strict=True):
        count = gateway.download(stored["url"], output / name, sha256=stored["sha256"])
        out.print(f"saved {escape(str(output / name))} ({count:,} bytes)")

"""`bindery jobs`, `watch`, `download`, `explain`: what is there, how far it is, why it waits, what it made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice, takewhile

from rich.markup import escape

from bindery import Job
from cli.connection import connected
from cli.errors import EXIT_JOB_FAILED, UsageError
from cli.operate import PATIENCE_S, see_through
from cli.places import Place
from cli.results import print_json
from cli.terminal import coloured, console, table
from cli.times import moment
from cli.wishes import Wishes
from shared.durations import duration


def list_jobs(filters: Mapping[str, str | None], *, since: str | None, limit: int, as_json: bool) -> None:
    """Print the newest jobs that the filters let through."""
    after = moment(since) if since else None
    with connected() as client:
        newer = takewhile(lambda job: after is None or job.created_at >= after, client.jobs(**filters))
        found = list(islice(newer, limit + 1))
    if as_json:
        for job in found[:limit]:
            print_json(job.raw)
        return
    shown = table("id", "operation", "status", "%", "age", "document", wraps="document")
    for job in found[:limit]:
        files = ", ".join(stored.name for stored in job.inputs)
        shown.add_row(
            job.id,
            escape(job.operation),
            coloured(job.status),
            str(job.progress.percent),
            duration((datetime.now(UTC) - job.created_at).total_seconds()),
            escape(": ".join(filter(None, (files, _note(job))))),
        )
    console().print(shown if found else "no jobs")
    if len(found) > limit:
        console(stderr=True).print(f"only the newest {limit}; --limit shows more")


def _note(job: Job) -> str:
    return f"[{job.error.code}] {job.error.message}" if job.error else job.waiting or ""


def watch(wanted: str, out: str | None, *, overwrite: bool, as_json: bool) -> int:
    """Show the progress until the end; save the result when asked to. Returns the exit code."""
    wishes = Wishes(out=out, overwrite=overwrite, as_json=as_json, looks_only=out is None)
    place = Place(wishes)
    with connected(patience_s=PATIENCE_S) as client:
        return see_through(client, [client.find(wanted)], wishes, place)


def download(wanted: str, out: str | None, *, overwrite: bool) -> int:
    """Save the result of what has ended. Returns the exit code."""
    wishes = Wishes(out=out, overwrite=overwrite)
    place = Place(wishes)
    with connected(patience_s=PATIENCE_S) as client:
        record = client.find(wanted)
        if not record.ended:
            console(stderr=True).print(f"It is {record.status}: `bindery watch {record.id}` shows how far.")
            return EXIT_JOB_FAILED
        return see_through(client, [record], wishes, place)


def explain(job_id: str) -> None:
    """Print why a job is where it is, and its journal."""
    out = console()
    with connected() as client:
        found = client.find(job_id)
        if not isinstance(found, Job):
            raise UsageError(
                "It has several jobs.", remedy=f"`bindery jobs`, then `bindery explain` one of {_ids(found.jobs)}."
            )
        job, journal = found.raw, client.get(found.links["journal"])["journal"]
    out.print(f"{job['id']}  {escape(job['operation'])}  {coloured(job['status'])}")
    if job["waiting"]:
        out.print(escape(job["waiting"]["message"]))
    for error in filter(None, (job["error"], job["last_error"])):
        out.print(f"[red]{escape(error['message'])}[/] Remedy: {escape(error['remedy'])}")
    shown = table("at", "event", "attempt", "by", "details", wraps="details")
    for line in journal:
        # Of a job that is done in steps: which one this is about.
        of_step = {"step": line["step"]} if line["step"] else {}
        details = ", ".join(f"{name}={value}" for name, value in {**of_step, **line["details"]}.items())
        shown.add_row(line["at"], coloured(line["event"]), str(line["attempt"]), escape(line["actor"]), escape(details))
    out.print(shown)


def _ids(jobs: tuple[Job, ...]) -> str:
    return ", ".join(job.id for job in jobs[:5])

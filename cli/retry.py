"""`bindery cancel` and `retry`: end what is under way, try again what failed."""

from __future__ import annotations

from rich.markup import escape

from cli.connection import connected
from cli.errors import UsageError
from cli.many_jobs import Filters, change
from cli.results import print_json
from cli.terminal import coloured, console


def cancel(wanted: str | None, filters: Filters, *, dry_run: bool, as_json: bool) -> None:
    """Ask to end a job, every job of a batch or a pipeline, or all jobs that match."""
    if wanted is None:
        change("cancel", _named(filters), dry_run=dry_run, as_json=as_json)
        return
    _alone(filters, dry_run=dry_run)
    with connected() as client:
        record = client.cancel(client.find(wanted))
    if as_json:
        print_json(record.raw)
        return
    note = "" if record.status == "cancelled" else ", ends within seconds"
    console().print(f"{escape(record.id)}  {coloured(record.status)}{note}")


def retry(wanted: str | None, filters: Filters, *, dry_run: bool, as_json: bool) -> None:
    """Try again a job or a pipeline that failed or was cancelled, or all jobs that match."""
    if wanted is None:
        change("retry", _named(filters), dry_run=dry_run, as_json=as_json)
        return
    _alone(filters, dry_run=dry_run)
    with connected() as client:
        record = client.retry(client.find(wanted))
    if as_json:
        print_json(record.raw)
        return
    console().print(f"{escape(record.id)}  {coloured(record.status)}")


def _named(filters: Filters) -> Filters:
    if not filters.named:
        raise UsageError("Nothing says which jobs.", remedy="Give an id, or a filter such as --queue or --status.")
    return filters


def _alone(filters: Filters, *, dry_run: bool) -> None:
    if filters.named or dry_run:
        raise UsageError("An id and filters say different things.", remedy="Give one or the other.")

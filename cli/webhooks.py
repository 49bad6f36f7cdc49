"""`bindery webhooks`: who is told of the end of jobs, what came of it, and once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from shared.webhooks.events import Event

if TYPE_CHECKING:
    from bindery.records import Raw

app = typer.Typer(help="Addresses that are told of the end of jobs.", no_args_is_help=True)

Webhook = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Id of a webhook.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]

_COLOURS = {"delivered": "green", "dead": "red", "pending": "blue"}


@app.command("list")
def list_webhooks(as_json: AsJson = False) -> None:
    """List the webhooks: what they are told, and whether it reaches them."""
    found = _get("/v1/webhooks")
    if as_json:
        _print_json(found)
        return
    from rich.markup import escape

    from cli.terminal import console, table

    shown = table("id", "url", "events", "waiting", "dead", "note", wraps="events")
    for each in found["webhooks"]:
        counts = each["deliveries"]
        events = "all" if set(each["events"]) == set(Event) else ", ".join(each["events"]) or "of jobs that name it"
        dead = f"[red]{counts['dead']}[/]" if counts["dead"] else "0"
        shown.add_row(each["id"], escape(each["url"]), events, str(counts["pending"]), dead, _note(each))
    console().print(shown if found["webhooks"] else "no webhooks")


def _note(webhook: Raw) -> str:
    from rich.markup import escape

    if not webhook["enabled"]:
        return f"[red]disabled: {escape(webhook['disabled_because'])}[/]"
    if webhook["failing_since"]:
        return f"[yellow]failing since {webhook['failing_since']}[/]"
    return "[green]ok[/]"


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="Where each event is posted to.")],
    event: Annotated[
        list[Event] | None, typer.Option("--event", help="Of all jobs; may be given again. Without: all events.")
    ] = None,
    description: Annotated[str, typer.Option(help="For people.")] = "",
    as_json: AsJson = False,
) -> None:
    """Register a webhook, and print its id and its secret."""
    body: dict[str, Any] = {"url": url, "description": description, **({"events": event} if event else {})}
    made = _ask("/v1/webhooks", body)
    if as_json:
        _print_json(made)
        return
    from cli.terminal import console

    console().print(f"{made['id']}\n{made['secret']}")


@app.command()
def deliveries(
    webhook: Annotated[str | None, typer.Argument(metavar="WEBHOOK", help="Of this one; without: of all.")] = None,
    state: Annotated[str | None, typer.Option(help="pending, delivered or dead.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="So many of the newest.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest deliveries: what was told, and what came of it."""
    path = f"{_path(webhook)}/deliveries" if webhook else "/v1/webhook-deliveries"
    found = _get(path, state=state, limit=limit)
    if as_json:
        _print_json(found)
        return
    from rich.markup import escape

    from cli.terminal import console, table

    shown = table("id", "event", "state", "tries", "created", "next try", "url", "last error", wraps="last error")
    for each in found["deliveries"]:
        error = each["last_error"]["message"] if each["last_error"] else ""
        state_shown = f"[{_COLOURS[each['state']]}]{each['state']}[/]"
        times = (each["created_at"], each["next_at"] or "")
        shown.add_row(
            each["id"],
            each["event"],
            state_shown,
            str(each["attempts"]),
            *times,
            escape(each["url"]),
            escape(error),
        )
    console().print(shown if found["deliveries"] else "no deliveries")


@app.command()
def redeliver(
    delivery: Annotated[str | None, typer.Argument(metavar="DELIVERY", help="Id of a delivery.")] = None,
    dead: Annotated[
        str | None, typer.Option("--dead", metavar="WEBHOOK", help="All dead deliveries of this webhook.")
    ] = None,
) -> None:
    """Deliver something once more, now and with all tries."""
    from cli.errors import UsageError
    from cli.terminal import console

    if (delivery is None) == (dead is None):
        raise UsageError("Name a delivery, or a webhook with --dead.")
    if dead is not None:
        again = _ask(f"{_path(dead)}/redeliver")["redelivered"]
        console().print(f"{again} deliveries are sent again")
        return
    assert delivery is not None
    record = _ask(f"/v1/webhook-deliveries/{quote(delivery, safe='')}/redeliver")
    console().print(f"{record['id']}  [{_COLOURS[record['state']]}]{record['state']}[/]")


@app.command()
def rotate(
    webhook: Webhook,
    overlap_s: Annotated[float, typer.Option(min=0, help="For so many seconds the old secret signs too.")] = 86_400,
) -> None:
    """Make a fresh secret, and print it."""
    from cli.terminal import console

    console().print(_ask(f"{_path(webhook)}/rotate-secret", {"overlap_s": overlap_s})["secret"])


def _path(webhook: str) -> str:
    return f"/v1/webhooks/{quote(webhook, safe='')}"


def _get(path: str, **query: Any) -> Raw:
    from cli.connection import connected

    with connected() as client:
        found: Raw = client.get(path, **query)
    return found


def _ask(path: str, body: dict[str, Any] | None = None) -> Raw:
    from cli.connection import connected

    with connected() as client:
        answered: Raw = client.ask("POST", path, body)
    return answered


def _print_json(record: Raw) -> None:
    from cli.results import print_json

    print_json(record)

"""`bindery keys`: API keys are made, listed and revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from shared.callers import Scope

if TYPE_CHECKING:
    from bindery.records import Raw

app = typer.Typer(help="API keys: who may call the gateway, and for what.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
_LIMIT = "0: no limit; without: as the settings say."


@app.command()
def create(
    owner: Annotated[str, typer.Argument(metavar="OWNER", help="Whose jobs it makes and sees.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="For people: where it is used.")],
    scope: Annotated[
        list[Scope] | None, typer.Option("--scope", help="May be given again. Without: submit and read.")
    ] = None,
    jobs_per_minute: Annotated[int | None, typer.Option(min=0, help=f"Most jobs in a minute; {_LIMIT}")] = None,
    bytes_per_day: Annotated[int | None, typer.Option(min=0, help=f"Most bytes on a day (UTC); {_LIMIT}")] = None,
    running_jobs: Annotated[
        int | None, typer.Option(min=0, help=f"Most jobs of the owner that run at once; {_LIMIT}")
    ] = None,
    days: Annotated[
        float | None, typer.Option(min=0.001, help="It expires after so many days; without: never.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it: nobody can read it again.

    Without BINDERY_API_KEY the database is asked directly, if it is at hand: so the first key is made.
    """
    wish = {
        "owner": owner,
        "name": name,
        **({"scopes": scope} if scope else {}),
        "jobs_per_minute": jobs_per_minute,
        "bytes_per_day": bytes_per_day,
        "running_jobs": running_jobs,
        "expires_in_days": days,
    }
    from cli.key_store import key_store

    with key_store() as store:
        made = store.create(wish)
    if as_json:
        _print_json(made)
    else:
        # Alone on its line, so that a script can keep it.
        typer.echo(made["key"])
        typer.echo(
            f"{made['id']}: {owner}/{name}, {', '.join(made['scopes'])}. Keep the key: it is shown once.", err=True
        )


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys: whose they are, what they allow, and whether they are used."""
    from cli.key_store import key_store

    with key_store() as store:
        found = store.listed()
    if as_json:
        _print_json({"keys": found})
        return
    from rich.markup import escape

    from cli.terminal import console, table

    shown = table("id", "owner", "name", "scopes", "limits", "last used", "state", wraps="limits")
    for each in found:
        limits = ", ".join(
            f"{each[limit]} {limit.replace('_', ' ')}"
            for limit in ("jobs_per_minute", "bytes_per_day", "running_jobs")
            if each[limit] is not None
        )
        scopes = ", ".join(each["scopes"])
        used = each["last_used_at"] or "never"
        shown.add_row(each["id"], escape(each["owner"]), escape(each["name"]), scopes, limits, used, _state(each))
    console().print(shown if found else "no keys")


@app.command()
def revoke(key: Annotated[str, typer.Argument(metavar="KEY", help="Id of a key.")]) -> None:
    """End a key for good: within seconds it works nowhere any more."""
    from cli.key_store import key_store

    with key_store() as store:
        revoked = store.revoke(key)
    typer.echo(f"{revoked['id']} of {revoked['owner']}/{revoked['name']} is revoked")


def _state(key: Raw) -> str:
    if key["revoked_at"]:
        return "[red]revoked[/]"
    return f"until {key['expires_at']}" if key["expires_at"] else "[green]ok[/]"


def _print_json(record: dict[str, Any]) -> None:
    from cli.results import print_json

    print_json(record)


def path_of(key_id: str) -> str:
    """The address of a key."""
    return f"/v1/keys/{quote(key_id, safe='')}"

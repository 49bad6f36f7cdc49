"""The `bindery` command line: what each command takes. What it does is imported when it is called, so that
`bindery --help` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli import keys, webhooks
from cli.commands import Commands
from cli.errors import EXIT_INTERRUPTED, leave
from shared.errors import BinderyError

if TYPE_CHECKING:
    from shared.settings import Settings


class _CommandLine(typer.Typer):
    """Turns errors into two lines and an exit code."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            return super().__call__(*arguments, **named)
        except BinderyError as error:
            leave(error)
        except KeyboardInterrupt:
            raise SystemExit(EXIT_INTERRUPTED) from None


app = _CommandLine(
    cls=Commands,
    help="Self-hosted document processing. The gateway that commands talk to is named by BINDERY_URL, the key that "
    "it asks for by BINDERY_API_KEY.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"max_content_width": 110},
)

#: Headings of the list of commands.
DOCUMENTS, JOBS, PLATFORM = "Documents", "Jobs", "The platform"

Shell = Literal["bash", "zsh", "fish"]
Status = Literal["pending", "processing", "completed", "failed", "cancelled"]
Job = Annotated[str, typer.Argument(metavar="ID", help="Id of a job.")]
Whole = Annotated[str, typer.Argument(metavar="ID", help="Id of a job, a batch or a pipeline.")]
Files = Annotated[list[str] | None, typer.Argument(metavar="FILES", help="Documents; - is stdin.")]
Out = Annotated[
    str | None,
    typer.Option(*("--out", "-o"), metavar="PATH", help="A file, a folder, a .zip, or - for stdout."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")]
Password = Annotated[
    str | None, typer.Option(metavar="-|@FILE|TEXT", help="Of an encrypted PDF; - asks for it, @FILE reads it.")
]
Priority = Annotated[int | None, typer.Option(min=0, max=9, help="0 is served first.")]
WholeOrNone = Annotated[
    str | None, typer.Argument(metavar="ID", help="Id of a job, a batch or a pipeline; none: all that match filters.")
]
Owner = Annotated[str | None, typer.Option(help="Only jobs of this owner.")]
Operation = Annotated[str | None, typer.Option(help="Only jobs of this operation.")]
Queue = Annotated[str | None, typer.Option(help="Only jobs of this queue.")]
Code = Annotated[str | None, typer.Option(help="Only jobs with this error code.")]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Only jobs created since: 12h, or 2026-01-31T08:00.")]
Before = Annotated[str | None, typer.Option(metavar="TIME", help="Only jobs created before.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say which jobs it would be.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Wait = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Wait for the result (Ctrl-C cancels), or print the id at once.")
]


@app.command(rich_help_panel=DOCUMENTS)
def pipeline(
    files: Files = None,
    step: Annotated[
        list[str] | None,
        typer.Option(metavar="OPERATION[:NAME=VALUE,...]", help="A step, in order: compress:preset=small."),
    ] = None,
    steps: Annotated[Path | None, typer.Option(metavar="FILE", help="The steps as JSON or YAML instead.")] = None,
    out: Out = None,
    overwrite: Overwrite = False,
    password: Password = None,
    priority: Priority = None,
    as_json: AsJson = False,
    wait: Wait = True,
) -> None:
    """Lead documents through several operations, one after the other."""
    from cli.pipeline import pipeline as send
    from cli.wishes import Wishes

    wishes = Wishes(
        files=tuple(files or ()),
        out=out,
        overwrite=overwrite,
        password=_secret(password),
        as_json=as_json,
        wait=wait,
        priority=priority,
    )
    raise typer.Exit(send(step or [], steps, wishes))


@app.command(rich_help_panel=DOCUMENTS)
def submit(
    operation: Annotated[str, typer.Argument(help="An operation of the gateway.")],
    files: Files = None,
    option: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="May be given again.")] = None,
    out: Out = None,
    overwrite: Overwrite = False,
    password: Password = None,
    priority: Priority = None,
    as_json: AsJson = False,
    wait: Wait = True,
) -> None:
    """Do an operation that this installation does not know: one of a newer gateway, or of a plugin."""
    from cli.submit import submit as send
    from cli.wishes import Wishes

    wishes = Wishes(
        files=tuple(files or ()),
        out=out,
        overwrite=overwrite,
        password=_secret(password),
        as_json=as_json,
        wait=wait,
        priority=priority,
    )
    raise typer.Exit(send(operation, option or [], wishes))


@app.command(rich_help_panel=JOBS)
def jobs(
    status: Annotated[Status | None, typer.Option(help="Only jobs of this status.")] = None,
    operation: Annotated[str | None, typer.Option(help="Only jobs of this operation.")] = None,
    queue: Annotated[str | None, typer.Option(help="Only jobs of this queue.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="AGE|TIME", help="Only younger ones: 30m, 12h, 7d, or 2026-01-31T08:00.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many of the newest.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print each record as a line of JSON.")] = False,
) -> None:
    """List the newest jobs."""
    from cli.jobs import list_jobs

    list_jobs({"status": status, "operation": operation, "queue": queue}, since=since, limit=limit, as_json=as_json)


@app.command(rich_help_panel=JOBS)
def watch(job: Whole, out: Out = None, overwrite: Overwrite = False, as_json: AsJson = False) -> None:
    """Show the progress of a job, a batch or a pipeline until it ends; with --out, save the result."""
    from cli.jobs import watch as follow

    raise typer.Exit(follow(job, out, overwrite=overwrite, as_json=as_json))


@app.command(rich_help_panel=JOBS)
def download(job: Whole, out: Out = None, overwrite: Overwrite = False) -> None:
    """Save the result of what has ended; without --out in the current folder."""
    from cli.jobs import download as save

    raise typer.Exit(save(job, out, overwrite=overwrite))


@app.command(rich_help_panel=JOBS)
def explain(job: Job) -> None:
    """Say why a job is where it is, with its journal."""
    from cli.jobs import explain as tell

    tell(job)


@app.command(rich_help_panel=JOBS)
def cancel(
    job: WholeOrNone = None,
    status: Annotated[Literal["pending", "processing"] | None, typer.Option(help="Only those.")] = None,
    owner: Owner = None,
    operation: Operation = None,
    queue: Queue = None,
    code: Code = None,
    since: Since = None,
    before: Before = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End a job, every job of a batch or a pipeline, or (for operators) all that match every filter."""
    from cli.many_jobs import Filters
    from cli.retry import cancel as ask

    ask(job, Filters(status, owner, operation, queue, code, since, before), dry_run=dry_run, as_json=as_json)


@app.command(rich_help_panel=JOBS)
def retry(
    job: WholeOrNone = None,
    status: Annotated[Literal["failed", "cancelled"] | None, typer.Option(help="Failed unless told.")] = None,
    owner: Owner = None,
    operation: Operation = None,
    queue: Queue = None,
    code: Code = None,
    since: Since = None,
    before: Before = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Try again what failed or was cancelled: one, or (for operators) all that match every filter."""
    from cli.many_jobs import Filters
    from cli.retry import retry as ask

    ask(job, Filters(status, owner, operation, queue, code, since, before), dry_run=dry_run, as_json=as_json)


@app.command(rich_help_panel=PLATFORM)
def up() -> None:
    """Start the whole platform on this machine; Ctrl-C stops it."""
    from cli.up import up as start

    start(_settings())


@app.command(rich_help_panel=PLATFORM)
def queues(as_json: AsJson = False) -> None:
    """List the queues, what waits in them and who works on them."""
    from cli.queues import list_queues

    list_queues(as_json=as_json)


@app.command(rich_help_panel=PLATFORM)
def verify() -> None:
    """Send a sample through every queue; exit code 1 when anything is wrong."""
    from cli.verify import verify as look

    raise typer.Exit(look())


@app.command(rich_help_panel=PLATFORM)
def settings() -> None:
    """Show every setting, its value, and where that comes from."""
    from cli.settings_table import print_settings

    _settings()
    print_settings()


@app.command(rich_help_panel=PLATFORM)
def migrate() -> None:
    """Bring the schema of the database up to date."""
    from cli.processes import migrate as bring

    _settings()
    bring()


@app.command(rich_help_panel=PLATFORM)
def worker(service: Annotated[str, typer.Argument(help="For example compression.")]) -> None:
    """Run one worker, and nothing else."""
    from cli.processes import run_worker

    _settings()
    run_worker(service)


@app.command(rich_help_panel=PLATFORM)
def gateway() -> None:
    """Run the gateway, and nothing else."""
    from cli.processes import run_gateway

    _settings()
    run_gateway()


deploy = typer.Typer(help="Manifests for containers.", no_args_is_help=True)
app.add_typer(deploy, name="deploy", rich_help_panel=PLATFORM)

Manifests = Annotated[Path | None, typer.Argument(help="The folder of the manifests; deploy/ by default.")]


@deploy.command("render")
def deploy_render(folder: Manifests = None) -> None:
    """Write the manifests from the operations and settings in the code."""
    from cli.deploy.commands import render

    render(folder)


@deploy.command("check")
def deploy_check(folder: Manifests = None) -> None:
    """Say what is wrong with the manifests as they are: a queue without a consumer, limits that disagree.

    `kubectl kustomize FOLDER | bindery deploy check -` checks an overlay.
    """
    from cli.deploy.commands import check

    raise typer.Exit(check(folder))


app.add_typer(webhooks.app, name="webhooks", rich_help_panel=PLATFORM)
app.add_typer(keys.app, name="keys", rich_help_panel=PLATFORM)


@app.command(rich_help_panel=PLATFORM)
def completion(shell: Annotated[Shell, typer.Argument()]) -> None:
    """Print what makes a shell complete commands, flags and values: source <(bindery completion bash)."""
    from cli.completion import script

    typer.echo(script(shell, typer.main.get_command(app)), nl=False)


def _secret(given: str | None) -> str | None:
    from cli.flags import secret

    return None if given is None else secret(given, "password")


def _settings() -> Settings:
    """The settings. Raises SetUpError when the environment holds a wrong one."""
    from cli.settings_table import in_force

    return in_force()


if __name__ == "__main__":
    app()

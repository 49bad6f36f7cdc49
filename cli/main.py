"""The `bindery` command line: what each command takes. What it does is imported when it is called, so that
`bindery --help` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    help="Self-hosted document processing. The gateway that commands talk to is named by BINDERY_URL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Job = Annotated[str, typer.Argument(help="Id of a job.")]
JobOrBatch = Annotated[str, typer.Argument(help="Id of a job or a batch.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Save the result here: a file (several results: a zip), or a folder."),
]


@app.command()
def up() -> None:
    """Start the whole platform on this machine; Ctrl-C stops it."""
    from cli.up import up as start

    start(_settings())


@app.command()
def submit(
    operation: Annotated[str, typer.Argument(help="What to do, for example compress.")],
    files: Annotated[list[Path], typer.Argument(help="Documents; several make a batch.")],
    option: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="May be given again.")] = None,
    password: Annotated[str | None, typer.Option(help="Of the PDF; - asks for it.")] = None,
    priority: Annotated[int | None, typer.Option(min=0, max=9, help="0 is served first.")] = None,
    output: Output = None,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="Show the progress until the end.")] = False,
) -> None:
    """Submit documents and print the id of the job or batch."""
    from cli.submit import submit as send

    _settings()
    if password == "-":  # noqa: S105 - not a password
        password = typer.prompt("Password", hide_input=True, err=True)
    code = send(operation, files, option or [], password=password, priority=priority, output=output, wait=wait)
    raise typer.Exit(code)


@app.command()
def watch(job: JobOrBatch, output: Output = None) -> None:
    """Show the progress of a job or batch until it ends."""
    from cli.submit import watch as follow

    _settings()
    raise typer.Exit(follow(job, output))


@app.command()
def jobs(
    status: Annotated[str | None, typer.Option(help="pending, processing, completed, failed or cancelled.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="So many of the newest.")] = 20,
) -> None:
    """List the newest jobs."""
    from cli.jobs import list_jobs

    _settings()
    list_jobs(status, limit)


@app.command()
def queues() -> None:
    """List the queues, what waits in them and who works on them."""
    from cli.jobs import list_queues

    _settings()
    list_queues()


@app.command()
def explain(job: Job) -> None:
    """Say why a job is where it is, with its journal."""
    from cli.jobs import explain as tell

    _settings()
    tell(job)


@app.command()
def cancel(job: JobOrBatch) -> None:
    """End a job, or every job of a batch."""
    from cli.jobs import cancel as ask

    _settings()
    ask(job)


@app.command()
def retry(job: Job) -> None:
    """Try a failed or cancelled job again."""
    from cli.jobs import retry as ask

    _settings()
    ask(job)


@app.command()
def verify() -> None:
    """Send a sample through every queue; exit code 1 when anything is wrong."""
    from cli.verify import verify as look

    _settings()
    raise typer.Exit(look())


@app.command()
def settings() -> None:
    """Show every setting, its value, and where that comes from."""
    from cli.settings_table import print_settings

    _settings()
    print_settings()


@app.command()
def migrate() -> None:
    """Bring the schema of the database up to date."""
    from cli.processes import migrate as bring

    _settings()
    bring()


@app.command()
def worker(service: Annotated[str, typer.Argument(help="For example compression.")]) -> None:
    """Run one worker, and nothing else."""
    from cli.processes import run_worker

    _settings()
    run_worker(service)


@app.command()
def gateway() -> None:
    """Run the gateway, and nothing else."""
    from cli.processes import run_gateway

    _settings()
    run_gateway()


deploy = typer.Typer(help="Manifests for containers.", no_args_is_help=True)
app.add_typer(deploy, name="deploy")

Manifests = Annotated[Path | None, typer.Argument(help="The folder of the manifests; deploy/ by default.")]


@deploy.command("render")
def deploy_render(folder: Manifests = None) -> None:
    """Write the manifests from the operations and settings in the code."""
    from cli.deploy.commands import render

    render(folder)


@deploy.command("check")
def deploy_check(folder: Manifests = None) -> None:
    """Say what is wrong with the manifests as they are: a queue without a consumer, limits that disagree."""
    from cli.deploy.commands import check

    raise typer.Exit(check(folder))


def _settings() -> Settings:
    """The settings. Raises SetUpError when the environment holds a wrong one."""
    from cli.settings_table import in_force

    return in_force()


if __name__ == "__main__":
    app()

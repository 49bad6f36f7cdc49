"""One command for each operation, made from its contract: `bindery compress a.pdf -o b.pdf --preset small`."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from cli.flags import Flag, flags_of, secret, values
from cli.wishes import Wishes
from shared.operation import Operation, Step

_PLACES = "Documents and results"
_CONNECTION = "How it is done"

Out = Annotated[
    str | None,
    typer.Option(
        *("--out", "-o"),
        metavar="PATH",
        help="A file, a folder (an existing one, or a name that ends with /), a .zip, or - for stdout. Without it: "
        "the current folder; stdout if the document came from stdin.",
        rich_help_panel=_PLACES,
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.", rich_help_panel=_PLACES)]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print the record of each job or batch as a line of JSON, and nothing else. Saves only with --out.",
        rich_help_panel=_PLACES,
    ),
]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait/--no-wait",
        help="Show the progress and save the results, or print the id at once. While it waits, Ctrl-C cancels what "
        "was submitted.",
        rich_help_panel=_CONNECTION,
    ),
]
Local = Annotated[
    bool,
    typer.Option("--local", help="Do it here in a sandbox, without any server.", rich_help_panel=_CONNECTION),
]
Processes = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, max=256, help="With --local: so many at once.", rich_help_panel=_CONNECTION),
]
Password = Annotated[
    str | None,
    typer.Option(
        metavar="-|@FILE|TEXT",
        help="Of an encrypted PDF. `-` asks for it and `@FILE` reads it; what stands in the command other users of "
        "this machine see.",
        rich_help_panel=_PLACES,
    ),
]
Priority = Annotated[
    int | None,
    typer.Option(metavar="0..9", min=0, max=9, help="0 is served first. Default: 5.", rich_help_panel=_CONNECTION),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Do it again, even if the result is known.", rich_help_panel=_CONNECTION)
]
FromJob = Annotated[
    str | None, typer.Option(metavar="ID", help="Take what this job made as well.", rich_help_panel=_PLACES)
]


class OperationCommand(TyperCommand):
    """A command whose help tells its own options apart from those of all operations."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, those of the operation first."""
        sections: dict[str, list[tuple[str, str]]] = {f"Options of {self.name}": []}
        for parameter in self.get_params(ctx):
            if record := parameter.get_help_record(ctx):
                title = getattr(parameter, "rich_help_panel", None) or f"Options of {self.name}"
                sections.setdefault(title if parameter.name != "help" else _CONNECTION, []).append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def command_of(operation: Operation) -> Any:
    """The command of an operation, as Typer makes it."""
    flags = flags_of(operation)
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(
        operation.name,
        cls=OperationCommand,
        help=description(operation),
        short_help=operation.summary,
        context_settings={"max_content_width": 110},
        no_args_is_help=operation.inputs != "none",
    )(_function(operation, flags))
    return typer.main.get_command(app)


def description(operation: Operation) -> str:
    """What an operation does, takes and makes, in sentences."""
    takes = {
        "none": "Takes no file.",
        "one": "Takes one file, or several, each by itself",
        "many": "Takes files together",
    }
    kinds = ", ".join(kind.label for kind in operation.accepts)
    makes = ", ".join(kind.label for kind in operation.produces) or "an answer, printed as JSON"
    sentences = [operation.summary, takes[operation.inputs] + (f" ({kinds})." if kinds else ""), f"Makes {makes}."]
    for place, steps in (("Before", operation.preceded_by), ("After", operation.followed_by)):
        sentences.extend(_goes_along(place, step) for step in steps)
    return " ".join(sentences)


def _goes_along(place: str, step: Step) -> str:
    return f"{place} it goes {step.operation}, {step.when.replace('`', '')}."


def _function(operation: Operation, flags: list[Flag]) -> Any:
    """A function whose signature names all flags: that is what Typer reads."""

    def run(**given: Any) -> None:
        from cli.operate import operate

        wishes = wishes_of(given)
        options = dict(values(flags, given))
        raise typer.Exit(operate(operation.name, options, wishes, together=operation.inputs == "many"))

    parameters = [*common_parameters(files=operation.inputs), *(flag.parameter() for flag in flags)]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def common_parameters(*, files: str = "one") -> list[inspect.Parameter]:
    """The parameters that every command on documents has."""
    documents = Annotated[
        list[str] | None,
        typer.Argument(metavar="FILES", help="Documents; - is stdin.", show_default=False, rich_help_panel=_PLACES),
    ]
    declared: dict[str, tuple[Any, Any]] = {
        **({} if files == "none" else {"files": (documents, None)}),
        "out": (Out, None),
        "overwrite": (Overwrite, False),
        **({} if files == "none" else {"password": (Password, None), "from_job": (FromJob, None)}),
        "as_json": (AsJson, False),
        "wait": (Wait, True),
        "local": (Local, False),
        "processes": (Processes, None),
        "priority": (Priority, None),
        "fresh": (Fresh, False),
    }
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in declared.items()
    ]


def wishes_of(given: dict[str, Any]) -> Wishes:
    """What was asked for beside the options. A password that is `-` is asked for. Raises UsageError."""
    password = given.get("password")
    return Wishes(
        files=tuple(given.get("files") or ()),
        out=given["out"],
        overwrite=given["overwrite"],
        password=secret(password, "password") if password is not None else None,
        from_job=given.get("from_job"),
        as_json=given["as_json"],
        wait=given["wait"],
        local=given["local"],
        processes=given["processes"],
        priority=given["priority"],
        fresh=given["fresh"],
    )

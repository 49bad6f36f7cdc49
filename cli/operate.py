"""Does an operation on documents, on the platform or here, and brings the results to where they are wanted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bindery import Client, ClientError, Job, Pipeline
from bindery.flows import Followed
from cli import documents
from cli.connection import connected
from cli.errors import EXIT_JOB_FAILED
from cli.places import Place
from cli.progress_bars import Bars
from cli.results import Results, print_json
from cli.terminal import console
from cli.wishes import Wishes

#: A gateway that restarts is waited for.
PATIENCE_S = 60
#: After Ctrl-C nobody wants to wait that long.
_CANCEL_PATIENCE_S = 5
#: Files in one request: with more the server would say nothing for too long, and refuse them beyond a thousand.
_FILES_PER_BATCH = 200

#: Submits some of the documents.
Send = Callable[[Client, Sequence[Path]], Followed]


def operate(operation: str, options: Mapping[str, Any], wishes: Wishes, *, together: bool) -> int:
    """Do an operation and save its results. Returns the exit code. `together`: it takes all documents at once."""
    wishes.check()
    if wishes.local:
        from cli.local.run import run

        return run(operation, options, wishes)

    def send(client: Client, paths: Sequence[Path]) -> Followed:
        given: dict[str, Any] = {**options, **wishes.form_options}
        return client.submit(operation, list(paths), fresh=wishes.fresh, **given)

    return on_platform(send, wishes, together=together)


def on_platform(send: Send, wishes: Wishes, *, together: bool) -> int:
    """Submit documents, wait for what becomes of them and save it. Returns the exit code."""
    wishes.check()
    place = Place(wishes)
    with documents.found(wishes.files) as paths, connected(patience_s=PATIENCE_S) as client:
        under_way: list[Followed] = []
        with cancelled_at_interrupt(client, under_way, wanted=wishes.wait):
            for some in _portions(paths, together=together):
                under_way.append(send(client, some))
                if not wishes.wait:
                    _print_id(under_way[-1], wishes)
            return see_through(client, under_way, wishes, place) if wishes.wait else 0


def _portions(paths: Sequence[Path], *, together: bool) -> list[Sequence[Path]]:
    """The documents of each request."""
    if together or not paths:
        return [paths]
    return [paths[start : start + _FILES_PER_BATCH] for start in range(0, len(paths), _FILES_PER_BATCH)]


def _print_id(record: Followed, wishes: Wishes) -> None:
    if wishes.as_json:
        print_json(record.raw)
    else:
        sys.stdout.write(f"{record.id}\n")
        sys.stdout.flush()


def see_through(client: Client, records: Sequence[Followed], wishes: Wishes, place: Place) -> int:
    """Show the progress of what was submitted until it ends, and save the results. Returns the exit code."""
    with Bars() as bars:
        results = Results(wishes, place, client.fetch, bars.say)
        for record in records:
            ended = record if record.ended else _wait(client, record, bars)
            results.add(ended.raw, _jobs(ended), _last_jobs(ended))
        results.finish()
    return EXIT_JOB_FAILED if results.failed else 0


def _wait(client: Client, record: Followed, bars: Bars) -> Followed:
    ended: Followed = client.wait(record, on_progress=bars.tell if bars.shown else None)
    bars.tell(ended)
    return ended


def _jobs(record: Followed) -> Sequence[Job]:
    return [record] if isinstance(record, Job) else record.jobs


def _last_jobs(record: Followed) -> Sequence[Job]:
    """The jobs whose outputs are the result."""
    return record.steps[-1].jobs if isinstance(record, Pipeline) else _jobs(record)


@contextmanager
def cancelled_at_interrupt(client: Client, under_way: Sequence[Followed], *, wanted: bool) -> Iterator[None]:
    """With Ctrl-C, cancel what is under way: nobody waits for it any more. A second Ctrl-C leaves at once."""
    try:
        yield
    except KeyboardInterrupt:
        if wanted and under_way:
            out = console(stderr=True)
            out.print("[yellow]cancelling; Ctrl-C again leaves at once[/]")
            client.patience_s = _CANCEL_PATIENCE_S
            for record in under_way:
                # What has ended meanwhile cannot be cancelled; what is out of reach goes on.
                with suppress(ClientError):
                    client.cancel(record)
                    out.print(f"[yellow]cancelled[/] {record.id}")
        raise

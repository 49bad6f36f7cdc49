"""Progress bars on stderr, one per document that is worked on; none where nobody sits before a terminal."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bindery import Job, Pipeline, Record
from bindery.flows import Followed
from cli.terminal import console

#: Bars beside the one for the whole: more than that nobody reads.
_MOST_BARS = 12
_LONGEST_NAME = 40


class Bars:
    """A context manager that shows what it is told of jobs, batches and pipelines."""

    def __init__(self) -> None:
        out = console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
        )
        self.shown = out.is_terminal
        # Rich would write above the bars, to stderr, what is meant for a pipe.
        on_screen = sys.stdout.isatty()
        self._progress = Progress(
            *columns, console=out, disable=not self.shown, transient=True, redirect_stdout=on_screen
        )
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, line: str) -> None:
        """Write a line of rich markup above the bars."""
        self._progress.console.print(line)

    def tell(self, record: Followed) -> None:
        """Show a record as it is now."""
        if not self.shown:
            return
        jobs = [record] if isinstance(record, Job) else record.jobs
        for job in jobs:
            if job.ended:
                self._drop(job.id)
            elif len(jobs) == 1 or job.status == "processing":
                self._show(job.id, _name(job), job, most=_MOST_BARS)
        if record.ended:
            self._drop(record.id)
        elif len(jobs) > 1:
            what = "pipeline" if isinstance(record, Pipeline) else jobs[0].operation
            self._show(record.id, f"{what}, {len(jobs)} {'jobs' if isinstance(record, Pipeline) else 'files'}", record)

    def _show(self, key: str, description: str, record: Record, *, most: int | None = None) -> None:
        if key not in self._bars:
            if most is not None and len(self._bars) > most:
                return
            self._bars[key] = self._progress.add_task(escape(description), total=100, note="")
        self._progress.update(self._bars[key], completed=record.progress.percent, note=escape(_note(record)))

    def _drop(self, key: str) -> None:
        if (bar := self._bars.pop(key, None)) is not None:
            self._progress.remove_task(bar)


def _name(job: Job) -> str:
    name = ", ".join(document.name for document in job.inputs) or job.operation
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _note(record: Record) -> str:
    if isinstance(record, Job) and record.status == "pending" and record.waiting:
        return record.waiting
    return f"{record.status} {record.progress.message}".strip()

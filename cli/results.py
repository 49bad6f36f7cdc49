"""What became of jobs: a line for each on stderr; documents where they belong, answers and records on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from rich.markup import escape

from bindery import Document, Job
from bindery.records import Raw
from cli.places import Made, Place, Sort
from cli.wishes import Wishes

#: Writes one output of a job to a path.
Fetch = Callable[[Document, Path], object]


@dataclass
class Results:
    """Takes jobs that have ended, until all are there."""

    wishes: Wishes
    place: Place
    fetch: Fetch
    #: Writes a line for a person.
    say: Callable[[str], None]
    failed: int = 0

    def __post_init__(self) -> None:
        self._kept: list[Made] = []

    def add(self, record: Raw, jobs: Sequence[Job], made_by: Sequence[Job]) -> None:
        """Take a record that has ended, the jobs that people want to hear of, and those whose outputs are wanted."""
        if self.wishes.as_json:
            print_json(record)
        for job in jobs:
            self.failed += job.status != "completed"
            self.say(line(job))
        if not self.wishes.saves:
            return
        for job in made_by:
            if job.status == "completed":
                self._take(job)
        if self.place.sort is Sort.FOLDER:
            self.finish()

    def finish(self) -> None:
        """Save what is not saved yet."""
        kept, self._kept = self._kept, []
        if kept:
            for path in self.place.save(kept):
                # Where a person or a program finds it; stdout holds nothing else.
                if not self.wishes.as_json:
                    sys.stdout.write(f"{path}\n")
            sys.stdout.flush()

    def _take(self, job: Job) -> None:
        outputs = [document for document in job.outputs if document.url]
        if outputs:
            self._kept.extend(self._made(document) for document in outputs)
        elif job.result is not None and not job.outputs:
            answer = json.dumps(job.result, indent=2, ensure_ascii=False) + "\n"
            if self.wishes.out is None:
                if not self.wishes.as_json:
                    sys.stdout.write(answer)
            else:
                name = PurePath(job.inputs[0].name).stem if job.inputs else job.operation
                self._kept.append(Made(f"{name}.json", lambda path: path.write_text(answer)))

    def _made(self, document: Document) -> Made:
        return Made(document.name, lambda path: self.fetch(document, path))


def print_json(record: Raw) -> None:
    """Print a record as one line of JSON."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def line(job: Job) -> str:
    """What became of a job, in one line of rich markup."""
    name = escape(", ".join(stored.name for stored in job.inputs) or job.operation)
    if job.status == "completed":
        before, after = (sum(stored.bytes for stored in files) for files in (job.inputs, job.outputs))
        share = f", {100 * after / before:.0f} %" if before and after else ""
        sizes = f": {before:,} -> {after:,} bytes{share}" if after else ""
        return f"[green]completed[/] {name}{sizes}, {job.raw.get('run_seconds') or 0:.1f} s"
    if job.error:
        told = f"{escape(job.error.message)} Remedy: {escape(job.error.remedy)}"
        return f"[red]{job.status}[/] {name}: {escape(f'[{job.error.code}]')} {told}"
    return f"[yellow]{job.status}[/] {name}"

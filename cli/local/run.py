"""`--local`: does an operation here, in the sandbox of a worker and without any server; same options, same result."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from bindery import Document, Job, records
from bindery.records import Raw
from bindery.uploads import form
from cli import documents
from cli.errors import EXIT_JOB_FAILED, UsageError
from cli.local import job_records
from cli.local.engines import Engines
from cli.local.job_records import Told
from cli.local.steps import follow
from cli.places import Place, Sort
from cli.progress_bars import Bars
from cli.results import Results
from cli.settings_table import in_force
from cli.wishes import Wishes
from gateway import fields
from gateway.chain_jobs import Link, links
from gateway.chains import chain_of
from gateway.fields import Choices, Problems, not_accepted
from shared import catalogue, names
from shared.errors import EmptyFile, MissingFile
from shared.media_types import SNIFFED_BYTES, accepted, recognise
from shared.operation import InputFile, Operation

_SHOW_EVERY_S = 0.2


@dataclass(frozen=True)
class _Work:
    """What one job would be: some documents and the steps they go through."""

    operation: Operation
    files: list[InputFile]
    steps: list[Link]
    told: Told
    #: Where it is done.
    folder: Path


def run(name: str, options: Mapping[str, Any], wishes: Wishes) -> int:
    """Do an operation on documents and save its results. Returns the exit code.

    Raises:
        UsageError, NoSuchFile: the command cannot be carried out.
        OptionsError, UnsupportedMediaType, ...: what a gateway would answer.
        ExtraMissing: the engines are not installed here.
    """
    in_force()
    # What engines tell an operator is nothing that a person at a terminal wants to read.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    operation = catalogue.load().operation(name)
    if operation.service.trusted:
        raise UsageError(f"{name} works on a platform, not on documents.", remedy="Leave out --local.")
    place = Place(wishes)
    with documents.found(wishes.files) as paths, tempfile.TemporaryDirectory(prefix="bindery-local-") as scratch:
        # The sandbox leads here, and a link on the way (/tmp on some systems) would lead its children astray.
        folder = Path(scratch).resolve()
        engines = Engines(folder)
        try:
            works = list(_works(operation, options, paths, wishes, folder))
            for step in (step for work in works for step in work.steps):
                engines.open(step.operation.service)
            return _carry_out(works, engines, place, wishes)
        finally:
            engines.close()


def _works(
    operation: Operation, options: Mapping[str, Any], paths: Sequence[Path], wishes: Wishes, folder: Path
) -> Iterator[_Work]:
    problems = Problems()
    given = form((), {**options, "password": wishes.password}).fields
    choices = fields.read(list(given.items()), operation, problems)
    files = [_input(path, operation, problems) for path in paths]
    if operation.inputs != "none" and not paths:
        problems.add_file(None, MissingFile())
    problems.raise_if_any()
    found = [file for file in files if file]
    for number, some in enumerate([found] if operation.inputs != "one" else [[file] for file in found]):
        steps, told = _steps(operation, choices, some), Told(operation.name, some)
        yield _Work(operation, some, steps, told, folder / f"job-{number}")


def _steps(operation: Operation, choices: Choices, files: Sequence[InputFile]) -> list[Link]:
    assert choices.valid
    chain = chain_of(catalogue.load(), operation, choices.valid, [file.media_type for file in files])
    return links(operation, choices.options, choices.secrets, chain)


def _input(path: Path, operation: Operation, problems: Problems) -> InputFile | None:
    """A document as the gateway would take it in. What is wrong becomes `problems`."""
    name = names.safe(path.name, otherwise=f"document{operation.accepts[0].suffix}")
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if not head:
        problems.add_file(name, EmptyFile())
        return None
    kind = recognise(head, name)
    media_type = accepted(kind, operation.accepts)
    if media_type is None:
        problems.add_file(name, not_accepted(operation, kind.label if kind else None))
        return None
    return InputFile(path, name, media_type.name)


def _carry_out(works: Sequence[_Work], engines: Engines, place: Place, wishes: Wishes) -> int:
    with Bars() as bars, ThreadPoolExecutor(wishes.processes or os.cpu_count() or 1) as pool:
        results = Results(wishes, place, _fetch, bars.say)
        running: dict[Future[Job], _Work] = {}
        try:
            for work in works:
                running[pool.submit(_do, work, engines)] = work
            while running:
                ended, _ = wait(running, timeout=_SHOW_EVERY_S, return_when=FIRST_COMPLETED)
                for future in ended:
                    job = future.result()
                    bars.tell(job)
                    results.add(_public(job), [job], [job])
                    work = running.pop(future)
                    if place.sort is Sort.FOLDER:
                        # Saved already: a thousand documents need not lie here twice.
                        shutil.rmtree(work.folder, ignore_errors=True)
                for work in running.values():
                    if work.told.running:
                        bars.tell(records.job(work.told.record()))
        except BaseException:
            # Ctrl-C, or a result that cannot be saved: nothing goes on behind it.
            engines.stopping.set()
            pool.shutdown(cancel_futures=True)
            raise
        results.finish()
    return EXIT_JOB_FAILED if results.failed else 0


def _do(work: _Work, engines: Engines) -> Job:
    work.told.begin()
    whole = follow(work.steps, work.operation.name, work.files, work.folder, engines, work.told.progress)
    return records.job(work.told.end(whole))


def _public(job: Job) -> Raw:
    """The record without the places of outputs that will be gone in a moment."""
    return {**job.raw, "outputs": [{**output, "url": None} for output in job.raw["outputs"]]}


def _fetch(document: Document, target: Path) -> None:
    assert document.url
    shutil.copyfile(job_records.path_of(document.url), target)

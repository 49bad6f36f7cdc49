"""The programs that we measure ourselves against: called one document at a time, their output counted."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2

from benchmarks.corpus import CORPUS, Document, indexed
from benchmarks.measure import ForkServer, Run

#: All figures of CPU seconds are taken on this core.
CORE = 0


@dataclass(frozen=True)
class Program:
    """A way to call an installed program; `{source}` and `{folder}` stand for the paths."""

    name: str
    arguments: tuple[str, ...]

    @property
    def installed(self) -> bool:
        """Whether it can be run here."""
        return shutil.which(self.arguments[0]) is not None

    def command(self, source: Path, folder: Path) -> list[str]:
        """The call for one document whose output goes into a folder."""
        return [part.format(source=source, folder=folder) for part in self.arguments]


@dataclass
class Cost:
    """What one contender needed for all documents together."""

    cpu_s: float = 0.0
    written_bytes: int = 0
    pages: int = 0
    peak_bytes: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, run: Run, pages: int, written_bytes: int) -> None:
        """Count one document."""
        self.cpu_s += run.cpu_s
        self.pages += pages
        self.written_bytes += written_bytes
        self.peak_bytes = max(self.peak_bytes, run.peak_bytes)

    @property
    def pages_per_cpu_s(self) -> float:
        """The rate that tables show."""
        return self.pages / self.cpu_s if self.cpu_s else 0.0


def readable(*, quick: bool, corpus: Path = CORPUS) -> list[Document]:
    """The documents of the corpus that open without a password and are whole; every sixth when `quick`."""
    whole = [document for document in indexed(corpus) if document.kind not in ("damaged", "encrypted")]
    return whole[:: 6 if quick else 1]


@cache
def page_count(document: Document) -> int:
    """How many pages a document has."""
    opened = pypdfium2.PdfDocument(document.path)
    try:
        return len(opened)
    finally:
        opened.close()


def usable(programs: Iterable[Program]) -> list[Program]:
    """Those that are installed; each other one is named, loudly."""
    found = []
    for program in programs:
        if program.installed:
            found.append(program)
        else:
            print(f"!! LEFT OUT: {program.name}: `{program.arguments[0]}` is not installed", file=sys.stderr)
    return found


def costs_of_programs(
    programs: Iterable[Program], documents: list[Document], count_pages: Callable[[list[Path]], int]
) -> dict[str, Cost]:
    """Run each program over each document, one at a time; `count_pages` counts what it wrote.

    A document of which a program makes nothing is named in its cost and counted in none.
    """
    server = ForkServer("benchmarks.measure:execute", {CORE})
    costs: dict[str, Cost] = {}
    for program in usable(programs):
        cost = costs.setdefault(program.name, Cost())
        for document in documents:
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                run = server(command=program.command(document.path, Path(folder)), errors=f"{folder}.err")
                Path(f"{folder}.err").unlink(missing_ok=True)
                written = [path for path in Path(folder).iterdir() if path.stat().st_size]
                if run.error or not written:
                    cost.failed.append(document.name)
                else:
                    cost.add(run, count_pages(written), sum(path.stat().st_size for path in written))
    server.close()
    return costs


def cost_of_ours(engine: str, documents: list[Document], options_of: Callable[[Document], dict[str, Any]]) -> Cost:
    """One warm process, a fork per document, as a worker does it; `engine` is named as `module:function`."""
    server, cost = ForkServer(engine, {CORE}), Cost()
    for document in documents:
        run = server(source=str(document.path), options=options_of(document))
        if run.error:
            cost.failed.append(document.name)
        else:
            cost.add(run, run.value["pages"], run.value["bytes"])
    server.close()
    return cost

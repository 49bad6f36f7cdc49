"""Splitting into single pages: CPU and bytes beside qpdf and pdfseparate."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.conversion.merge import documents
from benchmarks.conversion.merge import ours as merge_ours
from benchmarks.conversion.programs import CORE, Program, usable
from benchmarks.corpus import CORPUS
from benchmarks.measure import ForkServer, Run
from benchmarks.platform.figure import Figure
from services.file_ops.assembly.split import split
from services.file_ops.contracts.assembly import SplitOptions
from shared.media_types import PDF
from shared.operation import InputFile, Task

_FILES, _PAGES = 200, 5
#: Each is run so often; the cheapest run counts, because a busy machine only makes runs dearer.
_RUNS = 3
#: Target of the project: of qpdf's CPU, at fewer bytes.
_OF_QPDF = 1.5
#: A report, a book and a scan whose pages share fonts and pictures.
_REAL = ("office__DA-619p.pdf", "paper__GeoTopo-komprimiert.pdf", "scan__pdf2image-memory-error-test-400p.pdf")

_RIVALS = (
    Program("qpdf", ("qpdf", "{source}", "--split-pages=1", "{folder}/p%d.pdf")),
    Program("pdfseparate", ("pdfseparate", "{source}", "{folder}/p%d.pdf")),
)


def ours(source: str, folder: str) -> int:
    """Split into single pages, as the fork servers of `benchmarks.measure` call it."""
    task = Task((InputFile(Path(source), "document.pdf", PDF.name),), Path(folder))
    return int(split(task, SplitOptions())["parts_count"])


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """A made document of 1000 pages with everything, then real ones."""
    files = _FILES // (10 if quick else 1)
    merge_ours(documents(folder, files), str(folder / "made.pdf"))
    real = [CORPUS / "pdf" / name for name in _REAL[: 1 if quick else None]]
    figures = [_figure(f"{files * _PAGES} pages with everything", folder / "made.pdf", folder)]
    return figures + [_figure(path.name, path, folder) for path in real if path.exists()]


def _figure(name: str, source: Path, folder: Path) -> Figure:
    server = ForkServer("benchmarks.conversion.split:ours", {CORE})
    costs = {"ours": _cheapest(lambda out: server(source=str(source), folder=str(out)), folder)}
    server.close()
    execute = ForkServer("benchmarks.measure:execute", {CORE})
    # pdfseparate needs minutes for real documents: one figure of it tells enough.
    for program in usable(_RIVALS if source.parent == folder else _RIVALS[:1]):
        costs[program.name] = _cheapest(
            lambda out, program=program: execute(command=program.command(source, out), errors=str(folder / "errors")),
            folder,
            runs=1 if program.name == "pdfseparate" else _RUNS,
        )
    execute.close()
    cpu_s, size = costs["ours"]
    others = {who: f"{seconds:.2f} s; {written / 1e6:.2f} MB" for who, (seconds, written) in costs.items()}
    del others["ours"]
    ratio = cpu_s / costs["qpdf"][0] if "qpdf" in costs else None
    return Figure(
        f"split into single pages, {name}, CPU seconds; bytes",
        f"{cpu_s:.2f} s{f' ({ratio:.2f} of qpdf)' if ratio else ''}; {size / 1e6:.2f} MB",
        others,
        reach=f"{_OF_QPDF} x qpdf, fewer bytes",
        reached=None if ratio is None else ratio <= _OF_QPDF and size < costs["qpdf"][1],
        numbers={who: {"cpu_s": seconds, "bytes": written} for who, (seconds, written) in costs.items()},
    )


def _cheapest(run: Callable[[Path], Run], folder: Path, runs: int = _RUNS) -> tuple[float, int]:
    """The least CPU seconds of several runs, and the bytes that one wrote. Raises RuntimeError when one fails."""
    seconds, written = [], 0
    for _ in range(runs):
        out = folder / "parts"
        out.mkdir()
        done = run(out)
        if done.error:
            raise RuntimeError(done.error)
        seconds.append(done.cpu_s)
        written = sum(path.stat().st_size for path in out.iterdir())
        shutil.rmtree(out)
    return min(seconds), written

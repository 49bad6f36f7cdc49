"""Pages as images at 150 dpi: CPU, bytes and memory beside other renderers, and what a second core brings."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from benchmarks.conversion.programs import Cost, Program, cost_of_ours, costs_of_programs, page_count, readable
from benchmarks.corpus import Document
from benchmarks.measure import ForkServer
from benchmarks.platform.figure import Figure

_DPI = 150
#: Of each document, at most so many pages from the first on: large ones would be all that is measured.
_PAGES = 5
_QUALITY_PERCENT = 85
#: Targets of the project.
_PNG_OVER_PDFTOPPM, _PNG_OVER_MUTOOL, _JPEG_OVER_PDFTOPPM, _TWO_SLOTS = 8.0, 1.4, 1.0, 1.7
_MOST_MB = 300

_POPPLER = ("pdftoppm", "-r", str(_DPI), "-l", str(_PAGES))
_GHOSTSCRIPT = ("gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", f"-r{_DPI}", f"-dLastPage={_PAGES}")
_SMOOTH = ("-dTextAlphaBits=4", "-dGraphicsAlphaBits=4")
_PNG_RIVALS = (
    Program("pdftoppm", (*_POPPLER, "-png", "{source}", "{folder}/page")),
    Program(
        "mutool",
        ("mutool", "draw", "-q", "-r", str(_DPI), "-F", "png", "-o", "{folder}/%d.png", "{source}", f"1-{_PAGES}"),
    ),
    Program("gs", (*_GHOSTSCRIPT, *_SMOOTH, "-sDEVICE=png16m", "-sOutputFile={folder}/%d.png", "{source}")),
)
_JPEG_RIVALS = (
    Program(
        "pdftoppm",
        (*_POPPLER, "-jpeg", "-jpegopt", f"quality={_QUALITY_PERCENT}", "{source}", "{folder}/page"),
    ),
    Program(
        "gs",
        (
            *_GHOSTSCRIPT,
            *_SMOOTH,
            "-sDEVICE=jpeg",
            f"-dJPEGQ={_QUALITY_PERCENT}",
            "-sOutputFile={folder}/%d.jpg",
            "{source}",
        ),
    ),
)


def measure_png(folder: Path, *, quick: bool) -> list[Figure]:
    """PNG: rate, bytes and memory, and two slots against one."""
    documents = readable(quick=quick)
    rivals = costs_of_programs(_PNG_RIVALS, documents, len)
    ours = _ours(documents, {"to": "png"})
    times = {name: ours.pages_per_cpu_s / cost.pages_per_cpu_s for name, cost in rivals.items()}
    bytes_ratio = ours.written_bytes / rivals["pdftoppm"].written_bytes if "pdftoppm" in rivals else None
    faster = _two_slots(documents, {"to": "png"})
    return [
        _rate_figure(
            f"{_DPI}-dpi PNG, pages per CPU second, {ours.pages} pages of {len(documents)} files",
            ours,
            rivals,
            f"{_PNG_OVER_PDFTOPPM:g} x pdftoppm, {_PNG_OVER_MUTOOL:g} x mutool",
            reached=times.get("pdftoppm", 0) >= _PNG_OVER_PDFTOPPM and times.get("mutool", 0) >= _PNG_OVER_MUTOOL,
        ),
        Figure(
            "its bytes over pdftoppm's",
            f"{ours.written_bytes / 1e6:.1f} MB" + (f" ({bytes_ratio:.3f} x)" if bytes_ratio else ""),
            {name: f"{cost.written_bytes / 1e6:.1f} MB" for name, cost in rivals.items()},
            reach="at most 1.0 x",
            reached=None if bytes_ratio is None else bytes_ratio <= 1.0,
        ),
        Figure(
            "its peak memory, process included",
            f"{ours.peak_bytes / 1e6:.0f} MB",
            {name: f"{cost.peak_bytes / 1e6:.0f} MB" for name, cost in rivals.items()},
            reach=f"at most {_MOST_MB} MB",
            reached=ours.peak_bytes <= _MOST_MB * 1e6,
        ),
        Figure(
            "two slots on two cores, times faster by the clock (only an idle machine answers truly)",
            f"{faster:.2f} x",
            reach=f"{_TWO_SLOTS:g} x",
            reached=faster >= _TWO_SLOTS,
        ),
    ]


def measure_jpeg(folder: Path, *, quick: bool) -> list[Figure]:
    """JPEG of the same quality: rate and bytes."""
    documents = readable(quick=quick)
    rivals = costs_of_programs(_JPEG_RIVALS, documents, len)
    ours = _ours(documents, {"to": "jpeg", "quality_percent": _QUALITY_PERCENT})
    over = ours.pages_per_cpu_s / rivals["pdftoppm"].pages_per_cpu_s if "pdftoppm" in rivals else None
    return [
        _rate_figure(
            f"{_DPI}-dpi JPEG of quality {_QUALITY_PERCENT}, pages per CPU second",
            ours,
            rivals,
            f"{_JPEG_OVER_PDFTOPPM:g} x pdftoppm",
            reached=None if over is None else over >= _JPEG_OVER_PDFTOPPM,
        )
    ]


def _options(document: Document, options: dict[str, Any]) -> dict[str, Any]:
    """What our engine is told; it refuses pages that are not there."""
    return {**options, "dpi": _DPI, "pages": f"1-{min(page_count(document), _PAGES)}"}


def _ours(documents: list[Document], options: dict[str, Any]) -> Cost:
    return cost_of_ours("benchmarks.conversion.engines:page_images", documents, lambda one: _options(one, options))


def _rate_figure(what: str, ours: Cost, rivals: dict[str, Cost], reach: str, *, reached: bool | None) -> Figure:
    texts = {
        name: f"{cost.pages_per_cpu_s:.1f} (we: {ours.pages_per_cpu_s / cost.pages_per_cpu_s:.2f} x)"
        + (f", failed on {len(cost.failed)}" if cost.failed else "")
        for name, cost in rivals.items()
    }
    everyone = {"ours": ours, **rivals}
    return Figure(
        what,
        f"{ours.pages_per_cpu_s:.1f}" + (f", failed on {', '.join(ours.failed)}" if ours.failed else ""),
        texts,
        reach=reach,
        reached=reached,
        numbers={
            name: {"pages": cost.pages, "cpu_s": cost.cpu_s, "bytes": cost.written_bytes}
            for name, cost in everyone.items()
        },
    )


def _two_slots(documents: list[Document], options: dict[str, Any]) -> float:
    """The time of one slot on one core over that of two on two cores, by the clock."""
    return _elapsed_s(documents, options, [0]) / _elapsed_s(documents, options, [0, 1])


def _elapsed_s(documents: list[Document], options: dict[str, Any], cores: list[int]) -> float:
    waiting: SimpleQueue[Document] = SimpleQueue()
    for document in sorted(documents, key=page_count, reverse=True):
        waiting.put(document)
    servers = [ForkServer("benchmarks.conversion.engines:page_images", {core}) for core in cores]

    def work(server: ForkServer) -> None:
        while True:
            try:
                document = waiting.get_nowait()
            except Empty:
                return
            server(source=str(document.path), options=_options(document, options))

    with tempfile.TemporaryDirectory(prefix="bench-"), ThreadPoolExecutor(len(cores)) as pool:
        # The first call pays for the imports of its server.
        for server in servers:
            server(source="/nowhere", options={"to": "png"})
        begun_s = time.monotonic()
        for slot in [pool.submit(work, server) for server in servers]:
            slot.result()
        spent_s = time.monotonic() - begun_s
    for server in servers:
        server.close()
    return spent_s

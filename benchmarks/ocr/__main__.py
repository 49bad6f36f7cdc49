"""The command: read every page in every condition with every program in turns, print figures and targets."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.corpus import CORPUS
from benchmarks.ocr.pages import KINDS, SourcePage, chosen_pages, worn_page
from benchmarks.ocr.programs import PROGRAMS, Program, language_packs, warm
from benchmarks.ocr.report import tables
from benchmarks.ocr.session import Record, measured
from benchmarks.ocr.wear import CONDITIONS

_RESULTS = Path(__file__).parents[1] / "results"
_CORE = 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--conditions", nargs="*", default=list(CONDITIONS), choices=list(CONDITIONS))
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--programs", nargs="*", help="names as they are printed")
    parser.add_argument("--most", type=int, help="so many pages of each kind and language; all by default")
    parser.add_argument("--quick", action="store_true", help="one page of each kind and language, two conditions")
    parser.add_argument("--tuning", action="store_true", help="the pages to tune with, which are never measured")
    parser.add_argument("--core", type=int, default=_CORE, help="the one core that everything runs on")
    parser.add_argument("--name", default="ocr", help="of the file of results")
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {chosen.core})
    programs = [program for program in PROGRAMS if not chosen.programs or program.name in chosen.programs]
    programs = [program for program in programs if _is_there(program)]
    warm([program.name for program in programs])
    conditions = ["scan200", "turned180"] if chosen.quick else chosen.conditions
    sources = [page for page in chosen_pages(chosen.corpus, tuning=chosen.tuning) if page.kind in chosen.kinds]
    records: list[Record] = []
    with tempfile.TemporaryDirectory(prefix="bench-ocr-") as name:
        try:
            for record in _run(sources, conditions, programs, Path(name), 1 if chosen.quick else chosen.most):
                records.append(record)
                _say(record)
        except KeyboardInterrupt:
            print("Interrupted: what was measured so far.")
    _RESULTS.mkdir(exist_ok=True)
    told = f"load {os.getloadavg()[0]:.1f}\n\n{tables(records)}\n"
    (_RESULTS / f"{chosen.name}.json").write_text(json.dumps([record.as_json() for record in records], indent=1))
    (_RESULTS / f"{chosen.name}.md").write_text(told)
    print(f"\n{told}")


def _is_there(program: Program) -> bool:
    if reason := program.missing():
        print(f"NOT MEASURED: {program.name}; {reason}")
    return reason is None


def _run(
    sources: Sequence[SourcePage],
    conditions: Sequence[str],
    programs: Sequence[Program],
    folder: Path,
    most: int | None,
) -> Iterator[Record]:
    for condition in conditions:
        for (_, language), group in groupby(_sorted(sources), key=lambda page: (page.kind, page.language)):
            pages = [worn_page(page, condition, folder) for page in list(group)[:most]]
            for program in programs:
                if program.name.startswith(("tesseract", "ocrmypdf")) and language_packs(language) is None:
                    print(f"NOT MEASURED: {program.name} on pages in {language}; no language pack")
                elif program.turns or not CONDITIONS[condition].turn_degrees:
                    yield measured(program, condition, pages)


def _sorted(sources: Sequence[SourcePage]) -> list[SourcePage]:
    return sorted(sources, key=lambda page: (KINDS.index(page.kind), page.language))


def _say(record: Record) -> None:
    score = record.score
    print(
        f"{record.condition} {record.kind} {record.program}: {score.pages} pages, CER {score.cer_percent:.2f} "
        f"({score.letters_percent:.2f}), placed {score.placed_percent:.1f}, order {score.order_percent:.1f}, "
        f"{record.cpu_s / score.pages:.2f} s/page, {record.peak_mb} MB ({record.private_mb}) {record.failed or ''}",
        flush=True,
    )


if __name__ == "__main__":
    main()
